import type { TargetingMode } from '../fleet/targeting.ts';
import type { DbOrTx } from '../store/schema.ts';
import { dayOf, readHistory, type HistoryRow } from '../store/status-history.ts';
import { addSummaries, type SetSummary } from '../store/status-summaries.ts';
import { chooseSets, type ChosenSets, type ComplianceScope } from './compliance-scope.ts';
import { ofComputers, ofUpdates, type ComplianceSummary } from './compliance-summary.ts';
import { complianceSummary } from './compliance.ts';

/** How things stood at the end of a day; today, how they stand. */
export interface TrendDay extends ComplianceSummary {
  /** `2026-12-31`, UTC. */
  readonly day: string;
}

/**
 * Day by day how things stood, as far back as is asked or known. A group is what its name means now; computers
 * count where they were then.
 */
export async function complianceTrend(
  db: DbOrTx,
  scope: ComplianceScope,
  options: { readonly days: number; readonly nowMs: number; readonly targeting: TargetingMode },
): Promise<TrendDay[]> {
  const today = dayOf(options.nowMs);
  const first = today - options.days + 1;
  const chosen = await chooseSets(db, scope, options.targeting);
  const history = await readHistory(db, first);
  const closed = Map.groupBy(history.rows, (row) => row.day);
  const now = await complianceSummary(db, scope, options.targeting);
  const trend: TrendDay[] = [];
  let standing: readonly HistoryRow[] | undefined;
  for (const day of closed.keys()) if (day < first) standing = closed.get(day);
  for (let day = first; day <= today; day++) {
    standing = closed.get(day) ?? standing;
    // Nothing has changed since the last day that is not closed.
    if ((history.openDay > 0 && day >= history.openDay) || day === today)
      trend.push({ day: nameOfDay(day), ...now });
    else if (standing !== undefined) trend.push({ day: nameOfDay(day), ...past(standing, chosen) });
  }
  return trend;
}

function past(rows: readonly HistoryRow[], chosen: ChosenSets): ComplianceSummary {
  const placements = rows.filter((row) => row.scope === 'placement');
  const categorySets = rows.filter((row) => row.scope === 'category');
  const total = (some: readonly HistoryRow[]): number => some.reduce((sum, row) => sum + row.members, 0);
  const known = { computers: total(placements), updates: total(categorySets) };
  if (chosen.kind === 'group') {
    const some = placements.filter((row) =>
      chosen.has({ groupIds: row.first === '' ? [] : row.first.split(' '), requestedGroups: row.second }),
    );
    return ofComputers(known, addSummaries(some.map((row) => asSummary(row, known.updates))));
  }
  const some = categorySets.filter((row) =>
    chosen.has({ categories: row.first === '' ? [] : row.first.split(' ').map(Number) }),
  );
  return ofUpdates(known, addSummaries(some.map((row) => asSummary(row, known.computers))));
}

function asSummary(row: HistoryRow, others: number): SetSummary {
  const { members, unknown, needed, downloaded, installed, failed, pending_reboot: pendingReboot } = row;
  const notApplicable = members * others - unknown - needed - downloaded - installed - failed - pendingReboot;
  return {
    members,
    counts: { unknown, notApplicable, needed, downloaded, installed, pendingReboot, failed },
    withNeeded: row.with_needed,
    withFailed: row.with_failed,
    withPendingReboot: row.with_pending,
    withOpen: row.with_open,
  };
}

const nameOfDay = (day: number): string => new Date(day * 86_400_000).toISOString().slice(0, 10);

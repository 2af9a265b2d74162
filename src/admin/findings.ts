import { FINDING_CURE, FINDING_MEANING, type FindingKind } from '../fleet/finding.ts';
import { requestedGroupNames } from '../fleet/targeting.ts';
import { listComputers } from '../store/computer-list.ts';
import {
  listIdentities,
  listNoticed,
  listRequests,
  listStates,
  type StoredFinding,
} from '../store/findings.ts';
import { listGroups } from '../store/groups.ts';
import type { DbOrTx } from '../store/schema.ts';

/** A finding as administrators see it. */
export interface FindingView extends StoredFinding {
  readonly name: string;
  readonly meaning: string;
  readonly cure: string;
  /** Facts behind it: names or hardware that take turns, or group names. */
  readonly evidence: readonly string[];
}

export interface FindingQuery {
  readonly kind?: FindingKind;
  readonly limit?: number;
  readonly nowMs: number;
}

const DAY_MS = 86_400_000;
/** Agents scan once a day. */
const SILENT_MS = 30 * DAY_MS;
const NOT_SCANNING_MS = 7 * DAY_MS;
const NOT_REPORTING_MS = 7 * DAY_MS;

/** What is wrong with computers, without who they are. */
export async function findFindings(db: DbOrTx, { kind, nowMs }: FindingQuery): Promise<StoredFinding[]> {
  const found = [
    ...(await listNoticed(db)),
    ...(await listStates(db, {
      silentSinceMs: nowMs - SILENT_MS,
      notScanningSinceMs: nowMs - NOT_SCANNING_MS,
      notReportingSinceMs: nowMs - NOT_REPORTING_MS,
    })),
    ...(await unknownGroups(db)).map(({ clientId }) => ({
      kind: 'unknown-group' as const,
      clientId,
      firstMs: nowMs,
      lastMs: nowMs,
      times: 1,
    })),
  ];
  return kind === undefined ? found : found.filter((one) => one.kind === kind);
}

/** What is wrong with computers: what it means, what proves it and what to do about it. */
export async function viewFindings(db: DbOrTx, query: FindingQuery): Promise<FindingView[]> {
  const found = (await findFindings(db, query)).slice(0, query.limit);
  const rows = await listComputers(db, { clientIds: [...new Set(found.map((one) => one.clientId))] });
  const computers = new Map(rows.map((row) => [row.client_id, row]));
  const asked = new Map((await unknownGroups(db)).map((one) => [one.clientId, one.names]));
  const views: FindingView[] = [];
  for (const finding of found) {
    const computer = computers.get(finding.clientId);
    if (computer === undefined) continue;
    const evidence: string[] = [];
    if (finding.kind === 'duplicate-id') {
      const { names, hardware } = await listIdentities(db, finding.clientId);
      evidence.push(...(names.length > 0 ? names : hardware));
    }
    if (finding.kind === 'unknown-group') evidence.push(...(asked.get(finding.clientId) ?? []));
    views.push({
      ...finding,
      name: computer.dns_name,
      meaning: FINDING_MEANING[finding.kind],
      cure: FINDING_CURE[finding.kind],
      evidence,
    });
  }
  return views;
}

async function unknownGroups(
  db: DbOrTx,
): Promise<{ readonly clientId: string; readonly names: readonly string[] }[]> {
  const known = new Set((await listGroups(db)).map((group) => group.name.toLowerCase()));
  return (await listRequests(db)).flatMap(({ requestedGroups, clientIds }) => {
    const names = requestedGroupNames(requestedGroups).filter((name) => !known.has(name.toLowerCase()));
    return names.length === 0 ? [] : clientIds.map((clientId) => ({ clientId, names }));
  });
}

import { FINDING_CURE, FINDING_MEANING, type FindingKind } from '../fleet/finding.ts';
import { requestedGroupNames } from '../fleet/targeting.ts';
import {
  listFindings,
  listIdentities,
  listRequests,
  pageOfFindings,
  type FindingFilter,
  type StoredFinding,
} from '../store/findings.ts';
import { listGroups } from '../store/groups.ts';
import type { ListPage, ListPart } from '../store/keyset.ts';
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
  /** Only those of one computer. */
  readonly clientId?: string;
  readonly nowMs: number;
}

const DAY_MS = 86_400_000;
/** Agents scan once a day. */
const SILENT_MS = 30 * DAY_MS;
const NOT_SCANNING_MS = 7 * DAY_MS;
const NOT_REPORTING_MS = 7 * DAY_MS;

/** What is wrong with computers, without who they are. */
export async function findFindings(db: DbOrTx, query: FindingQuery): Promise<StoredFinding[]> {
  return listFindings(db, await filterOf(db, query, await groupNames(db)));
}

/** What is wrong with computers: what it means, what proves it and what to do about it. */
export async function viewFindings(
  db: DbOrTx,
  { kind, clientId, nowMs, ...page }: FindingQuery & ListPage,
): Promise<ListPart<FindingView>> {
  const names = await groupNames(db);
  const query = {
    nowMs,
    ...(kind === undefined ? {} : { kind }),
    ...(clientId === undefined ? {} : { clientId }),
  };
  const found = await pageOfFindings(db, await filterOf(db, query, names), page);
  const items: FindingView[] = [];
  for (const { name, requestedGroups, ...finding } of found.items) {
    items.push({
      ...finding,
      name,
      meaning: FINDING_MEANING[finding.kind],
      cure: FINDING_CURE[finding.kind],
      evidence: await evidenceOf(db, finding, unknownNames(requestedGroups, names)),
    });
  }
  return { ...found, items };
}

async function evidenceOf(
  db: DbOrTx,
  { kind, clientId }: StoredFinding,
  unknownGroups: readonly string[],
): Promise<readonly string[]> {
  if (kind === 'unknown-group') return unknownGroups;
  if (kind !== 'duplicate-id') return [];
  const { names, hardware } = await listIdentities(db, clientId);
  return names.length > 0 ? names : hardware;
}

async function filterOf(
  db: DbOrTx,
  { nowMs, ...query }: FindingQuery,
  names: ReadonlySet<string>,
): Promise<FindingFilter> {
  return {
    ...query,
    silentSinceMs: nowMs - SILENT_MS,
    notScanningSinceMs: nowMs - NOT_SCANNING_MS,
    notReportingSinceMs: nowMs - NOT_REPORTING_MS,
    unknownRequests: (await listRequests(db)).filter((request) => unknownNames(request, names).length > 0),
  };
}

async function groupNames(db: DbOrTx): Promise<ReadonlySet<string>> {
  return new Set((await listGroups(db)).map((group) => group.name.toLowerCase()));
}

function unknownNames(requestedGroups: string, names: ReadonlySet<string>): string[] {
  return requestedGroupNames(requestedGroups).filter((name) => !names.has(name.toLowerCase()));
}

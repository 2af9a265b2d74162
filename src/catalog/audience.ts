import { createHash } from 'node:crypto';
import type { Guid } from '../soap/simple-type.ts';
import { approvalAt, firstApproval } from './approval-table.ts';
import type { Approval, ApprovalAction } from './catalog-rows.ts';
import type { CatalogSnapshot } from './snapshot.ts';

/**
 * The groups that decide what a computer is sent: those it belongs to directly; their ancestors count
 * through inheritance. Computers with the same groups share one audience.
 */
export interface Audience {
  /**
   * A short digest of the direct groups and their ancestors: equal for equal audiences, on every server
   * process, and another one when a group moves below another parent.
   */
  readonly key: string;
  /** What was decided for this audience, by update number. Updates nobody decided about are absent. */
  readonly approvals: EffectiveApprovals;
}

/**
 * Worked out when asked for: an answer needs a few hundred at most, and every change of the catalogue
 * would otherwise cost all decisions for all audiences.
 */
export interface EffectiveApprovals {
  readonly get: (update: number) => Approval | undefined;
  /** How many updates something was decided about. Goes through all decisions. */
  readonly size: number;
}

// Install wins over Uninstall: documented nowhere, so chosen, because keeping a computer patched is the safer mistake.
const STRENGTH: Readonly<Record<ApprovalAction, number>> = {
  Install: 4,
  Uninstall: 3,
  OptionalInstall: 2,
  NotApproved: 1,
  Block: 1,
};

/** Equal for the same groups in any order. */
export function audienceKey(groupIds: readonly Guid[]): string {
  return [...new Set(groupIds)].sort().join(' ');
}

/** Resolves approvals for the computers that belong directly to these groups. */
export function buildAudience(snapshot: CatalogSnapshot, groupIds: readonly Guid[]): Audience {
  // In one order for any order of the groups: of equal approvals the same one must win everywhere.
  const lines = [...new Set(groupIds)].sort().map((id) => lineage(snapshot, id));
  const key = createHash('sha256').update(JSON.stringify(lines)).digest('hex').slice(0, 16);
  return { key, approvals: effectiveApprovals(snapshot, lines) };
}

type Lines = readonly (readonly Guid[])[];

function effectiveApprovals({ approvals }: CatalogSnapshot, lines: Lines): EffectiveApprovals {
  const get = (update: number): Approval | undefined => {
    const first = firstApproval(approvals, update);
    if (approvals.updates[first] !== update) return undefined;
    const byGroup = new Map<Guid, Approval>();
    for (let at = first; approvals.updates[at] === update; at++) {
      const approval = approvalAt(approvals, at);
      byGroup.set(approval.groupId, approval);
    }
    return resolve(byGroup, lines);
  };
  return {
    get,
    get size() {
      return [...new Set(approvals.updates)].filter((update) => get(update) !== undefined).length;
    },
  };
}

/** A group and its ancestors, nearest first. */
function lineage(snapshot: CatalogSnapshot, groupId: Guid): Guid[] {
  const line: Guid[] = [];
  for (let group = snapshot.groups.get(groupId); group !== undefined;) {
    if (line.includes(group.id)) break;
    line.push(group.id);
    group = group.parentId === null ? undefined : snapshot.groups.get(group.parentId);
  }
  return line;
}

/**
 * In each line the nearest decision holds; of several lines the strongest. Among equally strong ones
 * the earliest deadline counts.
 */
function resolve(byGroup: ReadonlyMap<Guid, Approval>, lines: Lines): Approval | undefined {
  let best: Approval | undefined;
  for (const line of lines) {
    const nearest = line.find((group) => byGroup.has(group));
    const approval = nearest === undefined ? undefined : byGroup.get(nearest);
    if (approval !== undefined && (best === undefined || beats(approval, best))) best = approval;
  }
  return best;
}

function beats(one: Approval, other: Approval): boolean {
  const strength = STRENGTH[one.action] - STRENGTH[other.action];
  if (strength !== 0) return strength > 0;
  return (one.deadlineMs ?? Number.POSITIVE_INFINITY) < (other.deadlineMs ?? Number.POSITIVE_INFINITY);
}

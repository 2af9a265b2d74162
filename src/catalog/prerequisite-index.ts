import { groupByKey, type Lists } from './lists.ts';
import type { MarkSet } from './mark-set.ts';
import type { CatalogSnapshot } from './snapshot.ts';

/**
 * Finds the revisions in scope whose prerequisites hold, without looking at those whose do not.
 *
 * Each revision waits under the alternatives of one clause only, the one whose alternatives are
 * mentioned least often in the whole catalogue: usually its product or a detectoid, never a
 * classification that everything has. So a question costs about as much as its answer, whatever the
 * size of the catalogue.
 */
export interface PrerequisiteIndex {
  /** Ordinals without any prerequisite. */
  readonly roots: Int32Array;
  /** By update number: ordinals that wait for it. */
  readonly waiting: Lists;
}

export function buildPrerequisiteIndex(snapshot: CatalogSnapshot): PrerequisiteIndex {
  const { inScope, clauseStarts, clauses } = snapshot;
  const mentions = new Int32Array(inScope.length);
  for (const ordinal of inScope) {
    if (ordinal < 0) continue;
    const to = clauses.starts[clauseStarts[ordinal + 1]];
    for (let at = clauses.starts[clauseStarts[ordinal]]; at < to; at++) mentions[clauses.values[at]]++;
  }
  const roots: number[] = [];
  const keys: number[] = [];
  const waiters: number[] = [];
  for (const ordinal of inScope) {
    if (ordinal < 0) continue;
    const clause = rarestClause(snapshot, ordinal, mentions);
    if (clause < 0) roots.push(ordinal);
    else {
      for (let at = clauses.starts[clause]; at < clauses.starts[clause + 1]; at++) {
        keys.push(clauses.values[at]);
        waiters.push(ordinal);
      }
    }
  }
  return { roots: Int32Array.from(roots), waiting: groupByKey(inScope.length, keys, waiters) };
}

function rarestClause(snapshot: CatalogSnapshot, ordinal: number, mentions: Int32Array): number {
  const { clauseStarts, clauses } = snapshot;
  let rarest = -1;
  let fewest = Number.POSITIVE_INFINITY;
  for (let clause = clauseStarts[ordinal]; clause < clauseStarts[ordinal + 1]; clause++) {
    let count = 0;
    for (let at = clauses.starts[clause]; at < clauses.starts[clause + 1]; at++)
      count += mentions[clauses.values[at]];
    if (count < fewest) {
      rarest = clause;
      fewest = count;
    }
  }
  return rarest;
}

/**
 * Calls `visit` once for each revision in scope whose every clause has an alternative in `installed`
 * (update numbers). A clause without alternatives never holds.
 */
export function eachSatisfied(
  snapshot: CatalogSnapshot,
  index: PrerequisiteIndex,
  installed: { readonly members: Iterable<number>; readonly set: MarkSet },
  seen: MarkSet,
  visit: (ordinal: number) => void,
): void {
  for (const ordinal of index.roots) visit(ordinal);
  const { starts, values } = index.waiting;
  for (const update of installed.members) {
    for (let at = starts[update]; at < starts[update + 1]; at++) {
      const ordinal = values[at];
      if (seen.add(ordinal) && prerequisitesHold(snapshot, ordinal, installed.set)) visit(ordinal);
    }
  }
}

/** Whether every clause of a revision has an alternative among the installed updates (update numbers). */
export function prerequisitesHold(snapshot: CatalogSnapshot, ordinal: number, installed: MarkSet): boolean {
  const { clauseStarts, clauses } = snapshot;
  for (let clause = clauseStarts[ordinal]; clause < clauseStarts[ordinal + 1]; clause++) {
    let holds = false;
    for (let at = clauses.starts[clause]; at < clauses.starts[clause + 1] && !holds; at++) {
      holds = installed.has(clauses.values[at]);
    }
    if (!holds) return false;
  }
  return true;
}

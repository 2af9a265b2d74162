import { sharedInts } from './growing-array.ts';
import { groupPairs, type Lists } from './lists.ts';
import type { RevisionPart } from './snapshot.ts';

/** Ids farther apart than this, on average and beyond what is little anyway, are found by halving. */
const SPARSE = 8;
const LITTLE = 65_536;

/** Finds ordinals by revision id with one read: ids are given one after the other, so few are missing. */
export function indexIds(revisionIds: Int32Array): Pick<RevisionPart, 'firstId' | 'ordinalsById'> {
  const firstId = revisionIds[0] ?? 0;
  const span = (revisionIds.at(-1) ?? -1) - firstId + 1;
  if (span > SPARSE * revisionIds.length + LITTLE) return { firstId, ordinalsById: sharedInts(0) };
  const ordinalsById = sharedInts(span);
  for (let ordinal = 0; ordinal < revisionIds.length; ordinal++) {
    ordinalsById[revisionIds[ordinal] - firstId] = ordinal + 1;
  }
  return { firstId, ordinalsById };
}

type OfUpdates = Pick<RevisionPart, 'latest' | 'older'>;

export function revisionsOfUpdates(
  { updates, revisionNumbers }: Pick<RevisionPart, 'updates' | 'revisionNumbers'>,
  updateCount: number,
): OfUpdates {
  const latest = sharedInts(updateCount).fill(-1);
  for (let ordinal = 0; ordinal < updates.length; ordinal++) {
    const known = latest[updates[ordinal]];
    if (known < 0 || revisionNumbers[known] < revisionNumbers[ordinal]) latest[updates[ordinal]] = ordinal;
  }
  const tellOlder = (pair: (update: number, ordinal: number) => void): void => {
    for (let ordinal = 0; ordinal < updates.length; ordinal++)
      if (latest[updates[ordinal]] !== ordinal) pair(updates[ordinal], ordinal);
  };
  return { latest, older: groupPairs(updateCount, tellOlder, true) };
}

interface Relations extends Pick<RevisionPart, 'clauseStarts' | 'clauses'> {
  /** By ordinal: pairs of update number and revision number. */
  readonly members: Lists;
  /** By ordinal: the change it was published with. */
  readonly changes: Int32Array;
}

/** Since which change an update is a prerequisite or a bundle member: derivable, so not stored. */
export function relationChanges(
  { clauseStarts, clauses, members, changes }: Relations,
  updateCount: number,
): Pick<RevisionPart, 'nonLeafSince' | 'memberSince'> {
  const nonLeafSince = sharedInts(updateCount);
  const memberSince = sharedInts(updateCount);
  for (let ordinal = 0; ordinal < changes.length; ordinal++) {
    const change = changes[ordinal];
    const to = clauses.starts[clauseStarts[ordinal + 1]];
    for (let at = clauses.starts[clauseStarts[ordinal]]; at < to; at++)
      first(nonLeafSince, clauses.values[at], change);
    for (let at = members.starts[ordinal]; at < members.starts[ordinal + 1]; at += 2)
      first(memberSince, members.values[at], change);
  }
  return { nonLeafSince, memberSince };
}

function first(since: Int32Array, update: number, change: number): void {
  if (since[update] === 0 || change < since[update]) since[update] = change;
}

/** Members as ordinals; those that are not there are left out. */
export function resolveBundles(
  { latest, older, revisionNumbers }: OfUpdates & Pick<RevisionPart, 'revisionNumbers'>,
  members: Lists,
): Lists {
  const resolve = (update: number, revisionNumber: number): number => {
    const highest = latest[update];
    if (revisionNumber < 0 || highest < 0 || revisionNumbers[highest] === revisionNumber) return highest;
    for (let at = older.starts[update]; at < older.starts[update + 1]; at++)
      if (revisionNumbers[older.values[at]] === revisionNumber) return older.values[at];
    return -1;
  };
  return groupPairs(
    members.starts.length - 1,
    (pair) => {
      for (let ordinal = 0; ordinal < members.starts.length - 1; ordinal++) {
        for (let at = members.starts[ordinal]; at < members.starts[ordinal + 1]; at += 2) {
          const member = resolve(members.values[at], members.values[at + 1]);
          if (member >= 0) pair(ordinal, member);
        }
      }
    },
    true,
  );
}

import { ordinalOf, type CatalogSnapshot } from './snapshot.ts';

/** A prerequisite none of whose alternatives is installed. */
export interface UnmetPrerequisite {
  readonly isCategory: boolean;
  /** Any of them would do; as update numbers. None at all can never be met. */
  readonly alternatives: readonly UnmetAlternative[];
}

export interface UnmetAlternative {
  readonly update: number;
  /** Whether the server has it, so that clients can look for it. */
  readonly known: boolean;
  /**
   * Whether its own prerequisites hold: then clients were sent it and found it not installed. Otherwise they never
   * looked, and the reason lies further down.
   */
  readonly reached: boolean;
}

/** The updates behind installed revision ids, as prerequisites count them: any revision of an update will do. */
export function installedUpdates(snapshot: CatalogSnapshot, installedIds: Int32Array): Set<number> {
  const updates = new Set<number>();
  for (const id of installedIds) {
    const ordinal = ordinalOf(snapshot, id);
    if (ordinal >= 0) updates.add(snapshot.updates[ordinal]);
  }
  return updates;
}

/** Which prerequisites of a revision do not hold for what is installed (update numbers). Empty when all hold. */
export function unmetPrerequisites(
  snapshot: CatalogSnapshot,
  ordinal: number,
  installed: ReadonlySet<number>,
): UnmetPrerequisite[] {
  const { clauseStarts, clauses, clauseIsCategory, inScope } = snapshot;
  const unmet: UnmetPrerequisite[] = [];
  for (let clause = clauseStarts[ordinal]; clause < clauseStarts[ordinal + 1]; clause++) {
    const updates = [...clauses.values.subarray(clauses.starts[clause], clauses.starts[clause + 1])];
    if (updates.some((update) => installed.has(update))) continue;
    const alternatives = updates.map((update) => ({
      update,
      known: inScope[update] >= 0,
      reached: inScope[update] >= 0 && allHold(snapshot, inScope[update], installed),
    }));
    unmet.push({ isCategory: clauseIsCategory[clause] === 1, alternatives });
  }
  return unmet;
}

function allHold(snapshot: CatalogSnapshot, ordinal: number, installed: ReadonlySet<number>): boolean {
  const { clauseStarts, clauses } = snapshot;
  for (let clause = clauseStarts[ordinal]; clause < clauseStarts[ordinal + 1]; clause++) {
    const updates = clauses.values.subarray(clauses.starts[clause], clauses.starts[clause + 1]);
    if (!updates.some((update) => installed.has(update))) return false;
  }
  return true;
}

/** Ordinals in scope that say they supersede an update. Goes through all of them. */
export function supersedersOf(snapshot: CatalogSnapshot, update: number): number[] {
  const { inScope, superseded } = snapshot;
  return [...inScope].filter((ordinal) => {
    if (ordinal < 0) return false;
    for (let at = superseded.starts[ordinal]; at < superseded.starts[ordinal + 1]; at++)
      if (superseded.values[at] === update) return true;
    return false;
  });
}

import { Type, type CatalogSnapshot } from './snapshot.ts';

type Unscoped = Pick<
  CatalogSnapshot,
  | 'updates'
  | 'types'
  | 'explicitlyDeployable'
  | 'clauseStarts'
  | 'clauses'
  | 'bundled'
  | 'declined'
  | 'latest'
  | 'memberSince'
  | 'revisionNumbers'
>;

/**
 * Which revision of each update may be sent to clients at all, as an ordinal per update number, or -1.
 *
 * [MS-WUSP] 3.1.5.7 restricts it to what is deployed plus dependencies; real WSUS sends every update
 * that is not declined, approved or not, because otherwise nobody could know that it is needed. A
 * declined prerequisite or bundle member still goes out while something live needs it. Hidden members
 * go with the bundles that hold them. One revision per update: the highest of those that are wanted.
 */
export function computeScope(catalog: Unscoped): Int32Array {
  const { updates, latest, declined, revisionNumbers } = catalog;
  const inScope = new Int32Array(latest.length).fill(-1);
  const reached = new Uint8Array(updates.length);
  // Nothing is reached twice, so there is room for all.
  const queue = new Int32Array(updates.length);
  let waiting = 0;
  const reach = (ordinal: number): void => {
    if (ordinal < 0 || reached[ordinal] === 1) return;
    reached[ordinal] = 1;
    queue[waiting++] = ordinal;
  };
  for (let update = 0; update < latest.length; update++) {
    if (latest[update] >= 0 && declined[update] === 0 && !isHiddenMember(catalog, update))
      reach(latest[update]);
  }
  while (waiting > 0) {
    const ordinal = queue[--waiting];
    const update = updates[ordinal];
    const rival = inScope[update];
    if (rival < 0 || revisionNumbers[rival] < revisionNumbers[ordinal]) inScope[update] = ordinal;
    eachDependency(catalog, ordinal, reach);
  }
  return inScope;
}

/** Software that cannot be approved by itself and belongs to a bundle: it comes along, or not at all. */
function isHiddenMember(catalog: Unscoped, update: number): boolean {
  const ordinal = catalog.latest[update];
  return (
    catalog.types[ordinal] === Type.Software &&
    catalog.explicitlyDeployable[ordinal] === 0 &&
    catalog.memberSince[update] !== 0
  );
}

/** Visits what a revision refers to: the latest revision of every prerequisite, and its bundle members. */
export function eachDependency(
  catalog: Pick<CatalogSnapshot, 'clauseStarts' | 'clauses' | 'bundled' | 'latest'>,
  ordinal: number,
  visit: (ordinal: number) => void,
): void {
  const { clauseStarts, clauses, bundled, latest } = catalog;
  const from = clauses.starts[clauseStarts[ordinal]];
  const to = clauses.starts[clauseStarts[ordinal + 1]];
  for (let at = from; at < to; at++) visit(latest[clauses.values[at]]);
  for (let at = bundled.starts[ordinal]; at < bundled.starts[ordinal + 1]; at++) visit(bundled.values[at]);
}

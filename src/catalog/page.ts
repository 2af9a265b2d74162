import { isLeaf, type CatalogSnapshot } from './snapshot.ts';

/** How much one answer may carry. */
export interface PageLimits {
  /** Updates. The specification's limit is 200, real WSUS was seen to send 30. */
  readonly updates: number;
  /** Bytes of Core fragments before escaping; a single larger one goes alone. */
  readonly bytes: number;
}

export interface Page {
  /** Ordinals, in the order they are sent. */
  readonly ordinals: readonly number[];
  readonly truncated: boolean;
}

/**
 * The first page of the updates a client lacks. What others depend on goes first: the sooner a client
 * knows its products, the sooner the rest of its answer can be computed, and the fewer calls it makes.
 * Otherwise the order of `missing` is kept: sorting it would cost more than finding it, and on every
 * page, for a fresh client that lacks tens of thousands.
 *
 * The first update always fits. A later one that does not is left for another page, and smaller ones behind it
 * take its place: a fresh scan with a few large updates in it would otherwise take half as many calls again.
 */
export function firstPage(snapshot: CatalogSnapshot, missing: Iterable<number>, limits: PageLimits): Page {
  const ordinals: number[] = [];
  let bytes = 0;
  let left = false;
  for (const leaves of [false, true]) {
    for (const ordinal of missing) {
      if (isLeaf(snapshot, ordinal) !== leaves) continue;
      if (ordinals.length >= limits.updates) return { ordinals, truncated: true };
      const size = snapshot.coreBytes[ordinal];
      if (ordinals.length > 0 && bytes + size > limits.bytes) {
        left = true;
        continue;
      }
      bytes += size;
      ordinals.push(ordinal);
    }
  }
  return { ordinals, truncated: left };
}

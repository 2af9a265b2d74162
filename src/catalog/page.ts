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
 */
export function firstPage(snapshot: CatalogSnapshot, missing: readonly number[], limits: PageLimits): Page {
  const ordered = [...missing].sort(
    (one, other) => rank(snapshot, one) - rank(snapshot, other) || one - other,
  );
  const ordinals: number[] = [];
  let bytes = 0;
  for (const ordinal of ordered) {
    bytes += snapshot.coreBytes[ordinal];
    if (ordinals.length >= limits.updates || (bytes > limits.bytes && ordinals.length > 0)) {
      return { ordinals, truncated: true };
    }
    ordinals.push(ordinal);
  }
  return { ordinals, truncated: false };
}

function rank(snapshot: CatalogSnapshot, ordinal: number): number {
  return isLeaf(snapshot, ordinal) ? 1 : 0;
}

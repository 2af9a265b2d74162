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
  // Integers sort natively, leaves after everything else: with a comparator a fresh client, which lacks
  // tens of thousands of updates on every page, would cost ten times as much.
  const count = snapshot.updates.length;
  const order = Int32Array.from(missing, (ordinal) =>
    isLeaf(snapshot, ordinal) ? ordinal + count : ordinal,
  ).sort();
  const ordinals: number[] = [];
  let bytes = 0;
  for (const place of order) {
    const ordinal = place < count ? place : place - count;
    bytes += snapshot.coreBytes[ordinal];
    if (ordinals.length >= limits.updates || (bytes > limits.bytes && ordinals.length > 0)) {
      return { ordinals, truncated: true };
    }
    ordinals.push(ordinal);
  }
  return { ordinals, truncated: false };
}

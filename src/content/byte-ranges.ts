/** A part of a file: `start` inclusive, `end` exclusive, in bytes. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

export type RangeSelection =
  /** Answer 200 with the whole file. */
  | { readonly kind: 'whole' }
  /** Answer 206. At least one range; none is empty, none overlap. */
  | { readonly kind: 'ranges'; readonly ranges: readonly ByteRange[] }
  /** Answer 416. */
  | { readonly kind: 'unsatisfiable' };

/**
 * More ranges than this are answered with the whole file. Downloaders of updates ask for one range; readers of
 * archives for a handful. Every range costs a part header of about 150 bytes and an own read.
 */
export const MAX_RANGES = 64;

const WHOLE: RangeSelection = { kind: 'whole' };

/**
 * What a Range header selects from a file of `size` bytes (RFC 9110, 14.1.1, 14.1.2 and 14.2). Never throws.
 *
 * A header that is absent, malformed or in another unit than bytes selects the whole file: a server may ignore or
 * reject it (14.2), and clients of update servers recover from a 200, but not from a 400.
 *
 * Ranges that overlap or touch are merged (15.3.7.2), in ascending order then. So an answer never carries a byte
 * twice, and no header can make it larger than the file and its part headers.
 */
export function parseRange(header: string | undefined, size: number): RangeSelection {
  // An empty file has no byte to select: clients that put a Range on every request get an empty 200, not a 416.
  if (header === undefined || size === 0) return WHOLE;
  // Names of range units are case-insensitive (14.1).
  const unit = /^bytes=/i.exec(header);
  if (unit === null) return WHOLE;
  const ranges: ByteRange[] = [];
  let specs = 0;
  const elements = header.slice(unit[0].length).split(',');
  if (elements.length > 2 * MAX_RANGES) return WHOLE;
  for (const element of elements) {
    const spec = element.trim();
    // A reasonable number of empty list elements is to be ignored (5.6.1.2).
    if (spec === '') continue;
    if (++specs > MAX_RANGES) return WHOLE;
    const range = parseSpec(spec, size);
    if (range === undefined) return WHOLE;
    if (range.start < range.end) ranges.push(range);
  }
  if (specs === 0) return WHOLE;
  if (ranges.length === 0) return { kind: 'unsatisfiable' };
  return { kind: 'ranges', ranges: merge(ranges) };
}

/** One range, cut to the file; empty where it is unsatisfiable; undefined where it is invalid. */
function parseSpec(spec: string, size: number): ByteRange | undefined {
  const match = /^(\d*)-(\d*)$/.exec(spec);
  if (match === null) return undefined;
  const [, first = '', last = ''] = match;
  // Digits beyond 2^53 lose precision, or become Infinity: no matter, they are beyond every file either way, and
  // every value that takes part in arithmetic below has been cut to the size first.
  if (first === '') {
    if (last === '') return undefined;
    return { start: size - Math.min(Number(last), size), end: size };
  }
  const start = Number(first);
  if (last !== '' && Number(last) < start) return undefined;
  if (start >= size) return { start: size, end: size };
  return { start, end: last === '' ? size : Math.min(Number(last), size - 1) + 1 };
}

/** Leaves disjoint ranges as asked for, and merges otherwise. */
function merge(ranges: readonly ByteRange[]): readonly ByteRange[] {
  const merged: ByteRange[] = [];
  for (const range of ranges.toSorted((a, b) => a.start - b.start)) {
    const before = merged.at(-1);
    if (before === undefined || range.start > before.end) merged.push(range);
    else merged[merged.length - 1] = { start: before.start, end: Math.max(before.end, range.end) };
  }
  return merged.length === ranges.length ? ranges : merged;
}

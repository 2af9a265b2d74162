import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import * as fc from 'fast-check';
import { MAX_RANGES, parseRange, type ByteRange } from './byte-ranges.ts';

const whole = { kind: 'whole' } as const;
const unsatisfiable = { kind: 'unsatisfiable' } as const;
const ranges = (...pairs: [start: number, end: number][]): object => ({
  kind: 'ranges',
  ranges: pairs.map(([start, end]) => ({ start, end })),
});

describe('a Range header on a file of 10,000 bytes', () => {
  const cases: readonly [header: string | undefined, selection: object][] = [
    // RFC 9110, 14.1.2, the examples of the text
    ['bytes=0-499', ranges([0, 500])],
    ['bytes=500-999', ranges([500, 1000])],
    ['bytes=-500', ranges([9500, 10000])],
    ['bytes=9500-', ranges([9500, 10000])],
    ['bytes=0-0,-1', ranges([0, 1], [9999, 10000])],
    ['bytes= 0-999, 4500-5499, -1000', ranges([0, 1000], [4500, 5500], [9000, 10000])],
    ['bytes=500-600,601-999', ranges([500, 1000])],
    ['bytes=500-700,601-999', ranges([500, 1000])],
    // Limits of the file
    ['bytes=0-', ranges([0, 10000])],
    ['bytes=9999-9999', ranges([9999, 10000])],
    ['bytes=9999-10000', ranges([9999, 10000])],
    ['bytes=0-99999', ranges([0, 10000])],
    ['bytes=-10000', ranges([0, 10000])],
    ['bytes=-20000', ranges([0, 10000])],
    ['bytes=10000-', unsatisfiable],
    ['bytes=10000-20000', unsatisfiable],
    ['bytes=-0', unsatisfiable],
    ['bytes=-0,10000-', unsatisfiable],
    ['bytes=20000-,5-6', ranges([5, 7])],
    // Numbers beyond 2^53
    ['bytes=0-9007199254740993', ranges([0, 10000])],
    ['bytes=9007199254740993-', unsatisfiable],
    ['bytes=-9007199254740993', ranges([0, 10000])],
    [`bytes=5-${'9'.repeat(5000)}`, ranges([5, 10000])],
    [`bytes=${'9'.repeat(5000)}-`, unsatisfiable],
    [`bytes=-${'9'.repeat(5000)}`, ranges([0, 10000])],
    [`bytes=${'0'.repeat(5000)}7-8`, ranges([7, 9])],
    // Lists
    ['bytes=0-1,,  ,\t4-5,', ranges([0, 2], [4, 6])],
    ['bytes=8-9,0-1', ranges([8, 10], [0, 2])],
    ['bytes=8-9,0-3,2-5', ranges([0, 6], [8, 10])],
    ['bytes=0-,0-,0-', ranges([0, 10000])],
    ['BYTES=1-2', ranges([1, 3])],
    // Not to be understood: the whole file
    [undefined, whole],
    ['', whole],
    ['bytes', whole],
    ['bytes=', whole],
    ['bytes=,', whole],
    ['bytes=-', whole],
    ['bytes=abc', whole],
    ['bytes=2-1', whole],
    ['bytes=0-1,2-1', whole],
    ['bytes=0-1;2-3', whole],
    ['bytes=0x0-0x1', whole],
    ['bytes=1e3-', whole],
    ['bytes=+1-2', whole],
    ['bytes=1--2', whole],
    ['bytes=1 - 2', whole],
    ['bytes =1-2', whole],
    [' bytes=1-2', whole],
    ['bytes=٠-٩', whole],
    ['items=0-1', whole],
    ['bytes 0-1/10', whole],
    ['bytes=0-1, bytes=2-3', whole],
  ];
  for (const [header, selection] of cases) {
    test(`${header === undefined ? 'absent' : header.slice(0, 40)} selects ${JSON.stringify(selection)}`, () => {
      assert.deepEqual(parseRange(header, 10000), selection);
    });
  }
});

test('every range of an empty file selects the whole of it', () => {
  for (const header of ['bytes=0-', 'bytes=0-0', 'bytes=-1', 'bytes=-0', 'bytes=5-']) {
    assert.deepEqual(parseRange(header, 0), whole);
  }
});

test('as many ranges as allowed are answered, and the whole file above that', () => {
  const allowed = parseRange(distinct(MAX_RANGES), 10000);
  assert.equal(allowed.kind === 'ranges' && allowed.ranges.length, MAX_RANGES);
  assert.deepEqual(parseRange(distinct(MAX_RANGES + 1), 10000), whole);
  assert.deepEqual(parseRange(`bytes=0-1${','.repeat(10_000)}`, 10000), whole);
});

test('any ranges select exactly the bytes of their slices, none of them twice', () => {
  const size = fc.integer({ min: 1, max: 300 });
  const position = fc.nat(350);
  const spec = fc.oneof(
    fc.tuple(position, position).map(([a, b]) => `${Math.min(a, b)}-${Math.max(a, b)}`),
    position.map((a) => `${a}-`),
    position.map((a) => `-${a}`),
  );
  fc.assert(
    fc.property(size, fc.array(spec, { minLength: 1, maxLength: 12 }), (length, specs) => {
      const wanted = new Set(specs.flatMap((text) => positionsOf(text, length)));
      const selection = parseRange(`bytes=${specs.join(', ')}`, length);
      if (wanted.size === 0) {
        assert.deepEqual(selection, unsatisfiable);
        return;
      }
      assert.ok(selection.kind === 'ranges');
      const got = selection.ranges.flatMap(positions);
      assert.equal(new Set(got).size, got.length, 'a byte comes twice');
      assert.deepEqual(new Set(got), wanted);
      assert.ok(selection.ranges.every(({ start, end }) => start < end && end <= length));
    }),
  );
});

test('no header throws', () => {
  const hostile = fc.string({ unit: 'binary', maxLength: 300 });
  const near = fc.stringMatching(/^bytes=[0-9,\- ]{0,60}$/);
  fc.assert(
    fc.property(fc.oneof(hostile, near), fc.nat(), (header, size) => {
      parseRange(header, size);
    }),
  );
});

/** A header of that many ranges of one byte. */
function distinct(count: number): string {
  return `bytes=${Array.from({ length: count }, (_, index) => `${index * 10}-${index * 10}`).join()}`;
}

/** The plain reading of RFC 9110, 14.1.2, one position at a time. */
function positionsOf(spec: string, size: number): number[] {
  const [first = '', last = ''] = spec.split('-');
  return Array.from({ length: size }, (_, at) => at).filter((at) =>
    first === '' ? at >= size - Number(last) : at >= Number(first) && (last === '' || at <= Number(last)),
  );
}

function positions({ start, end }: ByteRange): number[] {
  return Array.from({ length: end - start }, (_, index) => start + index);
}

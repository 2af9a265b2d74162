import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  compareDottedVersions,
  formatDottedVersion,
  nextDottedVersion,
  parseDottedVersion,
  previousDottedVersion,
  type DottedVersion,
} from './dotted-version.ts';

const version = fc.tuple(fc.nat(70_000), fc.nat(70_000), fc.nat(70_000), fc.nat(70_000));

test('one to four parts are a version, missing ones are zero', () => {
  for (const [text, expected] of [
    ['6', [6, 0, 0, 0]],
    ['6.3', [6, 3, 0, 0]],
    ['6.3.9600', [6, 3, 9600, 0]],
    [' 16.0.1000.0000 ', [16, 0, 1000, 0]],
    ['4294967295.0.0.1', [4_294_967_295, 0, 0, 1]],
  ] as const) {
    assert.deepEqual(parseDottedVersion(text), expected);
  }
});

test('what is not only digits and dots is no version', () => {
  for (const text of [
    '',
    '.',
    '1.',
    '.1',
    '1.2.3.4.5',
    '1.2a',
    '-1',
    '1,2',
    '4294967296',
    '10.0 (release)',
  ]) {
    assert.equal(parseDottedVersion(text), undefined, text);
  }
});

test('versions compare part by part, as numbers', () => {
  const order = (one: string, other: string): number =>
    Math.sign(compareDottedVersions(parseDottedVersion(one)!, parseDottedVersion(other)!));
  assert.equal(order('1.10', '1.9'), 1);
  assert.equal(order('6.3', '6.3.0.0'), 0);
  assert.equal(order('10.0.19041.153', '10.0.19041.985'), -1);
});

test('a version survives being written, and its neighbours are beside it', () => {
  fc.assert(
    fc.property(version, (parts) => {
      const one: DottedVersion = parts;
      assert.deepEqual(parseDottedVersion(formatDottedVersion(one)), one);
      assert.ok(compareDottedVersions(nextDottedVersion(one), one) > 0);
      const previous = previousDottedVersion(one);
      if (previous === undefined) assert.deepEqual(one, [0, 0, 0, 0]);
      else assert.ok(compareDottedVersions(previous, one) < 0);
    }),
  );
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { parseHttpDate } from './http-date.ts';

const EXAMPLE = Date.UTC(1994, 10, 6, 8, 49, 37);

test('all three formats of RFC 9110, 5.6.7 are read', () => {
  assert.equal(parseHttpDate('Sun, 06 Nov 1994 08:49:37 GMT'), EXAMPLE);
  assert.equal(parseHttpDate('Sunday, 06-Nov-94 08:49:37 GMT'), EXAMPLE);
  assert.equal(parseHttpDate('Sun Nov  6 08:49:37 1994'), EXAMPLE);
});

test('a year of two digits lies at most 50 years in the future', () => {
  const now = Date.UTC(2026, 0, 1);
  const year = (digits: string): number =>
    new Date(parseHttpDate(`Sunday, 06-Nov-${digits} 08:49:37 GMT`, now) ?? NaN).getUTCFullYear();
  assert.deepEqual(['26', '76', '77', '00'].map(year), [2026, 2076, 1977, 2000]);
});

test('the dates this server sends read back', () => {
  const seconds = fc.integer({ min: 0, max: 253_402_300_799 });
  fc.assert(
    fc.property(seconds, (second) => {
      assert.equal(parseHttpDate(new Date(second * 1000).toUTCString()), second * 1000);
    }),
  );
});

test('what is no HTTP-date is none', () => {
  for (const text of [
    '',
    '0',
    '2026-10-04T15:55:43Z',
    'Sun, 6 Nov 1994 08:49:37 GMT',
    'Sun, 06 Nov 1994 08:49:37',
    'Sun, 06 Nov 1994 08:49:37 +0100',
    'Sun, 06 Foo 1994 08:49:37 GMT',
    'Sun, 31 Feb 1994 08:49:37 GMT',
    'Sun, 00 Nov 1994 08:49:37 GMT',
    'Sun, 06 Nov 1994 24:00:00 GMT',
    'Sun, 06 Nov 1994 08:60:00 GMT',
    'Sun, 06 Nov 1994 08-49-37 GMT',
    'Sun, 06 Nov 1994 08:49:37 GMT; length=5',
  ]) {
    assert.equal(parseHttpDate(text), undefined, text);
  }
});

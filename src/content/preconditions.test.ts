import assert from 'node:assert/strict';
import type { IncomingHttpHeaders } from 'node:http';
import { describe, test } from 'node:test';
import { evaluatePreconditions, rangeApplies, type Validators } from './preconditions.ts';

const file: Validators = { etag: '"A1"', modified: new Date('2026-09-02T08:30:53.700Z') };
const SAME = 'Wed, 02 Sep 2026 08:30:53 GMT';
const EARLIER = 'Wed, 02 Sep 2026 08:30:52 GMT';
const LATER = 'Wed, 02 Sep 2026 08:30:54 GMT';

describe('conditions of RFC 9110, 13.2.2', () => {
  const cases: readonly [IncomingHttpHeaders, ReturnType<typeof evaluatePreconditions>][] = [
    [{}, 'proceed'],
    [{ 'if-match': '"A1"' }, 'proceed'],
    [{ 'if-match': '"B2", "A1"' }, 'proceed'],
    [{ 'if-match': '*' }, 'proceed'],
    [{ 'if-match': 'W/"A1"' }, 'failed'],
    [{ 'if-match': '"B2"' }, 'failed'],
    [{ 'if-match': 'A1' }, 'failed'],
    [{ 'if-match': '' }, 'failed'],
    [{ 'if-unmodified-since': SAME }, 'proceed'],
    [{ 'if-unmodified-since': LATER }, 'proceed'],
    [{ 'if-unmodified-since': EARLIER }, 'failed'],
    [{ 'if-unmodified-since': 'yesterday' }, 'proceed'],
    // If-Match decides alone
    [{ 'if-match': '"A1"', 'if-unmodified-since': EARLIER }, 'proceed'],
    [{ 'if-none-match': '"A1"' }, 'not modified'],
    [{ 'if-none-match': 'W/"A1"' }, 'not modified'],
    [{ 'if-none-match': '"x,y", W/"A1"' }, 'not modified'],
    [{ 'if-none-match': '*' }, 'not modified'],
    [{ 'if-none-match': '"B2"' }, 'proceed'],
    [{ 'if-modified-since': SAME }, 'not modified'],
    [{ 'if-modified-since': LATER }, 'not modified'],
    [{ 'if-modified-since': EARLIER }, 'proceed'],
    [{ 'if-modified-since': 'never' }, 'proceed'],
    // If-None-Match decides alone
    [{ 'if-none-match': '"B2"', 'if-modified-since': LATER }, 'proceed'],
    // 412 goes before 304
    [{ 'if-match': '"B2"', 'if-none-match': '"A1"' }, 'failed'],
  ];
  for (const [headers, verdict] of cases) {
    test(`${JSON.stringify(headers)}: ${verdict}`, () => {
      assert.equal(evaluatePreconditions(headers, file), verdict);
    });
  }
});

test('If-Range honours the range for exactly this entity tag or date', () => {
  for (const value of [undefined, '"A1"', SAME, 'Wed Sep  2 08:30:53 2026']) {
    assert.equal(rangeApplies(value, file), true, value ?? 'absent');
  }
  for (const value of ['W/"A1"', '"B2"', '"A1", "B2"', '*', '', 'A1', EARLIER, LATER, 'Wed']) {
    assert.equal(rangeApplies(value, file), false, value);
  }
});

test('hostile lists are read in linear time', () => {
  for (const list of ['"'.repeat(16_001), 'W/'.repeat(8_000), `${'"a",'.repeat(4_000)}"`]) {
    assert.equal(evaluatePreconditions({ 'if-none-match': list }, file), 'proceed');
  }
});

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { OakumError } from '../errors/oakum-error.ts';
import { parseDeadline } from './deadline.ts';

describe('a deadline', () => {
  for (const [text, ms] of [
    ['2026-12-31T22:00Z', Date.UTC(2026, 11, 31, 22)],
    ['2026-12-31T22:00:30Z', Date.UTC(2026, 11, 31, 22, 0, 30)],
    ['2026-12-31T22:00:30.250Z', Date.UTC(2026, 11, 31, 22, 0, 30, 250)],
    ['2027-01-01T00:30+02:00', Date.UTC(2026, 11, 31, 22, 30)],
    ['2026-12-31T22:00-03:30', Date.UTC(2027, 0, 1, 1, 30)],
    ['2028-02-29T10:00Z', Date.UTC(2028, 1, 29, 10)],
  ] as const) {
    test(`${text} is that moment`, () => assert.equal(parseDeadline(text), ms));
  }

  for (const [text, reason] of [
    ['2026-02-30T10:00Z', 'does not exist in the calendar'],
    ['2027-02-29T10:00+01:00', 'does not exist in the calendar'],
    ['2026-13-01T10:00Z', 'does not exist in the calendar'],
    ['2026-12-31T24:00Z', 'does not exist in the calendar'],
    ['2026-12-31T10:60Z', 'does not exist in the calendar'],
    ['2026-12-31T10:00+99:00', 'does not exist in the calendar'],
    ['2026-12-31T22:00', 'says no time zone'],
    ['2026-12-31T22:00:00', 'says no time zone'],
    ['2026-12-31', 'is no time'],
    ['2026-12-31T22:00Z or so', 'is no time'],
    ['tomorrow', 'is no time'],
    ['', 'is no time'],
  ] as const) {
    test(`"${text}" is refused: it ${reason}`, () => {
      assert.throws(
        () => parseDeadline(text),
        (error) =>
          error instanceof OakumError &&
          error.code === 'OAK_DEADLINE' &&
          error.message.includes(`"${text}" ${reason}`),
      );
    });
  }
});

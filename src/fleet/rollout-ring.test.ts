import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import {
  nextMove,
  parseRolloutRing,
  successShare,
  type RolloutProgress,
  type StepCounts,
} from './rollout-ring.ts';

const HOUR = 3_600_000;

const ring = parseRolloutRing({
  steps: [
    { group: 'Pilot', minSuccess: 0.5, maxFailure: 0.25, minResults: 2 },
    { group: 'Office', afterHours: 24, minSuccess: 0.5, maxFailure: 0.25 },
  ],
});

function counts(
  part: Partial<StepCounts> & { readonly errors?: Readonly<Record<number, number>> },
): StepCounts {
  const { errors = {}, ...rest } = part;
  const codes = new Map(Object.entries(errors).map(([code, many]) => [Number(code), many]));
  const failed = [...codes.values()].reduce((sum, many) => sum + many, 0);
  return { installed: 0, failed, needed: 0, unknown: 0, codes, ...rest };
}

const at = (step: number, stepMs = 0, forgiven: readonly number[] = []): RolloutProgress => ({
  ring,
  step,
  stepMs,
  forgiven,
});

describe('a rollout', () => {
  test('begins at once without a delay', () => {
    assert.deepEqual(nextMove(at(0), [], 0), { kind: 'approve', step: 0 });
  });

  test('waits for the delay, then for the share that has the update', () => {
    const pilot = counts({ installed: 1, needed: 3 });
    assert.deepEqual(nextMove(at(1, HOUR), [pilot], 2 * HOUR), {
      kind: 'wait',
      why: 'time',
      untilMs: 25 * HOUR,
    });
    assert.deepEqual(nextMove(at(1, HOUR), [pilot], 25 * HOUR), {
      kind: 'wait',
      why: 'success',
      share: 0.25,
      needed: 0.5,
    });
    const more = counts({ installed: 2, needed: 2 });
    assert.deepEqual(nextMove(at(1, HOUR), [more], 25 * HOUR), { kind: 'approve', step: 1 });
  });

  test('does not take silence for success', () => {
    assert.equal(successShare(counts({ installed: 1, unknown: 3 })), 0.25);
    assert.equal(successShare(counts({})), 1);
  });

  test('halts at too many failures, and says which codes, most frequent first', () => {
    const pilot = counts({ installed: 2, errors: { [-5]: 1, [-7]: 3 } });
    assert.deepEqual(nextMove(at(1), [pilot], 0), {
      kind: 'halt',
      reason: {
        kind: 'failures',
        group: 'Pilot',
        failed: 4,
        results: 6,
        limit: 0.25,
        codes: [
          { hresult: -7, computers: 3 },
          { hresult: -5, computers: 1 },
        ],
      },
    });
  });

  test('waits for enough results before failures count, and for more than the limit', () => {
    assert.equal(nextMove(at(1), [counts({ errors: { [-5]: 1 } })], 0).kind, 'wait');
    assert.equal(nextMove(at(1), [counts({ installed: 3, errors: { [-5]: 1 } })], 0).kind, 'wait');
    assert.equal(nextMove(at(1), [counts({ installed: 2, errors: { [-5]: 1 } })], 0).kind, 'halt');
  });

  test('goes on in spite of failures that somebody has seen, and halts at new ones', () => {
    const seen = counts({ installed: 2, errors: { [-5]: 2 } });
    assert.equal(nextMove(at(1, 0, [2]), [seen], 24 * HOUR).kind, 'approve');
    const worse = counts({ installed: 2, errors: { [-5]: 3 } });
    assert.equal(nextMove(at(1, 0, [2]), [worse], 24 * HOUR).kind, 'halt');
  });

  test('watches earlier steps too, and finishes after the last one has succeeded', () => {
    const good = counts({ installed: 4 });
    const bad = counts({ installed: 4, errors: { [-5]: 4 } });
    assert.equal(nextMove(at(2), [bad, good], 0).kind, 'halt');
    assert.equal(nextMove(at(2), [good, counts({ needed: 1 })], 0).kind, 'wait');
    assert.deepEqual(nextMove(at(2), [good, good], 0), { kind: 'finish' });
  });

  test('never approves a step while failures exceed a limit', () => {
    const count = fc.nat(20);
    const drawn = fc.record({ installed: count, needed: count, unknown: count, failed: count });
    fc.assert(
      fc.property(drawn, drawn, fc.nat(2), fc.nat(100), (one, other, step, hours) => {
        const both = [one, other].map((part) =>
          counts({ ...part, errors: part.failed > 0 ? { [-1]: part.failed } : {} }),
        );
        const move = nextMove(at(step), both.slice(0, step), hours * HOUR);
        const exceeded = both.slice(0, step).some(({ installed, failed }, index) => {
          const { minResults, maxFailure } = ring.steps[index];
          return failed > 0 && installed + failed >= minResults && failed / (installed + failed) > maxFailure;
        });
        assert.equal(move.kind === 'halt', exceeded);
      }),
    );
  });
});

test('a ring is refused without steps, and with shares that are none', () => {
  for (const data of [{ steps: [] }, {}, { steps: [{ group: 'x', minSuccess: 2 }] }, { steps: [{}] }])
    assert.throws(() => parseRolloutRing(data), { code: 'OAK_RING_INVALID' });
});

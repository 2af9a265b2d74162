import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseStep } from './ring-step.ts';

test('a step of a ring is a group with what must hold there', () => {
  assert.deepEqual(parseStep(' Pilot '), { group: 'Pilot' });
  assert.deepEqual(parseStep('Field: east; after 2d; success 90%; failure 0.05; results 10; deadline 3d'), {
    group: 'Field: east',
    afterHours: 48,
    minSuccess: 0.9,
    maxFailure: 0.05,
    minResults: 10,
    deadlineDays: 3,
  });
  assert.deepEqual(parseStep('Pilot; AFTER 1.5h'), { group: 'Pilot', afterHours: 1.5 });
});

test('what is no step is none', () => {
  for (const text of [
    '',
    ';after 2d',
    'x; after 2',
    'x; success 2d',
    'x; results 5%',
    'x; soon',
    'x; after 1d; after 2d',
  ])
    assert.equal(parseStep(text), undefined, text);
});

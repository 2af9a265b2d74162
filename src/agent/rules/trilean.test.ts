import assert from 'node:assert/strict';
import { test } from 'node:test';
import { allOf, anyOf, not, type Trilean } from './trilean.ts';

const same = (value: Trilean): Trilean => value;

test('And is false if anything is, else an error if anything is', () => {
  const table: readonly (readonly [Trilean, Trilean, Trilean])[] = [
    ['true', 'true', 'true'],
    ['true', 'false', 'false'],
    ['true', 'error', 'error'],
    ['false', 'true', 'false'],
    ['false', 'false', 'false'],
    ['false', 'error', 'false'],
    ['error', 'true', 'error'],
    ['error', 'false', 'false'],
    ['error', 'error', 'error'],
  ];
  for (const [one, other, expected] of table)
    assert.equal(allOf([one, other], same), expected, `${one} ${other}`);
});

test('Or is true if anything is, else an error if anything is', () => {
  const table: readonly (readonly [Trilean, Trilean, Trilean])[] = [
    ['true', 'true', 'true'],
    ['true', 'false', 'true'],
    ['true', 'error', 'true'],
    ['false', 'true', 'true'],
    ['false', 'false', 'false'],
    ['false', 'error', 'error'],
    ['error', 'true', 'true'],
    ['error', 'false', 'error'],
    ['error', 'error', 'error'],
  ];
  for (const [one, other, expected] of table)
    assert.equal(anyOf([one, other], same), expected, `${one} ${other}`);
});

test('Not turns an error into no answer', () => {
  assert.deepEqual((['true', 'false', 'error'] as const).map(not), ['false', 'true', 'error']);
});

test('what decides ends the asking', () => {
  const asked: Trilean[] = [];
  const ask = (value: Trilean): Trilean => {
    asked.push(value);
    return value;
  };
  assert.equal(allOf(['error', 'false', 'true'], ask), 'false');
  assert.equal(anyOf(['error', 'true', 'false'], ask), 'true');
  assert.deepEqual(asked, ['error', 'false', 'error', 'true']);
});

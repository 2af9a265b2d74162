import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AnswerMemory, type Basis } from './answer-memory.ts';

/** Asks for an answer with each basis in turn, and says which ones had to be made. */
function made(likeness: object, sequence: readonly Basis[], memory = new AnswerMemory<number>()): number[] {
  const answers: number[] = [];
  for (const [index, basis] of sequence.entries()) {
    memory.get(likeness, basis, () => {
      answers.push(index);
      return index;
    });
  }
  return answers;
}

const catalog = {};

test('the same request with the same basis is answered once', () => {
  assert.deepEqual(
    made({}, [
      [catalog, 1],
      [catalog, 1],
      [catalog, 1],
    ]),
    [0],
  );
});

test('another request, another basis or a part of it more is another answer', () => {
  const memory = new AnswerMemory<number>();
  assert.deepEqual(made({}, [[catalog, 1]], memory), [0]);
  assert.deepEqual(
    made({}, [[catalog, 1], [{}, 1], [catalog, 2], [catalog], [catalog, 1, '']], memory),
    [0, 1, 2, 3, 4],
  );
});

test('a few answers are kept for one request, the latest ones', () => {
  assert.deepEqual(made({}, [[1], [2], [3], [4], [1], [5], [2], [1]]), [0, 1, 2, 3, 5, 7]);
});

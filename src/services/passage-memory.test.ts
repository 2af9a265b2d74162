import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Passage } from '../soap/passage.ts';
import { until } from '../../test/support/until.ts';
import { PassageMemory } from './passage-memory.ts';

/** A memory, and the keys of what had to be made. */
function open(maxBytes: number) {
  const failures: unknown[] = [];
  const memory = new PassageMemory(maxBytes, (error) => failures.push(error));
  const made: string[] = [];
  const get = (key: string, passage: Passage): Promise<Passage> =>
    memory.get(key, async () => {
      made.push(key);
      return passage;
    });
  return { get, made, failures };
}

const noise = (length: number): Passage =>
  new Passage(Passage.of(Uint8Array.from({ length }, (_, index) => (index * index * 31) >> 3)).blocks);

test('a passage is made once', async () => {
  const { get, made } = open(10_000);
  for (let times = 0; times < 3; times++) await get('page', noise(100));
  assert.deepEqual(made, ['page']);
});

test('what was not asked for the longest time makes room', async () => {
  const { get, made } = open(5500);
  for (const key of ['a', 'b', 'c', 'd', 'a', 'e', 'a', 'b']) await get(key, noise(1000));
  assert.deepEqual(made, ['a', 'b', 'c', 'd', 'e', 'b']);
});

test('what would take a quarter of the room alone is not kept', async () => {
  const { get, made } = open(4000);
  for (let times = 0; times < 2; times++) await get('large', noise(1200));
  assert.deepEqual(made, ['large', 'large']);
});

test('what is asked for again is packed into full blocks, and stays the same', async () => {
  const { get } = open(100_000);
  const piece = Passage.of(Buffer.from('<Update><ID>1234567</ID></Update>'));
  const loose = new Passage(Buffer.concat(Array.from({ length: 100 }, () => piece.blocks)));
  await get('page', loose);
  await until('it is packed', async () => (await get('page', loose)).blocks.length < loose.blocks.length / 2);
  assert.deepEqual((await get('page', loose)).plain(), loose.plain());
});

test('keys count, and what is empty is not kept', async () => {
  const { get, made } = open(10_000);
  const empty = new Passage(new Uint8Array(0));
  for (let times = 0; times < 2; times++) {
    await get('x'.repeat(5_000), noise(10));
    await get('empty', empty);
  }
  assert.deepEqual(
    made.map((key) => key.slice(0, 5)),
    ['xxxxx', 'empty', 'xxxxx', 'empty'],
  );
});

test('a damaged passage is told of, once, and harms nobody', async () => {
  const { get, failures } = open(100_000);
  const damaged = new Passage(Buffer.from([9, 0, 0, 0, 8, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8]));
  for (let times = 0; times < 3; times++) assert.equal(await get('page', damaged), damaged);
  await until('it is told of', () => failures.length > 0);
  assert.equal(failures.length, 1);
});

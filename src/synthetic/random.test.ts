import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Random } from './random.ts';
import { syntheticId } from './synthetic-id.ts';

describe('random numbers', () => {
  test('are the same for the same seed and keys for ever', () => {
    const draw = (...keys: number[]): number[] => {
      const random = new Random(keys[0], ...keys.slice(1));
      return [random.next(), random.next(), random.next()];
    };
    assert.deepEqual(draw(1), [1_000_447_639, 1_819_228_046, 1_990_737_779]);
    assert.notDeepEqual(draw(1, 0), draw(1));
    assert.notDeepEqual(draw(1, 0), draw(1, 1));
    assert.notDeepEqual(draw(2), draw(1));
  });

  test('have the means they are asked for', () => {
    const random = new Random(7);
    const mean = (draw: () => number): number => {
      let sum = 0;
      for (let count = 0; count < 20_000; count++) sum += draw();
      return sum / 20_000;
    };
    const near = (value: number, wanted: number): void =>
      assert.ok(Math.abs(value - wanted) < wanted * 0.05, `${value} is not about ${wanted}`);
    near(
      mean(() => random.real()),
      0.5,
    );
    near(
      mean(() => random.between(10, 30)),
      20,
    );
    near(
      mean(() => random.geometric(1.6)),
      1.6,
    );
    near(
      mean(() => Number(random.chance(0.2))),
      0.2,
    );
    near(
      mean(() => random.weighted([1, 0, 3])),
      1.5,
    );
    near(
      mean(() => Math.log(random.lognormal(5, 1))),
      Math.log(5),
    );
  });
});

test('UpdateIDs are GUIDs of random kind, and none comes twice', () => {
  const ids = Array.from({ length: 100_000 }, (_, index) => syntheticId(3, index));
  assert.equal(new Set(ids.map((id) => id.slice(0, 8))).size, ids.length);
  for (const id of ids.slice(0, 1000))
    assert.match(id, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  assert.notEqual(syntheticId(4, 0), ids[0]);
});

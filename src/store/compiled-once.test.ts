import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TempStore } from '../../test/support/temp-store.ts';
import { compiledOnce } from './compiled-once.ts';

interface Fact {
  readonly key: string;
  readonly value: string;
}

const insert = compiledOnce((db, fact: Fact) => db.insertInto('server').values(fact));
const find = compiledOnce((db, { key }: Pick<Fact, 'key'>) =>
  db.selectFrom('server').select('value').where('key', '=', key),
);

test('a query that was compiled runs with other values, in another store too', async () => {
  for (let store = 0; store < 2; store++) {
    await using temp = await TempStore.open();
    await temp.db.transaction().execute(async (tx) => {
      await insert(tx, { key: 'one', value: 'first' });
      await insert(tx, { key: 'two', value: 'second' });
    });
    const valuesOf = async (key: string): Promise<string[]> =>
      (await find(temp.db, { key })).map((row) => row.value);
    assert.deepEqual(await valuesOf('two'), ['second']);
    assert.deepEqual(await valuesOf('one'), ['first']);
    assert.deepEqual(await valuesOf('three'), []);
  }
});

test('a query that does not use its values as they come is refused', async () => {
  await using temp = await TempStore.open();
  const turnedAround = compiledOnce((db, { key, value }: Fact) =>
    db.selectFrom('server').select('value').where('value', '=', value).where('key', '=', key),
  );
  await assert.rejects(turnedAround(temp.db, { key: 'one', value: 'first' }));
  const halfUsed = compiledOnce((db, { key }: Fact) =>
    db.selectFrom('server').select('value').where('key', '=', key),
  );
  await assert.rejects(halfUsed(temp.db, { key: 'one', value: 'first' }));
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Db } from '../store/schema.ts';
import { TempStore } from '../../test/support/temp-store.ts';
import { inTransaction } from './dry-run.ts';

const note = (db: Db, key: string): Promise<unknown> =>
  db.insertInto('server').values({ key, value: 'x' }).execute();

async function keys(db: Db): Promise<string[]> {
  const rows = await db.selectFrom('server').select('key').where('value', '=', 'x').orderBy('key').execute();
  return rows.map((row) => row.key);
}

test('a part that fails inside a transaction is taken back alone', async () => {
  await using temp = await TempStore.open();
  await inTransaction(temp.db, false, async (tx) => {
    await note(tx, 'a');
    const failed = inTransaction(tx, false, async (part) => {
      await inTransaction(part, false, (inner) => note(inner, 'b'));
      throw new Error('no');
    });
    await assert.rejects(failed, /no/);
    await inTransaction(tx, false, (part) => note(part, 'c'));
  });
  assert.deepEqual(await keys(temp.db), ['a', 'c']);
});

test('a dry run inside a transaction tells its result and leaves nothing', async () => {
  await using temp = await TempStore.open();
  const told = await inTransaction(temp.db, false, async (tx) => {
    await note(tx, 'a');
    return inTransaction(tx, true, async (part) => {
      await note(part, 'b');
      return keys(part);
    });
  });
  assert.deepEqual(told, ['a', 'b']);
  assert.deepEqual(await keys(temp.db), ['a']);
});

test('a transaction that fails takes back the parts that went well', async () => {
  await using temp = await TempStore.open();
  const failed = inTransaction(temp.db, false, async (tx) => {
    await inTransaction(tx, false, (part) => note(part, 'a'));
    throw new Error('no');
  });
  await assert.rejects(failed, /no/);
  assert.deepEqual(await keys(temp.db), []);
});

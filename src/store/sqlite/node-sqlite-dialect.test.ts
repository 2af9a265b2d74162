import assert from 'node:assert/strict';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, it } from 'node:test';
import { sql } from 'kysely';
import { readCatalogRows } from '../../../test/support/stored-rows.ts';
import { TempStore } from '../../../test/support/temp-store.ts';
import { readServerState } from '../server-state.ts';

/** Another process, as far as SQLite can tell; it never waits. */
function stranger(dataFolder: string): DatabaseSync {
  return new DatabaseSync(join(dataFolder, 'oakum.db'), { timeout: 0 });
}

describe('a transaction', () => {
  it('that reads before it writes cannot be overtaken by another process', async () => {
    await using temp = await TempStore.open();
    using other = stranger(temp.dataFolder);
    await temp.db.transaction().execute(async (tx) => {
      await readServerState(tx);
      assert.throws(() => other.exec(`INSERT INTO server VALUES ('other', '1')`), /locked/);
      await tx.insertInto('server').values({ key: 'own', value: '2' }).execute();
    });
    other.exec(`INSERT INTO server VALUES ('other', '1')`);
    assert.equal(await temp.count('server'), 4);
  });

  it('that only reads sees one state and holds nobody up', async () => {
    await using temp = await TempStore.open();
    using other = stranger(temp.dataFolder);
    const transaction = temp.db.transaction().setAccessMode('read only');
    await transaction.execute(async (tx) => {
      const before = await readServerState(tx);
      other.exec(`UPDATE server SET value = '77' WHERE key = 'configuration_changed_ms'`);
      assert.deepEqual(await readServerState(tx), before);
    });
    assert.equal((await readServerState(temp.db)).configurationChangedMs, 77);
    const rows = readCatalogRows(temp.db);
    other.exec(`DELETE FROM sequence WHERE name = 'fleet_change'`);
    assert.equal((await rows).change, 1);
  });

  it('that fails leaves nothing, and the connection is free again', async () => {
    await using temp = await TempStore.open();
    const insert = temp.db.insertInto('server').values({ key: 'x', value: '1' });
    await assert.rejects(
      temp.db.transaction().execute(async (tx) => {
        await tx.executeQuery(insert);
        await tx.executeQuery(insert);
      }),
      /UNIQUE/,
    );
    assert.equal(await temp.count('server'), 2);
    await insert.execute();
  });
});

describe('a statement', () => {
  it('with RETURNING gives its rows', async () => {
    await using temp = await TempStore.open();
    const inserted = temp.db.insertInto('update_entry').values({ update_id: 'a' }).returning('number');
    assert.deepEqual((await inserted.execute()).map(Object.entries), [[['number', 1]]]);
  });

  it('is done although the full-text index left a rowid behind that no double holds', async () => {
    await using temp = await TempStore.open();
    const words = JSON.stringify(Array.from({ length: 20_000 }, (_, index) => `word${index} other${index}`));
    await temp.db.transaction().execute(async (tx) => {
      await sql`INSERT INTO update_text (rowid, title) SELECT key + 1, value FROM json_each(${words})`.execute(
        tx,
      );
      await sql`SAVEPOINT part`.execute(tx);
      await sql`DELETE FROM update_text WHERE rowid < 10000`.execute(tx);
      await sql`RELEASE part`.execute(tx);
    });
    await temp.db.insertInto('server').values({ key: 'own', value: '2' }).execute();
    assert.equal(await temp.count('server'), 3);
  });

  it('may be prepared more often than statements are kept', async () => {
    await using temp = await TempStore.open();
    for (let count = 1; count <= 600; count++) {
      const some = temp.db
        .selectFrom('server')
        .selectAll()
        .limit(count % 300);
      const kept = await some.where('key', 'in', Array.from({ length: (count % 300) + 1 }, String)).execute();
      assert.deepEqual(kept, []);
    }
  });
});

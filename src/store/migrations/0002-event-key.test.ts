import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Kysely } from 'kysely';
import { Migrator } from 'kysely/migration';
import { TempFolder } from '../../../test/support/temp-store.ts';
import { connect, databasePath } from '../connect.ts';
import { openStore } from '../open-store.ts';
import { nodeSqliteDialect } from '../sqlite/node-sqlite-dialect.ts';
import { initial } from './0001-initial.ts';

test('a store of the first version keeps its events when it gets their new key', async () => {
  using folder = new TempFolder();
  const old = new Kysely<unknown>({
    dialect: nodeSqliteDialect(connect(databasePath(folder.path), { readOnly: false, cacheMebibytes: 8 })),
  });
  const migrations = { '0001-initial': initial };
  await new Migrator({ db: old, provider: { getMigrations: async () => migrations } }).migrateToLatest();
  await old.destroy();
  using writing = connect(databasePath(folder.path), { readOnly: false, cacheMebibytes: 8 });
  const insert = writing.prepare(
    `INSERT INTO event VALUES (?, ?, 1, 183, 101, 5, 6, 'update', 200, -7, 'app', '["a"]', '["b"]')`,
  );
  for (const [event, client] of ['9', '1', '5'].entries()) insert.run(`event-${event}`, client);
  const before = writing.prepare('SELECT * FROM event ORDER BY rowid').all();

  const store = await openStore({ dataFolder: folder.path, now: () => 1 });
  assert.deepEqual(store.reader.prepare('SELECT * FROM event ORDER BY rowid').all(), before);
  assert.throws(() => insert.run('event-0', '9'), /UNIQUE/);
  insert.run('event-0', '1');
  await store.close();
});

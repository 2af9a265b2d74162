import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, it } from 'node:test';
import { promisify } from 'node:util';
import { sql } from 'kysely';
import { TempFolder, TempStore } from '../../test/support/temp-store.ts';
import { OakumError } from '../errors/oakum-error.ts';
import { ALL_COMPUTERS, UNASSIGNED_COMPUTERS } from '../fleet/server-state.ts';
import { MIGRATIONS } from './migrations/index.ts';
import { openStore } from './open-store.ts';
import { readServerState } from './server-state.ts';

const now = (): number => 1;

/** Why a data folder cannot be opened, without its path. */
async function refusal(dataFolder: string): Promise<string> {
  try {
    await (await openStore({ dataFolder, now })).close();
    return 'opened';
  } catch (error) {
    assert.ok(error instanceof OakumError);
    assert.equal(error.code, 'OAK_STORE_UNUSABLE');
    assert.doesNotMatch(error.message, /\n|\.\.$/);
    const start = `The store cannot be opened. ${join(dataFolder, 'oakum.db')}: `;
    assert.ok(error.message.startsWith(start), error.message);
    return error.message.slice(start.length);
  }
}

/** A database with just this in it. */
function database(dataFolder: string, script: string): void {
  const file = new DatabaseSync(join(dataFolder, 'oakum.db'));
  file.exec(script);
  file.close();
}

function tablesOf(dataFolder: string): string[] {
  const file = new DatabaseSync(join(dataFolder, 'oakum.db'), { readOnly: true });
  const rows = file.prepare("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name").all();
  file.close();
  return rows.map((row) => String(row.name));
}

describe('a store', () => {
  it('is for its owner alone, whatever the umask says', { skip: process.platform === 'win32' }, async () => {
    using folder = new TempFolder();
    const dataFolder = join(folder.path, 'there', 'not');
    const before = process.umask(0);
    try {
      const store = await openStore({ dataFolder, now });
      const modes = ['', 'oakum.db', 'oakum.db-wal', 'oakum.db-shm'].map((name) => [
        name,
        (statSync(join(dataFolder, name)).mode & 0o777).toString(8),
      ]);
      assert.deepEqual(modes, [
        ['', '700'],
        ['oakum.db', '600'],
        ['oakum.db-wal', '600'],
        ['oakum.db-shm', '600'],
      ]);
      await store.close();
    } finally {
      process.umask(before);
    }
  });

  it('is created with its folder, an identity and the groups every server has', async () => {
    using folder = new TempFolder();
    const dataFolder = join(folder.path, 'not', 'there', 'yet');
    const store = await openStore({ dataFolder, now: () => 12_345 });
    const { identity, configurationChangedMs } = await readServerState(store.db);
    assert.match(identity, /^[0-9a-f-]{36}$/);
    assert.equal(configurationChangedMs, 12_345);
    const groups = await store.db.selectFrom('target_group').select(['id', 'parent_id']).execute();
    assert.deepEqual(
      new Map(groups.map((group) => [group.id, group.parent_id])),
      new Map<string, string | null>([
        [ALL_COMPUTERS, null],
        [UNASSIGNED_COMPUTERS, ALL_COMPUTERS],
      ]),
    );
    await store.close();
    assert.ok(existsSync(join(dataFolder, 'oakum.db')));
  });

  it('keeps its identity and runs every migration once', async () => {
    await using temp = await TempStore.open();
    const migrations = (): unknown[] => temp.store.reader.prepare('SELECT * FROM kysely_migration').all();
    const [before, state] = [migrations(), await readServerState(temp.db)];
    assert.deepEqual(
      before.map((row) => (row as { name: string }).name),
      Object.keys(MIGRATIONS),
    );
    temp.nowMs += 1_000;
    await temp.reopen();
    assert.deepEqual(migrations(), before);
    assert.deepEqual(await readServerState(temp.db), state);
  });

  it('is durable and consistent: write-ahead log, full synchronisation, foreign keys', async () => {
    await using temp = await TempStore.open();
    const { reader } = temp.store;
    assert.equal(reader.prepare('PRAGMA journal_mode').get()?.journal_mode, 'wal');
    const { rows } = await sql<{ synchronous: number }>`PRAGMA synchronous`.execute(temp.db);
    assert.equal(rows[0].synchronous, 2);
    assert.throws(() => reader.exec('DELETE FROM server'), /readonly/);
    await assert.rejects(
      temp.db
        .insertInto('document')
        .values({ revision_id: 1, body: Buffer.of(1) })
        .execute(),
      /FOREIGN KEY/,
    );
  });

  it('queues its transactions behind each other', async () => {
    await using temp = await TempStore.open();
    const entry = (id: number): Promise<unknown> =>
      temp.db.transaction().execute(async (tx) => {
        await tx
          .insertInto('update_entry')
          .values({ update_id: `${id} one` })
          .execute();
        if (id === 3) throw new Error('third');
        await tx
          .insertInto('update_entry')
          .values({ update_id: `${id} two` })
          .execute();
      });
    const results = await Promise.allSettled([1, 2, 3, 4].map(entry));
    assert.deepEqual(
      results.map((result) => result.status),
      ['fulfilled', 'fulfilled', 'rejected', 'fulfilled'],
    );
    const rows = await temp.db.selectFrom('update_entry').select('update_id').orderBy('number').execute();
    assert.deepEqual(
      rows.map((row) => row.update_id),
      ['1 one', '1 two', '2 one', '2 two', '4 one', '4 two'],
    );
  });

  it('is created once by processes that start together', async () => {
    using folder = new TempFolder();
    const script = `
      import { openStore } from ${JSON.stringify(new URL('open-store.ts', import.meta.url).href)};
      import { readServerState } from ${JSON.stringify(new URL('server-state.ts', import.meta.url).href)};
      const store = await openStore({ dataFolder: process.argv[1], now: Date.now });
      process.stdout.write((await readServerState(store.db)).identity);
      await store.close();`;
    const run = promisify(execFile);
    const starts = Array.from({ length: 3 }, () =>
      run(process.execPath, ['--input-type=module', '-e', script, folder.path]),
    );
    const identities = (await Promise.all(starts)).map(({ stdout }) => stdout);
    assert.equal(new Set(identities).size, 1);
    assert.match(identities[0], /^[0-9a-f-]{36}$/);
  });
});

describe('a store that must exist', () => {
  it('is not created', async () => {
    using folder = new TempFolder();
    for (const dataFolder of [folder.path, join(folder.path, 'none')]) {
      await assert.rejects(openStore({ dataFolder, now, mustExist: true }), { code: 'OAK_STORE_MISSING' });
    }
    assert.deepEqual(readdirSync(folder.path), []);
  });

  it('is opened when it does', async () => {
    using folder = new TempFolder();
    await (await openStore({ dataFolder: folder.path, now })).close();
    await (await openStore({ dataFolder: folder.path, now, mustExist: true })).close();
  });
});

describe('a store is refused in one sentence', () => {
  it('where its file is no database', async () => {
    using folder = new TempFolder();
    writeFileSync(join(folder.path, 'oakum.db'), 'this is a text, and not a short one at all. '.repeat(100));
    assert.equal(await refusal(folder.path), 'file is not a database.');
  });

  it('where its file is a folder', async () => {
    using folder = new TempFolder();
    mkdirSync(join(folder.path, 'oakum.db'));
    assert.equal(await refusal(folder.path), 'unable to open database file.');
  });

  it('where its folder cannot be created', async () => {
    using folder = new TempFolder();
    writeFileSync(join(folder.path, 'file'), '');
    assert.match(
      await refusal(join(folder.path, 'file', 'data')),
      /^ENOTDIR: not a directory, mkdir '.*'\.$/,
    );
  });

  const isRoot = process.getuid?.() === 0;
  it('where its folder is not writable', { skip: isRoot && 'this account may write anywhere' }, async () => {
    using folder = new TempFolder();
    chmodSync(folder.path, 0o500);
    assert.equal(await refusal(folder.path), 'unable to open database file.');
  });

  it('where a newer version has migrated it, and is left as it is', async () => {
    using folder = new TempFolder();
    await (await openStore({ dataFolder: folder.path, now })).close();
    const future = `('0999-future', '2030-01-01T00:00:00.000Z')`;
    database(folder.path, `INSERT INTO kysely_migration VALUES ${future}`);
    assert.equal(
      await refusal(folder.path),
      'a newer version of Oakum has changed it (migration 0999-future).',
    );
    database(folder.path, `DELETE FROM kysely_migration WHERE name = '0999-future'`);
    assert.equal(await refusal(folder.path), 'opened');
  });

  it('where a migration fails, of which nothing remains', async () => {
    using folder = new TempFolder();
    database(folder.path, 'CREATE TABLE event (other TEXT)');
    assert.equal(await refusal(folder.path), 'table event already exists.');
    assert.deepEqual(
      tablesOf(folder.path).filter((table) => !table.startsWith('kysely_')),
      ['event'],
    );
  });

  const descriptors = '/proc/self/fd';
  it('and leaves nothing open', { skip: !existsSync(descriptors) && 'needs /proc' }, async () => {
    using folder = new TempFolder();
    database(folder.path, 'CREATE TABLE event (other TEXT)');
    await refusal(folder.path);
    const open = readdirSync(descriptors).flatMap((descriptor) => {
      const link = join(descriptors, descriptor);
      return existsSync(link) ? [readlinkSync(link)] : [];
    });
    assert.deepEqual(
      open.filter((path) => path.startsWith(folder.path)),
      [],
    );
  });
});

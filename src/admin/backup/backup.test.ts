import assert from 'node:assert/strict';
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, test } from 'node:test';
import { MEMBER_FILES, SAMPLE, sampleDocuments, sha1Of } from '../../../test/support/sample-catalogue.ts';
import { approve } from '../../../test/support/store-changes.ts';
import { TempFolder, TempStore } from '../../../test/support/temp-store.ts';
import { openFolderContentStore } from '../../content/folder-content-store.ts';
import { OakumError } from '../../errors/oakum-error.ts';
import { firstForgedAudit, listAudit } from '../../store/audit.ts';
import { openStore, type Store } from '../../store/open-store.ts';
import { holdProcessLock } from '../../store/process-lock.ts';
import { readServerState } from '../../store/server-state.ts';
import { readLastBackup } from '../../store/store-facts.ts';
import { addContent } from '../content.ts';
import { createGroup } from '../groups.ts';
import { createBackup, type BackupReport, type BackupRequest } from './create-backup.ts';
import { restoreBackup, type RestoreReport, type RestoreRequest } from './restore-backup.ts';

const CALLER = { name: 'test' };
const NOW = Date.UTC(2026, 10, 22, 10, 0, 0);

/** A data folder with something of everything, and a place for backups. */
class Site implements AsyncDisposable {
  readonly #folder = new TempFolder();
  readonly temp: TempStore;

  private constructor(temp: TempStore) {
    this.temp = temp;
  }

  static async open(): Promise<Site> {
    const temp = await TempStore.open();
    const site = new Site(temp);
    await temp.import(sampleDocuments());
    await createGroup(temp.db, CALLER, { name: 'Pilot', nowMs: NOW });
    writeFileSync(join(site.data, 'keys.json'), '{"keys": []}\n');
    writeFileSync(join(site.data, 'oakum.toml'), '# nothing\n');
    mkdirSync(join(site.data, 'tls'));
    writeFileSync(join(site.data, 'tls', 'server.pem'), 'a certificate');
    writeFileSync(join(site.data, 'keys.json.new'), 'half of it');
    const payload = site.path('payload');
    writeFileSync(payload, MEMBER_FILES[0].content);
    await addContent(temp.db, await openFolderContentStore(join(site.data, 'content')), CALLER, payload);
    return site;
  }

  get data(): string {
    return this.temp.dataFolder;
  }

  path(...names: readonly string[]): string {
    return join(this.#folder.path, ...names);
  }

  backUp(request: Partial<BackupRequest> = {}): Promise<BackupReport> {
    return createBackup(this.temp.db, CALLER, {
      ...{ dataFolder: this.data, target: this.path('backups'), nowMs: NOW, content: true },
      ...request,
    });
  }

  restore(backup: string, request: Partial<RestoreRequest> = {}): Promise<RestoreReport> {
    const dataFolder = this.path('restored');
    return restoreBackup(CALLER, { backup, dataFolder, nowMs: NOW + 1000, ...request });
  }

  /** The data folder as it is now, without anybody who works with it. */
  left(name = 'left'): string {
    const left = this.path(name);
    cpSync(this.data, left, { recursive: true });
    return left;
  }

  /** What is in a store that nobody serves. */
  async look<T>(dataFolder: string, at: (store: Store) => Promise<T>): Promise<T> {
    const store = await openStore({ dataFolder, now: () => NOW, mustExist: true });
    try {
      return await at(store);
    } finally {
      await store.close();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.temp[Symbol.asyncDispose]();
    this.#folder[Symbol.dispose]();
  }
}

/** The code that something is refused with. */
async function errorCode(task: () => Promise<unknown>): Promise<string> {
  try {
    await task();
    return 'nothing';
  } catch (error) {
    if (!(error instanceof OakumError)) throw error;
    return error.code;
  }
}

const filesBelow = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();

const identityOf = async (store: Store): Promise<string> => (await readServerState(store.db)).identity;

describe('a backup', () => {
  test('holds the store, keys, settings, certificates and files, for its owner only', async () => {
    await using site = await Site.open();
    const { path, manifest, content, bytes } = await site.backUp();
    assert.equal(path, site.path('backups', 'oakum-2026-11-22T10-00-00Z'));
    const sha1 = sha1Of(MEMBER_FILES[0].content).toString('hex').toUpperCase();
    const files = ['keys.json', 'manifest.json', 'oakum.db', 'oakum.toml', 'tls/server.pem'];
    assert.deepEqual(filesBelow(path), [`content/${sha1.slice(-2)}/${sha1}`, ...files]);
    for (const file of files) assert.equal(statSync(join(path, file)).mode & 0o777, 0o600, file);
    assert.equal(statSync(path).mode & 0o777, 0o700);
    assert.equal(
      bytes,
      files.reduce((sum, file) => sum + statSync(join(path, file)).size, 0),
    );
    assert.deepEqual(content, { files: 1, bytes: MEMBER_FILES[0].content.length, linked: 1 });
    assert.equal(manifest.store.identity, await identityOf(site.temp.store));
    assert.equal(manifest.timeMs, NOW);
  });

  test('is written down in the store it was taken of', async () => {
    await using site = await Site.open();
    assert.equal(await readLastBackup(site.temp.db), undefined);
    const { path } = await site.backUp({ content: false });
    assert.equal(await readLastBackup(site.temp.db), NOW);
    const [entry] = await listAudit(site.temp.db, { action: 'backup.create' });
    assert.deepEqual([entry.caller, entry.subject], ['test', path]);
  });

  test('is one moment of the store, whatever is committed meanwhile', async () => {
    await using site = await Site.open();
    using writing = new DatabaseSync(join(site.data, 'oakum.db'));
    writing.exec(
      `CREATE TABLE pair (a INTEGER, b INTEGER, c BLOB); INSERT INTO pair
       SELECT 0, 0, randomblob(4000) FROM json_each('[${Array(4000).fill(0).join()}]')`,
    );
    let commits = 0;
    const { path } = await site.backUp({
      onProgress: () => {
        commits++;
        writing.exec('UPDATE pair SET a = a + 1, b = b + 1 WHERE rowid IN (1, 4000)');
      },
    });
    assert.ok(commits > 1, `${commits} steps`);
    using copy = new DatabaseSync(join(path, 'oakum.db'), { readOnly: true });
    const rows = copy.prepare('SELECT DISTINCT a, b FROM pair').all();
    assert.deepEqual(
      rows.map((row) => ({ ...row })),
      [{ a: 0, b: 0 }],
    );
  });

  test('that is stopped leaves nothing, and the next one removes what a killed one left', async () => {
    await using site = await Site.open();
    const stop = new AbortController();
    const stopped = site.backUp({ signal: stop.signal, onProgress: () => stop.abort(new Error('enough')) });
    await assert.rejects(stopped, /enough/);
    assert.deepEqual(readdirSync(site.path('backups')), []);
    const { path } = await site.backUp();
    assert.deepEqual(readdirSync(site.path('backups')), [path.slice(-'oakum-2026-11-22T10-00-00Z'.length)]);
  });

  test('is refused inside the live data folder, over something, and beside another one', async () => {
    await using site = await Site.open();
    const refusal = (target: string, exact = false): Promise<string> =>
      errorCode(() => site.backUp({ target, exact }));
    assert.equal(await refusal(site.data), 'OAK_BACKUP_TARGET');
    assert.equal(await refusal(join(site.data, 'content')), 'OAK_BACKUP_TARGET');
    assert.equal(await refusal(join(site.data, 'tls', 'deep', 'er')), 'OAK_BACKUP_TARGET');
    assert.equal(await refusal(site.path('payload')), 'OAK_BACKUP_TARGET');
    mkdirSync(site.path('there'));
    assert.equal(await refusal(site.path('there'), true), 'OAK_BACKUP_TARGET');
    using _other = holdProcessLock(site.data, 'backup.lock');
    assert.equal(await refusal(site.path('backups')), 'OAK_BACKUP_BUSY');
  });

  test('may be in "backups" of the data folder, and does not hold those before it', async () => {
    await using site = await Site.open();
    await site.backUp({ target: join(site.data, 'backups') });
    const { manifest } = await site.backUp({ target: join(site.data, 'backups'), nowMs: NOW + 1000 });
    assert.ok(manifest.files.every((file) => !file.path.startsWith('backups')));
  });

  test('keeps as many of this server as were asked for, and none but its own go', async () => {
    await using site = await Site.open();
    for (const name of ['notes', 'oakum-2026-01-01T00-00-00Z']) {
      mkdirSync(site.path('backups', name), { recursive: true });
    }
    const paths: string[] = [];
    for (const day of [1, 2, 3]) {
      const report = await site.backUp({ keep: 2, nowMs: NOW + day * 86_400_000 });
      paths.push(report.path);
      assert.deepEqual(report.removed, day === 3 ? [paths[0]] : []);
    }
    assert.deepEqual(
      paths.map((path) => existsSync(path)),
      [false, true, true],
    );
    assert.ok(existsSync(site.path('backups', 'notes')));
    assert.ok(existsSync(site.path('backups', 'oakum-2026-01-01T00-00-00Z')));
  });

  test('of a damaged store fails and says so', async () => {
    await using site = await Site.open();
    using writing = new DatabaseSync(join(site.data, 'oakum.db'));
    writing.exec('PRAGMA wal_checkpoint(TRUNCATE)');
    const file = join(site.data, 'oakum.db');
    const bytes = readFileSync(file);
    bytes.fill(0xaa, 4096 * 3, 4096 * 40);
    writeFileSync(file, bytes);
    mkdirSync(site.path('backups'));
    assert.equal(await errorCode(() => site.backUp({ content: false })), 'OAK_STORE_DAMAGED');
    assert.deepEqual(readdirSync(site.path('backups')), []);
  });
});

describe('a restore', () => {
  test('brings everything back, with a whole audit log and files that are right', async () => {
    await using site = await Site.open();
    const { path } = await site.backUp();
    const report = await site.restore(path);
    assert.deepEqual(report.content, { copied: 1, present: 0 });
    assert.equal(report.firstForgedAudit, null);
    const restored = site.path('restored');
    assert.equal(readFileSync(join(restored, 'tls', 'server.pem'), 'utf8'), 'a certificate');
    for (const name of ['oakum.db', 'keys.json']) {
      assert.equal(statSync(join(restored, name)).mode & 0o777, 0o600);
    }
    await (await openFolderContentStore(join(restored, 'content'))).verify(sha1Of(MEMBER_FILES[0].content));
    await site.look(restored, async ({ db }) => {
      assert.equal(await firstForgedAudit(db), undefined);
      assert.deepEqual(
        (await listAudit(db, {})).map((entry) => entry.action),
        ['backup.restore', 'group.create'],
      );
      assert.equal(await readLastBackup(db), NOW);
    });
  });

  test('gives a new identity where nothing tells what was done since', async () => {
    await using site = await Site.open();
    const { path } = await site.backUp();
    const { identity } = await site.restore(path);
    assert.deepEqual([identity.kept, identity.because], [false, 'nothing-to-compare']);
    assert.equal(await site.look(site.path('restored'), identityOf), identity.now);
    assert.notEqual(identity.now, identity.before);
  });

  test('keeps the identity if asked to', async () => {
    await using site = await Site.open();
    const { path } = await site.backUp();
    const { identity } = await site.restore(path, { keepIdentity: true });
    assert.deepEqual([identity.kept, identity.now], [true, identity.before]);
  });

  test('keeps the identity over a store in which no number was given since', async () => {
    await using site = await Site.open();
    const { path } = await site.backUp();
    await site.temp.db.insertInto('server').values({ key: 'later', value: 'yes' }).execute();
    const dataFolder = site.left();
    const { identity, aside } = await site.restore(path, { dataFolder, replace: true });
    assert.deepEqual([identity.kept, identity.because], [true, 'unchanged']);
    assert.ok(filesBelow(aside!).includes('oakum.db'));
    const facts = await site.look(dataFolder, ({ db }) => db.selectFrom('server').select('key').execute());
    assert.ok(facts.every((fact) => fact.key !== 'later'));
    assert.deepEqual(
      readdirSync(dataFolder).filter((name) => name.startsWith('oakum.db')),
      ['oakum.db'],
    );
  });

  for (const [what, change] of Object.entries({
    'a revision id was given': (temp: TempStore) =>
      temp.db
        .updateTable('sqlite_sequence' as never)
        .set({ seq: 1000 } as never)
        .where('name' as never, '=', 'revision' as never)
        .execute(),
    'something was approved': (temp: TempStore) =>
      approve(temp.store, { updateId: SAMPLE.standalone, action: 'Install', nowMs: NOW }),
  })) {
    test(`gives a new identity where ${what} since`, async () => {
      await using site = await Site.open();
      const { path } = await site.backUp();
      await change(site.temp);
      const { identity } = await site.restore(path, { dataFolder: site.left(), replace: true });
      assert.deepEqual([identity.kept, identity.because], [false, 'changed-since']);
    });
  }

  test('gives a new identity over the store of another server, and over one that cannot be read', async () => {
    await using site = await Site.open();
    await using other = await Site.open();
    const { path } = await site.backUp();
    const dataFolder = other.left();
    const over = await site.restore(path, { dataFolder, replace: true });
    assert.equal(over.identity.because, 'other-server');
    writeFileSync(join(dataFolder, 'oakum.db'), 'no database');
    const again = await site.restore(path, { dataFolder, replace: true, nowMs: NOW + 5000 });
    assert.equal(again.identity.because, 'nothing-to-compare');
  });

  test('is refused over anything unless it may replace it', async () => {
    await using site = await Site.open();
    const { path } = await site.backUp();
    mkdirSync(site.path('restored'));
    writeFileSync(site.path('restored', 'oakum.toml'), '');
    assert.equal(await errorCode(() => site.restore(path)), 'OAK_RESTORE_OCCUPIED');
    assert.deepEqual(filesBelow(site.path('restored')), ['oakum.toml', 'store.lock']);
  });

  test('is refused while anybody works with the store', async () => {
    await using site = await Site.open();
    const { path } = await site.backUp();
    const code = await errorCode(() => site.restore(path, { dataFolder: site.data, replace: true }));
    assert.equal(code, 'OAK_STORE_IN_USE');
  });

  test('as a dry run changes nothing', async () => {
    await using site = await Site.open();
    const { path } = await site.backUp();
    const report = await site.restore(path, { dryRun: true });
    assert.equal(report.dryRun, true);
    assert.deepEqual(filesBelow(site.path('restored')), ['store.lock']);
  });

  test('ends sessions that were open then', async () => {
    await using site = await Site.open();
    using database = new DatabaseSync(join(site.data, 'oakum.db'));
    database.exec(
      `INSERT INTO account (name, name_key, role, created_ms) VALUES ('a', 'a', 'reader', 1);
       INSERT INTO session SELECT x'01', id, '', 1, 1, 9e15 FROM account`,
    );
    const { path } = await site.backUp();
    await site.restore(path);
    await site.look(site.path('restored'), async ({ db }) => {
      assert.deepEqual(await db.selectFrom('session').selectAll().execute(), []);
      assert.equal((await db.selectFrom('account').selectAll().execute()).length, 1);
    });
  });
});

describe('a backup that was damaged is not restored:', () => {
  test('one byte in any of its files', async () => {
    await using site = await Site.open();
    const { path } = await site.backUp();
    for (const file of filesBelow(path)) {
      const bytes = readFileSync(join(path, file));
      const places = [0, Math.floor(bytes.length / 2), bytes.length - 2];
      for (const at of places) {
        const copy = site.path('copy');
        cpSync(path, copy, { recursive: true });
        const changed = Buffer.from(bytes);
        changed[at] ^= 1;
        writeFileSync(join(copy, file), changed);
        assert.equal(await errorCode(() => site.restore(copy)), 'OAK_BACKUP_DAMAGED', `${file} at ${at}`);
        assert.ok(!existsSync(site.path('restored', 'oakum.db')));
        rmSync(copy, { recursive: true });
      }
    }
  });

  test('a file that is missing, shorter or longer', async () => {
    await using site = await Site.open();
    const { path } = await site.backUp();
    for (const file of filesBelow(path).filter((name) => name !== 'manifest.json')) {
      for (const spoil of [
        rmSync,
        (at: string) => writeFileSync(at, ''),
        (at: string) => appendFileSync(at, 'x'),
      ]) {
        const copy = site.path('copy');
        cpSync(path, copy, { recursive: true });
        spoil(join(copy, file));
        assert.equal(await errorCode(() => site.restore(copy)), 'OAK_BACKUP_DAMAGED', file);
        rmSync(copy, { recursive: true });
      }
    }
    rmSync(join(path, 'manifest.json'));
    assert.equal(await errorCode(() => site.restore(path)), 'OAK_BACKUP_MISSING');
  });
});

import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, test } from 'node:test';
import { clientEvent } from '../../../test/support/client-event.ts';
import {
  LICENCE_FILE,
  MEMBER_FILES,
  SAMPLE,
  sampleDocuments,
  sha1Of,
} from '../../../test/support/sample-catalogue.ts';
import { approve } from '../../../test/support/store-changes.ts';
import { TempFolder, TempStore } from '../../../test/support/temp-store.ts';
import { tempWriter } from '../../../test/support/temp-writer.ts';
import { ContentFolder } from '../../content/content-folder.ts';
import { OakumError } from '../../errors/oakum-error.ts';
import { appendAudit } from '../../store/audit.ts';
import { databasePath } from '../../store/connect.ts';
import { beginImport } from '../../store/imports.ts';
import { noteTaskStart } from '../../store/housekeeping-log.ts';
import { openReadOnlyStore } from '../../store/read-only-store.ts';
import { openStore } from '../../store/open-store.ts';
import { noteBackup } from '../../store/store-facts.ts';
import type { DoctorFinding, ListenerFacts, Patient, SettingsFacts } from './check.ts';
import { CHECK_NAMES, examine } from './doctor.ts';

const DAY_MS = 86_400_000;
const LISTENER: ListenerFacts = { setting: 'listen', listen: '127.0.0.1:8530', tls: false, loopback: true };
const SETTINGS: SettingsFacts = {
  minFreeBytes: 1,
  registrationRequired: true,
  housekeepingEnabled: true,
  housekeepingEveryHours: 12,
  names: ['wsus.example.com'],
  listeners: [LISTENER],
};

/** A patient that is well, but for the changes. */
function patient(dataFolder: string, nowMs: number, change: Partial<Patient> = {}): Patient {
  return {
    dataFolder,
    nowMs,
    store: undefined,
    settings: SETTINGS,
    probe: async () => ({ kind: 'free' }),
    certificate: () => undefined,
    secretFiles: [],
    runtime: { version: 'v26.0.0', leastMajor: 24, openFiles: 65_536 },
    ...change,
  };
}

async function findings(one: Patient, only?: string): Promise<DoctorFinding[]> {
  const found: DoctorFinding[] = [];
  for await (const finding of examine(one, only === undefined ? CHECK_NAMES : [only])) found.push(finding);
  return found;
}

/** Everything but "ok", as `check severity`. */
async function problems(one: Patient, only?: string): Promise<string[]> {
  const found = (await findings(one, only)).filter((finding) => finding.severity !== 'ok');
  for (const finding of found) assert.ok(finding.cure !== '' && finding.what !== '', JSON.stringify(finding));
  return found.map(({ check, severity }) => `${check} ${severity}`);
}

/** A store with an import and a backup of this week. */
async function healthy(): Promise<TempStore> {
  const temp = await TempStore.open();
  chmodSync(temp.dataFolder, 0o700);
  await temp.import(sampleDocuments());
  await noteBackup(temp.db, temp.nowMs);
  return temp;
}

function orCode<T>(work: () => T): T | string {
  try {
    return work();
  } catch (error) {
    return (error as OakumError).code;
  }
}

/** What is wrong with a store while it is open elsewhere, as under a running server. */
async function storeProblems(temp: TempStore, only?: string, nowMs = temp.nowMs): Promise<string[]> {
  using store = openReadOnlyStore(temp.dataFolder);
  // Awaited here: the store is open no longer than this.
  return await problems(patient(temp.dataFolder, nowMs, { store }), only);
}

test('a server that is well gets a clean bill, one line for each check', async () => {
  await using temp = await healthy();
  using store = openReadOnlyStore(temp.dataFolder);
  const found = await findings(patient(temp.dataFolder, temp.nowMs, { store }));
  assert.deepEqual(
    found.filter((one) => one.severity !== 'ok'),
    [],
  );
  assert.deepEqual(
    found.map((one) => one.check),
    CHECK_NAMES,
  );
});

test('looking changes nothing and leaves nothing behind, with no server running', async () => {
  using folder = new TempFolder();
  const { path } = folder;
  await (await openStore({ dataFolder: path, now: () => 1 })).close();
  const files = (): string[] =>
    readdirSync(path).map((name) => `${name} ${statSync(join(path, name)).mtimeMs}`);
  const [before, bytes] = [files(), readFileSync(databasePath(path))];
  {
    using store = openReadOnlyStore(path);
    assert.deepEqual(
      (await findings(patient(path, 1, { store })))
        .map((one) => one.check)
        .filter((name) => name === 'store'),
      ['store'],
    );
  }
  assert.deepEqual(files(), before);
  assert.ok(bytes.equals(readFileSync(databasePath(path))));
});

test('an empty folder stays empty: no store is created', () => {
  using folder = new TempFolder();
  assert.throws(() => openReadOnlyStore(folder.path), { code: 'OAK_STORE_MISSING' });
  assert.deepEqual(readdirSync(folder.path), []);
});

describe('around the server', () => {
  const cases: readonly (readonly [name: string, change: Partial<Patient>, expected: readonly string[]])[] = [
    [
      'a runtime that is too old',
      { runtime: { version: 'v22.1.0', leastMajor: 24, openFiles: undefined } },
      ['runtime error'],
    ],
    [
      'a low limit of open files',
      { runtime: { version: 'v26.0.0', leastMajor: 24, openFiles: 1024 } },
      ['runtime warning'],
    ],
    [
      'settings that cannot be read',
      {
        settings: undefined,
        settingsProblem: { severity: 'error', what: 'No.', evidence: 'x', cure: 'Correct it.' },
      },
      ['settings error'],
    ],
    [
      'plain HTTP for everybody',
      { settings: { ...SETTINGS, listeners: [{ ...LISTENER, loopback: false }] } },
      ['settings warning'],
    ],
    [
      'figures for everybody',
      {
        settings: {
          ...SETTINGS,
          listeners: [{ ...LISTENER, setting: 'metrics.listen', loopback: false }],
        },
      },
      ['settings warning'],
    ],
    [
      'no names',
      { settings: { ...SETTINGS, names: [], listeners: [{ ...LISTENER, loopback: false, tls: true }] } },
      ['settings warning'],
    ],
    [
      'no inventory and no housekeeping',
      { settings: { ...SETTINGS, registrationRequired: false, housekeepingEnabled: false } },
      ['settings warning', 'settings warning'],
    ],
    ['a port that is taken', { probe: async () => ({ kind: 'other' }) }, ['ports error']],
    [
      'a port that is forbidden',
      { probe: async () => ({ kind: 'unusable', reason: 'EACCES' }) },
      ['ports error'],
    ],
    [
      'a certificate that has expired and is weak',
      {
        certificate: () => ({
          file: 'cert.pem',
          problems: [
            { kind: 'expired', message: 'It has expired.' },
            { kind: 'weak', message: 'Its key is short.' },
          ],
        }),
      },
      ['tls error', 'tls warning'],
    ],
    [
      'a certificate that cannot be read',
      {
        certificate: () => {
          throw new OakumError('OAK_TLS_CERTIFICATE', { detail: 'ENOENT.' });
        },
      },
      ['tls error'],
    ],
    ['a full disk', { settings: { ...SETTINGS, minFreeBytes: Number.MAX_SAFE_INTEGER } }, ['disk error']],
    [
      'a check that fails by itself',
      {
        probe: () => {
          throw new Error('no network');
        },
      },
      ['ports error'],
    ],
    [
      'a store that cannot be read',
      { storeProblem: { severity: 'error', what: 'No.', evidence: 'x', cure: 'Restore it.' } },
      ['store error'],
    ],
  ];
  for (const [name, change, expected] of cases) {
    test(`${name} is found`, async () => {
      using folder = new TempFolder();
      chmodSync(folder.path, 0o700);
      assert.deepEqual(await problems(patient(folder.path, 0, change)), expected);
    });
  }

  test('what others may read and change is found', { skip: process.platform === 'win32' }, async () => {
    using folder = new TempFolder();
    const secret = join(folder.path, 'keys.json');
    writeFileSync(secret, '{}');
    const found = async (folderMode: number, secretMode: number): Promise<string[]> => {
      chmodSync(folder.path, folderMode);
      chmodSync(secret, secretMode);
      return problems(patient(folder.path, 0, { secretFiles: [secret, `${secret}.none`] }), 'permissions');
    };
    assert.deepEqual(await found(0o750, 0o600), []);
    assert.deepEqual(await found(0o755, 0o600), ['permissions warning']);
    assert.deepEqual(await found(0o777, 0o600), ['permissions error']);
    assert.deepEqual(await found(0o700, 0o640), ['permissions warning']);
    assert.deepEqual(await found(0o700, 0o644), ['permissions error']);
  });
});

describe('in the store', () => {
  test('references to what is not there are found', async () => {
    await using temp = await healthy();
    using other = new DatabaseSync(databasePath(temp.dataFolder), { enableForeignKeyConstraints: false });
    other.exec('DELETE FROM file');
    assert.ok((await storeProblems(temp)).includes('store error'));
  });

  test('damaged pages are found', async () => {
    await using temp = await healthy();
    using folder = new TempFolder();
    chmodSync(folder.path, 0o700);
    const copy = databasePath(folder.path);
    temp.store.reader.exec(`VACUUM INTO '${copy}'`);
    const bytes = readFileSync(copy);
    // The first page, which says what tables there are, stays as it is.
    bytes.fill(0xa5, 8192);
    writeFileSync(copy, bytes);
    const found = orCode(() => openReadOnlyStore(folder.path));
    if (typeof found === 'string') assert.equal(found, 'OAK_STORE_UNUSABLE');
    else {
      using store = found;
      assert.ok((await problems(patient(folder.path, 0, { store }), 'store')).includes('store error'));
    }
  });

  test('tables of an older and of a newer version are told apart, and nothing else is asked of them', async () => {
    await using temp = await healthy();
    using other = new DatabaseSync(databasePath(temp.dataFolder));
    other.exec("DELETE FROM kysely_migration WHERE name LIKE '0006%'");
    assert.deepEqual(await storeProblems(temp), ['store warning']);
    other.exec("INSERT INTO kysely_migration (name, timestamp) VALUES ('9999-future', '')");
    assert.deepEqual(await storeProblems(temp), ['store warning', 'store error']);
  });

  test('a forged audit log is found', async () => {
    await using temp = await healthy();
    await temp.db
      .transaction()
      .execute((tx) =>
        appendAudit(tx, { timeMs: temp.nowMs, caller: 'x', action: 'group.create', subject: 'y' }),
      );
    assert.deepEqual(await storeProblems(temp), []);
    using other = new DatabaseSync(databasePath(temp.dataFolder));
    for (const { name } of other
      .prepare("SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'audit'")
      .all())
      other.exec(`DROP TRIGGER "${String(name)}"`);
    other.exec("UPDATE audit SET caller = 'z'");
    assert.deepEqual(await storeProblems(temp), ['audit error']);
  });

  test('a clock that was set back is found', async () => {
    await using temp = await healthy();
    assert.deepEqual(await storeProblems(temp, 'clock', temp.nowMs - 30_000), []);
    assert.deepEqual(await storeProblems(temp, 'clock', temp.nowMs - DAY_MS), ['clock error']);
  });

  test('a clock that most computers contradict is found; one computer proves nothing', async () => {
    await using temp = await healthy();
    await using writer = tempWriter(temp);
    const report = (index: number): Promise<void> => {
      const event = clientEvent(index, {
        clientId: `computer-${index}`,
        timeMs: temp.nowMs + (index === 5 ? -DAY_MS : 3_600_000),
      });
      return writer.execute('appendEvents', { receivedMs: temp.nowMs, events: [event] });
    };
    await report(0);
    assert.deepEqual(await storeProblems(temp, 'clock'), []);
    for (let index = 1; index < 6; index++) await report(index);
    assert.deepEqual(await storeProblems(temp, 'clock'), ['clock warning']);
  });

  test('a backup that is missing or old is found', async () => {
    await using temp = await TempStore.open();
    assert.deepEqual(await storeProblems(temp, 'backup'), ['backup warning']);
    await noteBackup(temp.db, temp.nowMs);
    assert.deepEqual(await storeProblems(temp, 'backup'), []);
    assert.deepEqual(await storeProblems(temp, 'backup', temp.nowMs + 9 * DAY_MS), ['backup warning']);
  });

  test('a catalogue that is empty or old, and an import that never ended, are found', async () => {
    await using temp = await TempStore.open();
    const check = (days: number): Promise<string[]> =>
      storeProblems(temp, 'synchronisation', temp.nowMs + days * DAY_MS);
    assert.deepEqual(await check(0), ['synchronisation warning']);
    await temp.import(sampleDocuments());
    assert.deepEqual(await check(0), []);
    assert.deepEqual(await check(41), ['synchronisation warning']);
    await beginImport(temp.db, 'half', temp.nowMs);
    assert.deepEqual(await check(0), []);
    assert.deepEqual(await check(1), ['synchronisation warning']);
  });

  test('files that are missing, cut off or in quarantine are found', async () => {
    await using temp = await healthy();
    const root = join(temp.dataFolder, 'content');
    const folder = new ContentFolder(root);
    const put = (content: Buffer, bytes = content.length): void => {
      const path = folder.pathOf(sha1Of(content).toString('hex').toUpperCase());
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, content.subarray(0, bytes));
    };
    assert.deepEqual(await storeProblems(temp, 'content'), []);
    await approve(temp.store, { updateId: SAMPLE.bundle, action: 'Install', nowMs: temp.nowMs });
    assert.deepEqual(await storeProblems(temp, 'content'), ['content error']);
    for (const { content } of [...MEMBER_FILES, LICENCE_FILE]) put(content);
    assert.deepEqual(await storeProblems(temp, 'content'), []);
    put(MEMBER_FILES[0].content, 5);
    assert.deepEqual(await storeProblems(temp, 'content'), ['content error']);
    put(MEMBER_FILES[0].content);
    mkdirSync(join(root, 'quarantine'));
    writeFileSync(join(root, 'quarantine', 'x'), '');
    assert.deepEqual(await storeProblems(temp, 'content'), ['content warning']);
  });

  test('computers that went silent are found by name, whatever they are called', async () => {
    await using temp = await healthy();
    await using writer = tempWriter(temp);
    const greeting = { clientId: 'c', dnsName: 'pc\u001b[2J', requestedGroups: '', address: '' };
    await writer.execute('greet', { greeting, nowMs: temp.nowMs });
    assert.deepEqual(await storeProblems(temp, 'computers'), []);
    using store = openReadOnlyStore(temp.dataFolder);
    const found = await findings(patient(temp.dataFolder, temp.nowMs + 40 * DAY_MS, { store }), 'computers');
    assert.ok(found.some((one) => one.severity === 'warning' && one.evidence.includes('pc')));
  });

  test('events that were refused this week are found', async () => {
    await using temp = await healthy();
    await using writer = tempWriter(temp);
    const event = clientEvent(0, { refused: 'OAK_EVENT_OVERSIZED' });
    await writer.execute('appendEvents', { receivedMs: temp.nowMs, events: [event] });
    assert.deepEqual(await storeProblems(temp, 'events'), ['events warning']);
    assert.deepEqual(await storeProblems(temp, 'events', temp.nowMs + 8 * DAY_MS), []);
  });

  test('housekeeping that stopped is found', async () => {
    await using temp = await healthy();
    await noteTaskStart(temp.db, 'events', temp.nowMs);
    assert.deepEqual(await storeProblems(temp, 'housekeeping', temp.nowMs + DAY_MS), []);
    assert.deepEqual(await storeProblems(temp, 'housekeeping', temp.nowMs + 2 * DAY_MS), [
      'housekeeping warning',
    ]);
  });
});

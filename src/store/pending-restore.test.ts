import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { TempFolder } from '../../test/support/temp-store.ts';
import { openStore } from './open-store.ts';
import { finishRestore, isRestorePending } from './pending-restore.ts';
import { readServerState } from './server-state.ts';
import { holdStoreAlone, shareStore } from './store-hold.ts';

/** Old and new files of a data folder, as they lie when a restore was just decided. */
function decided(dataFolder: string): void {
  for (const name of ['oakum.db', 'oakum.db-wal', 'keys.json', 'oakum.toml']) {
    writeFileSync(join(dataFolder, name), `old ${name}`);
  }
  const ready = join(dataFolder, 'restore-ready');
  mkdirSync(ready);
  writeFileSync(
    join(ready, 'restore-plan.json'),
    JSON.stringify({
      aside: 'replaced-1',
      withoutSuccessor: ['oakum.db-wal', 'oakum.toml'],
    }),
  );
  for (const name of ['oakum.db', 'keys.json']) writeFileSync(join(ready, name), `new ${name}`);
}

const OLD = ['keys.json', 'oakum.db', 'oakum.db-wal', 'oakum.toml'];

function contentsOf(folder: string): Record<string, string> {
  return Object.fromEntries(
    readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => [entry.name, readFileSync(join(folder, entry.name), 'utf8')]),
  );
}

function assertFinished(dataFolder: string): void {
  assert.deepEqual(contentsOf(dataFolder), { 'oakum.db': 'new oakum.db', 'keys.json': 'new keys.json' });
  const old = Object.fromEntries(OLD.map((name) => [name, `old ${name}`]));
  assert.deepEqual(contentsOf(join(dataFolder, 'replaced-1')), old);
  assert.deepEqual(readdirSync(dataFolder).sort(), ['keys.json', 'oakum.db', 'replaced-1']);
}

describe('a restore that was decided', () => {
  test('puts new files in the place of old ones, and those aside', () => {
    using folder = new TempFolder();
    decided(folder.path);
    assert.ok(isRestorePending(folder.path));
    finishRestore(folder.path);
    assertFinished(folder.path);
  });

  test('is finished from wherever it was cut off', () => {
    // Every renaming that finishing makes, in its order: the process may end behind each.
    const moves = [
      ['oakum.db-wal', join('replaced-1', 'oakum.db-wal')],
      ['oakum.toml', join('replaced-1', 'oakum.toml')],
      ...['keys.json', 'oakum.db'].flatMap((name) => [
        [name, join('replaced-1', name)],
        [join('restore-ready', name), name],
      ]),
    ];
    for (let done = 0; done <= moves.length; done++) {
      using folder = new TempFolder();
      decided(folder.path);
      mkdirSync(join(folder.path, 'replaced-1'));
      for (const [from, to] of moves.slice(0, done)) {
        renameSync(join(folder.path, from), join(folder.path, to));
      }
      finishRestore(folder.path);
      assertFinished(folder.path);
    }
  });

  test('is finished by whoever opens the store', async () => {
    using folder = new TempFolder();
    const identity = async (): Promise<string> => {
      const store = await openStore({ dataFolder: folder.path, now: () => 1, mustExist: true });
      const state = await readServerState(store.db);
      await store.close();
      return state.identity;
    };
    await (await openStore({ dataFolder: folder.path, now: () => 1 })).close();
    const before = await identity();
    mkdirSync(join(folder.path, 'restore-ready'));
    renameSync(join(folder.path, 'oakum.db'), join(folder.path, 'restore-ready', 'oakum.db'));
    writeFileSync(
      join(folder.path, 'restore-ready', 'restore-plan.json'),
      JSON.stringify({ aside: 'replaced-1', withoutSuccessor: [] }),
    );
    assert.equal(await identity(), before);
    assert.ok(!isRestorePending(folder.path));
  });
});

describe('the hold on a store', () => {
  test('is shared by those who work with it, and keeps out who would replace it', () => {
    using folder = new TempFolder();
    {
      using _one = shareStore(folder.path);
      using _other = shareStore(folder.path);
      assert.throws(() => holdStoreAlone(folder.path), { code: 'OAK_STORE_IN_USE' });
      // An attempt in vain leaves it as it was.
      using _third = shareStore(folder.path);
    }
    using _alone = holdStoreAlone(folder.path);
    assert.throws(() => holdStoreAlone(folder.path), { code: 'OAK_STORE_IN_USE' });
  });

  test('keeps a store from being opened while it is replaced', async () => {
    using folder = new TempFolder();
    using _alone = holdStoreAlone(folder.path);
    await assert.rejects(openStore({ dataFolder: folder.path, now: () => 1 }), {
      code: 'OAK_RESTORE_UNDER_WAY',
    });
  });
});

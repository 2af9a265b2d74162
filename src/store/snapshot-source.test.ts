import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { sampleDocuments } from '../../test/support/sample-catalogue.ts';
import { TempFolder, TempStore } from '../../test/support/temp-store.ts';
import { nextSnapshot } from '../catalog/snapshot.ts';
import { databasePath } from './connect.ts';
import { openStore } from './open-store.ts';
import { readSnapshot } from './snapshot-reader.ts';
import { ThreadSnapshotSource } from './snapshot-source.ts';

const UNUSABLE = { code: 'OAK_STORE_UNUSABLE' };
const EVERYTHING = ['revisions', 'scope', 'decisions'];

function sourceOf(temp: TempStore): ThreadSnapshotSource & AsyncDisposable {
  const source = new ThreadSnapshotSource(databasePath(temp.dataFolder));
  return Object.assign(source, { [Symbol.asyncDispose]: () => source.close() });
}

describe('a thread that reads the store', () => {
  test('hands over what is read without one', async () => {
    await using temp = await TempStore.open();
    await using source = sourceOf(temp);
    await temp.import(sampleDocuments());
    const change = await source.read();
    assert.deepEqual({ ...nextSnapshot(undefined, change!) }, { ...readSnapshot(temp.store.reader) });
    assert.equal(await source.read(), undefined);
  });

  test('may be asked again before it has answered', async () => {
    await using temp = await TempStore.open();
    await using source = sourceOf(temp);
    const [first, second] = await Promise.all([source.read(), source.read()]);
    assert.deepEqual([Object.keys(first ?? {}), second], [EVERYTHING, undefined]);
  });

  test('that dies is started anew, and gives everything again', async () => {
    using folder = new TempFolder();
    const source = new ThreadSnapshotSource(databasePath(folder.path));
    await assert.rejects(source.read(), UNUSABLE);
    const store = await openStore({ dataFolder: folder.path, now: () => 1 });
    assert.deepEqual(Object.keys((await source.read()) ?? {}), EVERYTHING);
    await source.close();
    await store.close();
  });

  test('says what it could not read, and goes on when it can', async () => {
    await using temp = await TempStore.open();
    await using source = sourceOf(temp);
    await source.read();
    const { schema } = temp.db;
    await schema.alterTable('sequence').renameTo('elsewhere').execute();
    await assert.rejects(source.read(), { ...UNUSABLE, message: /no such table: sequence/ });
    await schema.alterTable('elsewhere').renameTo('sequence').execute();
    assert.deepEqual(Object.keys((await source.read()) ?? {}), EVERYTHING);
  });

  test('may be closed without ever having been asked, and twice', async () => {
    await using temp = await TempStore.open();
    await using source = sourceOf(temp);
    await source.close();
  });
});

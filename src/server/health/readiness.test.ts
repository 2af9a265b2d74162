import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { clientEvent } from '../../../test/support/client-event.ts';
import { TempFolder, TempStore } from '../../../test/support/temp-store.ts';
import { tempWriter } from '../../../test/support/temp-writer.ts';
import { databasePath } from '../../store/connect.ts';
import type { Writer } from '../../store/writer.ts';
import { Readiness, type ReadinessOptions } from './readiness.ts';

function ready(temp: TempStore, writer: Writer, change: Partial<ReadinessOptions> = {}): Promise<string[]> {
  const { dataFolder, now } = temp;
  const readiness = new Readiness({
    ...{ dataFolder, writer, now, minFreeBytes: 1, hasCatalogue: () => true },
    ...change,
  });
  return readiness.check().then((missing) => missing.map((one) => one.what));
}

test('a server is ready as long as nobody has shown that it is not', async () => {
  await using temp = await TempStore.open();
  await using writer = tempWriter(temp);
  assert.deepEqual(await ready(temp, writer), []);
});

test('a store that takes nothing makes it unready, and it is ready again by itself', async () => {
  await using temp = await TempStore.open();
  await using writer = tempWriter(temp, { busyTimeoutMs: 0 });
  using other = new DatabaseSync(databasePath(temp.dataFolder));
  other.exec('BEGIN IMMEDIATE');
  const batch = { receivedMs: temp.nowMs, events: [clientEvent(0)] };
  await assert.rejects(writer.execute('appendEvents', batch), { code: 'OAK_SERVER_BUSY' });
  assert.deepEqual(await ready(temp, writer), ['store']);
  other.exec('ROLLBACK');
  assert.deepEqual(await ready(temp, writer), []);
  assert.equal(writer.failure, undefined);
});

test('a command that cannot be carried out says nothing of the store', async () => {
  await using temp = await TempStore.open();
  await using writer = tempWriter(temp);
  await assert.rejects(writer.execute('seen', { computers: null } as never), { code: 'OAK_INTERNAL' });
  assert.deepEqual(await ready(temp, writer), []);
});

test('a full disk, a folder that is gone and a catalogue that is not there are all named', async () => {
  await using temp = await TempStore.open();
  await using writer = tempWriter(temp);
  const full = { minFreeBytes: Number.MAX_SAFE_INTEGER, hasCatalogue: () => false };
  assert.deepEqual(await ready(temp, writer, full), ['catalogue', 'disk']);
  const gone = new TempFolder();
  rmSync(gone.path, { recursive: true });
  assert.deepEqual(await ready(temp, writer, { dataFolder: gone.path }), ['disk']);
});

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { TEMP_STORE_MS, TempStore } from '../../test/support/temp-store.ts';
import { noteConfiguration, readServerState, seedServer } from './server-state.ts';

const note = (temp: TempStore, fingerprint: string): Promise<void> =>
  temp.db.transaction().execute((tx) => noteConfiguration(tx, fingerprint, temp.nowMs));

const changedMs = async (temp: TempStore): Promise<number> =>
  (await readServerState(temp.db)).configurationChangedMs;

describe('the time of the last configuration change', () => {
  it('moves when clients would be told something else, and only then', async () => {
    await using temp = await TempStore.open();
    temp.nowMs += 1_000;
    await note(temp, 'one');
    assert.equal(await changedMs(temp), TEMP_STORE_MS);
    temp.nowMs += 1_000;
    await note(temp, 'one');
    assert.equal(await changedMs(temp), TEMP_STORE_MS);
    await note(temp, 'two');
    assert.equal(await changedMs(temp), TEMP_STORE_MS + 2_000);
    temp.nowMs += 1_000;
    await note(temp, 'two');
    assert.equal(await changedMs(temp), TEMP_STORE_MS + 2_000);
    await note(temp, 'one');
    assert.equal(await changedMs(temp), TEMP_STORE_MS + 3_000);
  });

  it('stays over a restart', async () => {
    await using temp = await TempStore.open();
    await note(temp, 'one');
    temp.nowMs += 1_000;
    await note(temp, 'two');
    temp.nowMs += 1_000;
    await temp.reopen();
    await note(temp, 'two');
    assert.equal(await changedMs(temp), TEMP_STORE_MS + 1_000);
  });
});

describe('the identity of a server', () => {
  it('is given once', async () => {
    await using temp = await TempStore.open();
    const state = await readServerState(temp.db);
    await seedServer(temp.db, { identity: 'other', nowMs: 1 });
    assert.deepEqual(await readServerState(temp.db), state);
  });

  it('is not made up where it is missing', async () => {
    await using temp = await TempStore.open();
    await temp.db.deleteFrom('server').execute();
    await assert.rejects(readServerState(temp.db), /no server identity/);
  });
});

import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import { describe, it } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { clientEvent } from '../../test/support/client-event.ts';
import { TempStore } from '../../test/support/temp-store.ts';
import { MortalWriter, tempWriter } from '../../test/support/temp-writer.ts';
import type { OakumError } from '../errors/oakum-error.ts';
import { databasePath } from './connect.ts';
import type { Writer } from './writer.ts';

const append = (writer: Writer, ...indexes: readonly number[]): Promise<void> =>
  writer.execute('appendEvents', { receivedMs: 1, events: indexes.map((index) => clientEvent(index)) });

/** An event that no row can hold: the batch it is in fails. */
const appendBroken = (writer: Writer, ...indexes: readonly number[]): Promise<void> => {
  const events = indexes.map((index) => clientEvent(index, { timeMs: Number.NaN }));
  return writer.execute('appendEvents', { receivedMs: 1, events: [clientEvent(9_999), ...events] });
};

const greet = (writer: Writer, clientId: string): Promise<void> =>
  writer.execute('greet', {
    nowMs: 1,
    greeting: { clientId, dnsName: clientId, address: '192.0.2.1', requestedGroups: '' },
  });

/** Holds the store as another process that writes, until the returned function is called. */
function holdStore(temp: TempStore): () => void {
  const other = new DatabaseSync(databasePath(temp.dataFolder));
  other.exec('BEGIN IMMEDIATE');
  return () => {
    other.exec('ROLLBACK');
    other.close();
  };
}

async function codesOf(results: readonly Promise<void>[]): Promise<unknown[]> {
  const settled = await Promise.allSettled(results);
  return settled.map((one) => (one.status === 'fulfilled' ? 'done' : (one.reason as OakumError).code));
}

async function storedEvents(temp: TempStore): Promise<Set<string>> {
  const rows = await temp.db.selectFrom('event').select('instance_id').execute();
  return new Set(rows.map((row) => row.instance_id));
}

describe('group commit', () => {
  it('takes what comes in one turn of the event loop in one transaction', async () => {
    await using temp = await TempStore.open();
    await using writer = tempWriter(temp);
    await Promise.all(Array.from({ length: 300 }, (_, index) => append(writer, 2 * index, 2 * index + 1)));
    assert.deepEqual(writer.counts, { commands: 300, transactions: 1 });
    assert.equal(await temp.count('event'), 600);
  });

  it('takes what comes while a transaction is under way in the next one', async () => {
    await using temp = await TempStore.open();
    await using writer = tempWriter(temp);
    const release = holdStore(temp);
    const first = append(writer, 0);
    await nextTurn();
    const others: Promise<void>[] = [];
    for (let index = 1; index <= 100; index++) {
      others.push(append(writer, index));
      if (index % 10 === 0) await nextTurn();
    }
    release();
    await Promise.all([first, ...others]);
    assert.deepEqual(writer.counts, { commands: 101, transactions: 2 });
    assert.equal(await temp.count('event'), 101);
  });

  it('keeps the order of the commands', async () => {
    await using temp = await TempStore.open();
    await using writer = tempWriter(temp);
    const greeting = { clientId: 'pc', dnsName: 'pc', requestedGroups: '' };
    const hosts = Array.from({ length: 50 }, (_, host) => host);
    await Promise.all(
      hosts.map((host) =>
        writer.execute('greet', { nowMs: host, greeting: { ...greeting, address: `192.0.2.${host}` } }),
      ),
    );
    const row = await temp.db.selectFrom('computer').selectAll().executeTakeFirstOrThrow();
    assert.deepEqual([row.address, row.first_seen_ms, row.last_contact_ms], ['192.0.2.49', 0, 49]);
  });
});

describe('a command that fails', () => {
  it('fails alone, as a whole, and says why', async () => {
    await using temp = await TempStore.open();
    await using writer = tempWriter(temp);
    const broken = appendBroken(writer, 10);
    const results = [
      append(writer, 0, 1),
      broken,
      greet(writer, 'pc'),
      appendBroken(writer, 11),
      append(writer, 2),
    ];
    assert.deepEqual(await codesOf(results), ['done', 'OAK_INTERNAL', 'done', 'OAK_INTERNAL', 'done']);
    await assert.rejects(broken, /NOT NULL/);
    assert.deepEqual(writer.counts, { commands: 3, transactions: 1 });
    assert.deepEqual(
      await storedEvents(temp),
      new Set([0, 1, 2].map((index) => clientEvent(index).instanceId)),
    );
    assert.equal(await temp.count('computer'), 1);
  });

  it('is told that the server is busy when another process does not let go of the store', async () => {
    await using temp = await TempStore.open();
    await using writer = tempWriter(temp, { busyTimeoutMs: 0 });
    const release = holdStore(temp);
    assert.deepEqual(await codesOf([append(writer, 0), append(writer, 1)]), [
      'OAK_SERVER_BUSY',
      'OAK_SERVER_BUSY',
    ]);
    release();
    await append(writer, 0);
    assert.equal(await temp.count('event'), 1);
  });
});

describe('a thread that ends', () => {
  it('fails what it had not answered; the next command has a new one', async () => {
    await using temp = await TempStore.open();
    await using mortal = new MortalWriter(temp);
    const { writer, failures } = mortal;
    await append(writer, 0);
    const release = holdStore(temp);
    const underWay = append(writer, 1);
    await nextTurn();
    const waiting = append(writer, 2);
    const codes = codesOf([underWay, waiting]);
    await mortal.endThread();
    assert.deepEqual(await codes, ['OAK_STORE_WRITE', 'OAK_STORE_WRITE']);
    assert.deepEqual(
      failures.map((error) => error.code),
      ['OAK_STORE_WRITE'],
    );
    release();
    await append(writer, 3);
    assert.equal(mortal.threads, 2);
    assert.deepEqual(await storedEvents(temp), new Set([0, 3].map((index) => clientEvent(index).instanceId)));
  });

  it('refuses what came in the same turn; what comes next has its own answer', async () => {
    await using temp = await TempStore.open();
    await using mortal = new MortalWriter(temp);
    await append(mortal.writer, 0);
    const codes = new Promise<unknown>((resolve) =>
      mortal.onEnd(() => resolve(codesOf([append(mortal.writer, 1)]))),
    );
    await mortal.endThread();
    assert.deepEqual(await codes, ['OAK_STORE_WRITE']);
    await nextTurn();
    assert.deepEqual(await codesOf([appendBroken(mortal.writer, 2)]), ['OAK_INTERNAL']);
    assert.deepEqual(mortal.writer.counts, { commands: 1, transactions: 1 });
  });

  it('takes nothing with it that was acknowledged', async () => {
    await using temp = await TempStore.open();
    await using mortal = new MortalWriter(temp);
    const acknowledged: string[] = [];
    const refusals: unknown[] = [];
    let next = 0;
    let endings = 0;
    const endInTheMiddle = async (): Promise<void> => {
      endings += 1;
      // By then the next group has been sent.
      await nextTurn();
      await nextTurn();
      await mortal.endThread();
    };
    const produce = async (): Promise<void> => {
      for (let count = 0; count < 60; count++) {
        const index = next++;
        try {
          await append(mortal.writer, index);
          acknowledged.push(clientEvent(index).instanceId);
        } catch (error) {
          refusals.push((error as OakumError).code);
        }
        if (acknowledged.length >= 200 * (endings + 1)) await endInTheMiddle();
      }
    };
    await Promise.all(Array.from({ length: 32 }, produce));
    const stored = await storedEvents(temp);
    assert.deepEqual(
      acknowledged.filter((id) => !stored.has(id)),
      [],
    );
    assert.equal(acknowledged.length + refusals.length, 32 * 60);
    assert.ok(endings >= 3, `${endings}`);
    assert.deepEqual(new Set(refusals), new Set(['OAK_STORE_WRITE']));
  });

  it('because it cannot open the store says so, each time', async () => {
    await using temp = await TempStore.open();
    const failures: OakumError[] = [];
    await using writer = tempWriter(temp, {
      dataFolder: `${temp.dataFolder}/missing`,
      onFailure: (error) => failures.push(error),
    });
    await assert.rejects(append(writer, 0), {
      code: 'OAK_STORE_WRITE',
      message: /unable to open database file/,
    });
    await assert.rejects(append(writer, 0), { code: 'OAK_STORE_WRITE' });
    assert.equal(failures.length, 2);
  });
});

describe('the queue', () => {
  it('refuses what is more than it may hold, and takes more once there is room', async () => {
    await using temp = await TempStore.open();
    await using writer = tempWriter(temp, { maxCommands: 3 });
    const release = holdStore(temp);
    const taken = [append(writer, 0)];
    await nextTurn();
    taken.push(append(writer, 1), append(writer, 2));
    assert.deepEqual(await codesOf([append(writer, 3), append(writer, 4)]), [
      'OAK_SERVER_BUSY',
      'OAK_SERVER_BUSY',
    ]);
    release();
    assert.deepEqual(await codesOf(taken), ['done', 'done', 'done']);
    await append(writer, 3);
    assert.equal(await temp.count('event'), 4);
  });

  it('refuses what is longer than it may hold, but never the only command', async () => {
    await using temp = await TempStore.open();
    await using writer = tempWriter(temp, { maxCharacters: 1_000 });
    const long = clientEvent(0, { appName: 'x'.repeat(5_000) });
    const only = writer.execute('appendEvents', { receivedMs: 1, events: [long] });
    assert.deepEqual(await codesOf([append(writer, 1), only]), ['OAK_SERVER_BUSY', 'done']);
    await append(writer, 1);
    assert.equal(await temp.count('event'), 2);
  });

  it('is emptied before the writer closes, which then takes nothing more', async () => {
    await using temp = await TempStore.open();
    const writer = tempWriter(temp);
    const release = holdStore(temp);
    const taken = [append(writer, 0)];
    await nextTurn();
    taken.push(append(writer, 1), appendBroken(writer, 2), append(writer, 3));
    const codes = codesOf(taken);
    const closed = Promise.all([writer.close(), writer.close()]);
    assert.deepEqual(await codesOf([append(writer, 4)]), ['OAK_SERVER_BUSY']);
    release();
    await closed;
    assert.deepEqual(await codes, ['done', 'done', 'OAK_INTERNAL', 'done']);
    assert.equal(await temp.count('event'), 3);
  });

  it('that is empty lets the writer close at once, also without a thread', async () => {
    await using temp = await TempStore.open();
    await tempWriter(temp).close();
    const mortal = new MortalWriter(temp);
    await nextTurn();
    await mortal.endThread();
    await mortal[Symbol.asyncDispose]();
    assert.equal(mortal.threads, 1);
  });
});

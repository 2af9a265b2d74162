import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { clientEvent } from '../../test/support/client-event.ts';
import { TempStore } from '../../test/support/temp-store.ts';
import { connect, databasePath } from './connect.ts';
import { GroupCommit } from './group-commit.ts';
import { encodeCommand } from './write-command.ts';

const append = (index: number, appName = ''): string =>
  encodeCommand('appendEvents', { receivedMs: 1, events: [clientEvent(index, { appName })] });

const SQLITE_FULL = 13;

describe('a group', () => {
  it('that the disk has no room for fails as a whole, and the next one is none the worse', async () => {
    await using temp = await TempStore.open();
    using database = connect(databasePath(temp.dataFolder), { readOnly: false, cacheMebibytes: 8 });
    const commit = new GroupCommit(database, 0);
    const pages = Number(database.prepare('PRAGMA page_count').get()?.page_count);
    database.exec(`PRAGMA max_page_count = ${pages + 2}`);
    const { transactions, failures } = commit.run([append(0), append(1, 'x'.repeat(100_000)), append(2)]);
    assert.equal(transactions, 0);
    assert.deepEqual(
      failures.map(({ index, sqliteCode }) => [index, sqliteCode]),
      [0, 1, 2].map((index) => [index, SQLITE_FULL]),
    );
    assert.equal(database.isTransaction, false);
    assert.deepEqual(commit.run([append(3)]), { transactions: 1, failures: [] });
    assert.equal(await temp.count('event'), 1);
  });
});

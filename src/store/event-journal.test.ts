import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { clientEvent as event } from '../../test/support/client-event.ts';
import { TempStore } from '../../test/support/temp-store.ts';
import { tempWriter } from '../../test/support/temp-writer.ts';
import type { UpdateId } from '../metadata/update-identity.ts';
import { createEventJournal } from './event-journal.ts';

describe('the event journal', () => {
  it('keeps every part of an event as it was sent', async () => {
    await using temp = await TempStore.open();
    await using writer = tempWriter(temp);
    const journal = createEventJournal(writer, temp.now);
    const updateId = '1cec8f80-61cc-4a24-a2d2-79a7ba2b92f0' as UpdateId;
    const texts = ['%1', "'; DROP TABLE event; --", '<b>&amp;</b>', 'ü €\u{1F600}\u0000'];
    await journal.append([
      event(1, {
        update: { updateId, revisionNumber: 200 },
        hresult: -2145124318,
        appName: 'App "1"',
        replacementStrings: texts,
        miscData: ['a', ''],
      }),
    ]);
    const [row] = await temp.db.selectFrom('event').selectAll().execute();
    assert.deepEqual(
      { ...row },
      {
        instance_id: event(1).instanceId,
        client_id: 'client',
        namespace_id: 1,
        event_id: 183,
        source_id: 101,
        time_ms: 1_001,
        received_ms: temp.nowMs,
        update_id: updateId,
        revision_number: 200,
        hresult: -2145124318,
        app_name: 'App "1"',
        replacement_strings: JSON.stringify(texts),
        misc_data: '["a",""]',
      },
    );
  });

  it('keeps an instance id once, in one batch and in several', async () => {
    await using temp = await TempStore.open();
    await using writer = tempWriter(temp);
    const journal = createEventJournal(writer, temp.now);
    await journal.append([event(1), event(1, { hresult: 5 }), event(2)]);
    temp.nowMs += 1;
    await journal.append([event(2, { hresult: 6 }), event(3)]);
    const rows = await temp.db.selectFrom('event').select(['hresult', 'received_ms']).execute();
    assert.deepEqual(
      rows.map((row) => [row.hresult, row.received_ms - temp.nowMs]),
      [
        [0, -1],
        [0, -1],
        [0, 0],
      ],
    );
  });

  it('keeps an event whose instance id another computer has used before', async () => {
    await using temp = await TempStore.open();
    await using writer = tempWriter(temp);
    const journal = createEventJournal(writer, temp.now);
    await journal.append([event(1, { clientId: 'first' })]);
    await journal.append([event(1, { clientId: 'second' })]);
    assert.equal(await temp.count('event'), 2);
  });

  it('takes any number of events', async () => {
    await using temp = await TempStore.open();
    await using writer = tempWriter(temp);
    const journal = createEventJournal(writer, temp.now);
    await journal.append([]);
    await journal.append(Array.from({ length: 1_001 }, (_, index) => event(index)));
    await journal.append(Array.from({ length: 500 }, (_, index) => event(2_000 + index)));
    assert.equal(await temp.count('event'), 1_501);
  });

  it('takes a batch as a whole or not at all', async () => {
    await using temp = await TempStore.open();
    await using writer = tempWriter(temp);
    const journal = createEventJournal(writer, temp.now);
    const batch = Array.from({ length: 600 }, (_, index) => event(index));
    // No row can hold this: SQLite takes it for NULL.
    await assert.rejects(journal.append([...batch, event(700, { timeMs: Number.NaN })]), /NOT NULL/);
    assert.equal(await temp.count('event'), 0);
    await journal.append(batch);
    assert.equal(await temp.count('event'), 600);
  });
});

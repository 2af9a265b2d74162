import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { SAMPLE, sampleDocuments } from '../../test/support/sample-catalogue.ts';
import { TempStore } from '../../test/support/temp-store.ts';
import { setDeclined } from '../store/approvals.ts';
import { declineUpdates } from './approvals.ts';
import { findUpdate } from './updates.ts';

const caller = { name: 'test' };

describe('declining', () => {
  for (const name of ['product', 'detectoid', 'member'] as const) {
    test(`a ${name} is refused, and nothing named with it is declined`, async () => {
      await using temp = await TempStore.open();
      await temp.import(sampleDocuments());
      const updates = [SAMPLE.standalone, SAMPLE[name]];
      await assert.rejects(declineUpdates(temp.db, caller, { updates, declined: true, nowMs: 1 }), {
        code: 'OAK_UPDATE_NOT_DEPLOYABLE',
      });
      for (const update of updates) assert.equal((await findUpdate(temp.db, update)).declined, false);
    });
  }

  test('can be taken back for everything, also for what cannot be declined any more', async () => {
    await using temp = await TempStore.open();
    await temp.import(sampleDocuments());
    const { number } = await findUpdate(temp.db, SAMPLE.product);
    await temp.db.transaction().execute((tx) => setDeclined(tx, number, true));
    const request = { updates: [SAMPLE.product], declined: false, nowMs: 1 };
    assert.equal((await declineUpdates(temp.db, caller, request)).length, 1);
    assert.equal((await findUpdate(temp.db, SAMPLE.product)).declined, false);
  });
});

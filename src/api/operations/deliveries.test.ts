import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AdminApp } from '../../../test/support/admin-app.ts';
import { createSubscription } from '../../admin/notify/subscriptions.ts';
import { notify } from '../../store/notifications.ts';

interface DeliveryPage {
  readonly items: readonly { readonly number: number; readonly subscription: string }[];
  readonly next: string | null;
}

async function pages(app: AdminApp, query: string): Promise<string[]> {
  const found: string[] = [];
  for (let cursor: string | null = ''; cursor !== null;) {
    const more: string = cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`;
    const { status, body, text } = await app.ask('operator', 'GET', `/deliveries?${query}${more}`);
    assert.equal(status, 200, text);
    const page = body as DeliveryPage;
    found.push(...page.items.map((one) => `${one.number} ${one.subscription}`));
    cursor = page.next;
  }
  return found;
}

test('pages of deliveries together are the whole list, with several of each notification', async () => {
  await using app = await AdminApp.open();
  const { db, nowMs } = app.temp;
  const caller = { name: 'test' };
  for (const name of ['c', 'a', 'b'])
    await createSubscription(db, caller, { name, events: ['disk.*'], email: ['a@b.example'], nowMs });
  await db.transaction().execute(async (tx) => {
    for (let count = 0; count < 4; count++)
      await notify(tx, 'disk.low', nowMs, { freeBytes: count, totalBytes: 100 });
  });
  const whole = await pages(app, 'limit=1000');
  assert.equal(whole.length, 12);
  assert.deepEqual(whole.slice(0, 4), ['4 c', '4 a', '4 b', '3 c']);
  for (const filter of ['', '&subscription=b', '&state=pending', '&event=disk.low']) {
    const expected = filter === '&subscription=b' ? whole.filter((one) => one.endsWith('b')) : whole;
    for (const limit of [1, 2, 5]) {
      assert.deepEqual(await pages(app, `limit=${limit}${filter}`), expected);
      assert.deepEqual(await pages(app, `limit=${limit}&sort=number${filter}`), expected.toReversed());
    }
  }
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TempStore } from '../../../test/support/temp-store.ts';
import { putAttempts, trimAttempts } from '../../store/sign-in-attempts.ts';
import { inTransaction } from '../dry-run.ts';
import { noteAttempt } from './throttle.ts';

test('the table is bounded, and names that were tried once go before one under attack', async () => {
  await using temp = await TempStore.open();
  const key = (index: number): Buffer => Buffer.from(`key ${index}`);
  await inTransaction(temp.db, false, async (tx) => {
    for (let index = 0; index < 20; index++) {
      const failures = index === 3 ? 9 : 1;
      await putAttempts(tx, key(index), { failures, lastMs: index, blockedUntilMs: 0 });
    }
    await trimAttempts(tx, 0, 5);
  });
  const rows = await temp.db.selectFrom('sign_in_attempt').select('key').execute();
  const kept = rows.map((row) => Buffer.from(row.key).toString()).sort();
  assert.deepEqual(kept, [3, 16, 17, 18, 19].map((index) => `key ${index}`).sort());
});

test('a day without failures is a clean slate', async () => {
  await using temp = await TempStore.open();
  const { db, nowMs } = temp;
  for (const [index, name] of ['anna', 'berta'].entries()) {
    await noteAttempt(db, { name, address: '192.0.2.1', nowMs: nowMs + index * 25 * 60 * 60_000 });
  }
  assert.equal(await temp.count('sign_in_attempt'), 2);
});

test('what people type is not stored', async () => {
  await using temp = await TempStore.open();
  await noteAttempt(temp.db, { name: 'a-password-typed-here', address: 'zone%eth0', nowMs: temp.nowMs });
  const rows = await temp.db.selectFrom('sign_in_attempt').selectAll().execute();
  assert.ok(!rows.some((row) => Buffer.from(row.key).includes('typed')));
  assert.ok(rows.every((row) => row.key.length === 32));
});

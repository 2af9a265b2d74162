import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { sql } from 'kysely';
import { TempStore } from '../../test/support/temp-store.ts';
import { appendAudit, canonicalJson, firstForgedAudit, listAudit } from './audit.ts';

async function withEntries(count: number): Promise<TempStore> {
  const temp = await TempStore.open();
  await temp.db.transaction().execute(async (tx) => {
    for (let number = 1; number <= count; number++) {
      await appendAudit(tx, {
        timeMs: number,
        caller: number % 2 === 0 ? 'even' : 'odd',
        action: number % 2 === 0 ? 'update.approve' : 'group.create',
        subject: `subject ${number}`,
        ...(number % 3 === 0 ? {} : { before: { b: 1, a: [number] } }),
        after: { name: `entry ${number}` },
      });
    }
  });
  return temp;
}

/** As somebody with the database file would. */
async function forge(temp: TempStore, statement: string): Promise<void> {
  for (const trigger of ['audit_unchanged', 'audit_kept'])
    await sql.raw(`DROP TRIGGER ${trigger}`).execute(temp.db);
  await sql.raw(statement).execute(temp.db);
}

describe('the audit log', () => {
  test('is listed newest first, by caller, action, subject and time', async () => {
    await using temp = await withEntries(6);
    const numbers = async (filter: Parameters<typeof listAudit>[1]): Promise<number[]> =>
      (await listAudit(temp.db, filter)).map((one) => one.number);
    assert.deepEqual(await numbers({}), [6, 5, 4, 3, 2, 1]);
    assert.deepEqual(await numbers({ caller: 'even' }), [6, 4, 2]);
    assert.deepEqual(await numbers({ action: 'group' }), [5, 3, 1]);
    assert.deepEqual(await numbers({ action: 'group.create', limit: 1 }), [5]);
    assert.deepEqual(await numbers({ subject: 'subject 2' }), [2]);
    assert.deepEqual(await numbers({ sinceMs: 5 }), [6, 5]);
    const [sixth] = await listAudit(temp.db, { limit: 1 });
    assert.equal(sixth.before, undefined);
    assert.deepEqual(sixth.after, { name: 'entry 6' });
  });

  test('is intact as it was written, and empty', async () => {
    await using temp = await withEntries(0);
    assert.equal(await firstForgedAudit(temp.db), undefined);
    await using filled = await withEntries(5);
    assert.equal(await firstForgedAudit(filled.db), undefined);
  });

  test('refuses to be changed', async () => {
    await using temp = await withEntries(2);
    for (const statement of ["UPDATE audit SET caller = 'x'", 'DELETE FROM audit WHERE number = 2'])
      await assert.rejects(sql.raw(statement).execute(temp.db), /cannot be changed/);
    assert.equal(await temp.count('audit'), 2);
  });

  for (const [what, statement, first] of [
    ['a changed entry', `UPDATE audit SET caller = 'x' WHERE number = 3`, 3],
    ['a changed time', `UPDATE audit SET time_ms = 7 WHERE number = 1`, 1],
    ['what was left out made up', `UPDATE audit SET before = '{}' WHERE number = 3`, 3],
    ['an entry that is gone', 'DELETE FROM audit WHERE number = 2', 2],
    ['the first one gone', 'DELETE FROM audit WHERE number = 1', 1],
    [
      'an exchanged hash',
      'UPDATE audit SET hash = (SELECT hash FROM audit WHERE number = 1) WHERE number = 4',
      4,
    ],
  ] as const) {
    test(`shows ${what}`, async () => {
      await using temp = await withEntries(5);
      await forge(temp, statement);
      assert.equal(await firstForgedAudit(temp.db), first);
    });
  }
});

test('equal data is equal canonical JSON, in whatever order it was made', () => {
  assert.equal(
    canonicalJson({ b: [{ d: 1, c: undefined }], a: null }),
    canonicalJson({ a: null, b: [{ d: 1 }] }),
  );
  assert.equal(canonicalJson({ b: 1, a: 2 }), '{"a":2,"b":1}');
});

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { sql } from 'kysely';
import { TempStore } from '../../test/support/temp-store.ts';
import {
  appendAudit,
  canonicalJson,
  checkAudit,
  firstForgedAudit,
  headText,
  listAudit,
  pageOfAudit,
  type AuditHead,
} from './audit.ts';
import type { PlaceKey } from './keyset.ts';

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
    ['a time that is none', `UPDATE audit SET time_ms = 'never' WHERE number = 2`, 2],
    ['text that is no JSON', `UPDATE audit SET after = '{' WHERE number = 4`, 4],
    ['a hash that is none', `UPDATE audit SET hash = 7 WHERE number = 5`, 5],
    [
      'entries that changed places',
      `UPDATE audit SET (time_ms, caller, action, subject, before, after, hash) =
         (SELECT time_ms, caller, action, subject, before, after, hash FROM audit AS other
           WHERE other.number = 5 - audit.number) WHERE number IN (2, 3)`,
      2,
    ],
    [
      'an entry that was put in behind',
      `INSERT INTO audit VALUES (6, 6, 'x', 'x.y', 'z', NULL, NULL, zeroblob(32))`,
      6,
    ],
    [
      'an entry that was put in before',
      `INSERT INTO audit VALUES (0, 0, 'x', 'x.y', 'z', NULL, NULL, zeroblob(32))`,
      1,
    ],
    ['the newest entry gone', 'DELETE FROM audit WHERE number = 5', 5],
    ['all entries gone', 'DELETE FROM audit', 1],
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

  test('shows that newest entries were cut off, unless the note of them was, too', async () => {
    await using temp = await withEntries(5);
    const [fifth] = await listAudit(temp.db, { limit: 1 });
    await forge(temp, 'DELETE FROM audit WHERE number > 3');
    assert.equal(await firstForgedAudit(temp.db), 4);
    const third = (await listAudit(temp.db, { limit: 1 }))[0];
    await sql`UPDATE server SET value = ${headText(third)} WHERE key = 'audit_head'`.execute(temp.db);
    assert.deepEqual(await checkAudit(temp.db), { firstForged: undefined, head: headOf(third), holds: true });
    // What somebody kept elsewhere shows that as well.
    assert.equal((await checkAudit(temp.db, { kept: headOf(fifth) })).holds, false);
    assert.equal((await checkAudit(temp.db, { kept: headOf(third) })).holds, true);
  });

  test('that was written anew is not what somebody kept of it', async () => {
    await using temp = await withEntries(5);
    const [fifth] = await listAudit(temp.db, { limit: 1 });
    await forge(temp, 'DELETE FROM audit');
    await temp.db.transaction().execute(async (tx) => {
      for (let number = 1; number <= 5; number++)
        await appendAudit(tx, { timeMs: number, caller: 'x', action: 'x.y', subject: 'z' });
    });
    assert.equal(await firstForgedAudit(temp.db), undefined);
    assert.equal((await checkAudit(temp.db, { kept: headOf(fifth) })).holds, false);
  });

  test('of a store that has noted no head yet is intact', async () => {
    await using temp = await withEntries(3);
    await sql`DELETE FROM server WHERE key = 'audit_head'`.execute(temp.db);
    assert.equal(await firstForgedAudit(temp.db), undefined);
  });

  test('is intact whatever is appended while it is looked at', async () => {
    await using temp = await withEntries(3);
    for (let round = 0; round < 20; round++) {
      const entry = { timeMs: round, caller: 'x', action: 'x.y', subject: 'z' };
      const [forged] = await Promise.all([
        firstForgedAudit(temp.db),
        temp.db.transaction().execute((tx) => appendAudit(tx, entry)),
      ]);
      assert.equal(forged, undefined);
    }
  });

  test('is the same read page by page, whatever is filtered', async () => {
    await using temp = await withEntries(40);
    for (const descending of [true, false])
      for (const filter of [
        {},
        { caller: 'even' },
        { action: 'group' },
        { subject: 'subject 7' },
        { sinceMs: 9 },
      ]) {
        const whole = await listAudit(temp.db, filter);
        if (!descending) whole.reverse();
        const read = [];
        for (let after: PlaceKey | undefined, more = true; more; more = after !== undefined) {
          const page = { sort: 'number', descending, limit: 7, ...(after === undefined ? {} : { after }) };
          const part = await pageOfAudit(temp.db, filter, page);
          read.push(...part.items);
          after = part.next;
        }
        assert.deepEqual(read, whole);
      }
  });
});

const headOf = ({ number, hash }: AuditHead): AuditHead => ({ number, hash });

test('equal data is equal canonical JSON, in whatever order it was made', () => {
  assert.equal(
    canonicalJson({ b: [{ d: 1, c: undefined }], a: null }),
    canonicalJson({ a: null, b: [{ d: 1 }] }),
  );
  assert.equal(canonicalJson({ b: 1, a: 2 }), '{"a":2,"b":1}');
});

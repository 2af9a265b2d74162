import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CHEAP_PASSWORDS, CountingPasswords } from '../../../test/support/identity.ts';
import { TempStore } from '../../../test/support/temp-store.ts';
import { accountByName } from '../../store/accounts.ts';
import { listAudit } from '../../store/audit.ts';
import { openStore } from '../../store/open-store.ts';
import { createAccount, disableAccount, setAccountPassword } from './accounts.ts';
import { authenticate } from './authenticate.ts';
import { createPasswordHasher, type PasswordHasher } from './password-hasher.ts';
import { requireCsrf, signOut, type SignedIn } from './sessions.ts';
import { signIn, type SignInRequest } from './sign-in.ts';

const caller = { name: 'test' };
const PASSWORD = 'correct horse battery';
const MINUTE_MS = 60_000;

async function withAnna(): Promise<TempStore> {
  const temp = await TempStore.open();
  const request = { name: 'Anna', role: 'administrator', password: PASSWORD, nowMs: temp.nowMs } as const;
  await createAccount(temp.db, caller, request, CHEAP_PASSWORDS);
  return temp;
}

function enter(
  temp: TempStore,
  change: Partial<SignInRequest> = {},
  passwords: PasswordHasher = CHEAP_PASSWORDS,
): Promise<SignedIn> {
  const request = { name: 'anna', password: PASSWORD, address: '192.0.2.7', nowMs: temp.nowMs, ...change };
  return signIn(temp.db, request, passwords);
}

async function outcome(work: Promise<unknown>): Promise<string> {
  try {
    await work;
    return 'in';
  } catch (error) {
    return (error as { readonly code: string }).code;
  }
}

test('the right password begins a session whose id is stored nowhere', async () => {
  await using temp = await withAnna();
  const { sessionId, csrfToken, principal } = await enter(temp, { name: ' ANNA ' });
  assert.equal(principal.name, 'Anna');
  assert.deepEqual(await authenticate(temp.db, { session: sessionId }, temp.nowMs), principal);
  const rows = await temp.db.selectFrom('session').selectAll().execute();
  assert.ok(!rows.some((row) => Buffer.from(row.hash).toString('base64url') === sessionId));
  assert.ok(!JSON.stringify(await listAudit(temp.db, {})).includes(sessionId));
  assert.notEqual(csrfToken, sessionId);
  assert.equal((await accountByName(temp.db, 'anna'))?.lastSignInMs, temp.nowMs);
});

test('whatever was wrong, the answer is the same', async () => {
  await using temp = await withAnna();
  await createAccount(temp.db, caller, { name: 'linked', role: 'reader', nowMs: temp.nowMs });
  const request = { name: 'gone', role: 'reader', password: PASSWORD, nowMs: temp.nowMs } as const;
  await createAccount(temp.db, caller, request, CHEAP_PASSWORDS);
  await disableAccount(temp.db, caller, { name: 'gone', nowMs: temp.nowMs });
  const messages = new Set<string>();
  const tries = [
    { password: 'wrong' },
    { name: 'nobody' },
    { name: 'linked' },
    { name: 'gone' },
    { name: '' },
  ];
  for (const change of tries) {
    await assert.rejects(enter(temp, change), (error: Error & { code?: string }) => {
      messages.add(`${error.code} ${error.message}`);
      return true;
    });
  }
  assert.deepEqual([...messages], ['OAK_SIGN_IN_FAILED The sign-in failed.']);
});

test('an unknown name costs the same check of a password as a known one', async () => {
  await using temp = await withAnna();
  const passwords = new CountingPasswords();
  await outcome(enter(temp, { password: 'wrong' }, passwords));
  await outcome(enter(temp, { name: 'nobody' }, passwords));
  await outcome(enter(temp, { name: 'x'.repeat(1e6), password: 'y'.repeat(1e6) }, passwords));
  assert.deepEqual(passwords.checked, ['known', 'unknown', 'unknown']);
});

test('a session that the browser brings is never taken over, and ends', async () => {
  await using temp = await withAnna();
  const planted = 'A'.repeat(43);
  const first = await enter(temp, { replaces: planted });
  assert.notEqual(first.sessionId, planted);
  const second = await enter(temp, { replaces: first.sessionId });
  assert.notEqual(second.sessionId, first.sessionId);
  assert.notEqual(second.csrfToken, first.csrfToken);
  for (const session of [planted, first.sessionId]) {
    assert.equal(await outcome(authenticate(temp.db, { session }, temp.nowMs)), 'OAK_SIGN_IN_REQUIRED');
  }
  assert.equal(await outcome(authenticate(temp.db, { session: second.sessionId }, temp.nowMs)), 'in');
});

test('a session ends when it is left alone for an hour, and after twelve hours in any case', async () => {
  await using temp = await withAnna();
  const [idle, busy] = [await enter(temp), await enter(temp)];
  const at = (session: string, minutes: number): Promise<string> =>
    outcome(authenticate(temp.db, { session }, temp.nowMs + minutes * MINUTE_MS));
  assert.equal(await at(idle.sessionId, 59), 'in');
  assert.equal(await at(idle.sessionId, 59 + 60), 'OAK_SIGN_IN_REQUIRED');
  for (let minutes = 30; minutes < 12 * 60; minutes += 30)
    assert.equal(await at(busy.sessionId, minutes), 'in');
  assert.equal(await at(busy.sessionId, 12 * 60), 'OAK_SIGN_IN_REQUIRED');
});

test('sessions that ended are forgotten, and no account has more than fifty', async () => {
  await using temp = await withAnna();
  const sessions: SignedIn[] = [];
  for (let count = 0; count < 60; count++) sessions.push(await enter(temp, { nowMs: temp.nowMs + count }));
  assert.equal(await temp.count('session'), 50);
  const nowMs = temp.nowMs + 60;
  assert.equal(
    await outcome(authenticate(temp.db, { session: sessions[9].sessionId }, nowMs)),
    'OAK_SIGN_IN_REQUIRED',
  );
  assert.equal(await outcome(authenticate(temp.db, { session: sessions[59].sessionId }, nowMs)), 'in');
  await enter(temp, { nowMs: temp.nowMs + 13 * 60 * MINUTE_MS });
  assert.equal(await temp.count('session'), 1);
});

test('signing out ends the session, once', async () => {
  await using temp = await withAnna();
  const { sessionId } = await enter(temp);
  await signOut(temp.db, sessionId, temp.nowMs);
  await signOut(temp.db, sessionId, temp.nowMs);
  await signOut(temp.db, 'no session', temp.nowMs);
  assert.equal(
    await outcome(authenticate(temp.db, { session: sessionId }, temp.nowMs)),
    'OAK_SIGN_IN_REQUIRED',
  );
  assert.equal((await listAudit(temp.db, { action: 'session.end' })).length, 1);
});

test('a change needs the CSRF token of its own session', async () => {
  await using temp = await withAnna();
  const [mine, other] = [await enter(temp), await enter(temp)];
  const principal = await authenticate(temp.db, { session: mine.sessionId }, temp.nowMs);
  requireCsrf(principal, mine.csrfToken);
  for (const sent of [undefined, '', other.csrfToken, mine.sessionId, `${mine.csrfToken}x`]) {
    assert.throws(() => requireCsrf(principal, sent), { code: 'OAK_CSRF' });
  }
});

test('after five failures each one more doubles the wait, and no wait is longer than five minutes', async () => {
  await using temp = await withAnna();
  let nowMs = temp.nowMs;
  // Each from another address: only the name is slowed down here.
  let address = 0;
  const fail = (): Promise<string> =>
    outcome(enter(temp, { password: 'wrong', nowMs, address: `192.0.2.${address++}` }));
  for (let count = 0; count < 6; count++) assert.equal(await fail(), 'OAK_SIGN_IN_FAILED');
  for (const seconds of [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300]) {
    nowMs += seconds * 1000 - 1;
    assert.equal(await fail(), 'OAK_SIGN_IN_THROTTLED', `before ${seconds} s`);
    nowMs += 1;
    assert.equal(await fail(), 'OAK_SIGN_IN_FAILED', `after ${seconds} s`);
  }
  const right = (): Promise<string> => outcome(enter(temp, { nowMs, address: '198.51.100.1' }));
  assert.equal(await right(), 'OAK_SIGN_IN_THROTTLED');
  nowMs += 300_000;
  assert.equal(await right(), 'in');
  // And all is forgotten.
  for (let count = 0; count < 6; count++) assert.equal(await fail(), 'OAK_SIGN_IN_FAILED');
});

test('the refusal says when the next attempt is welcome', async () => {
  await using temp = await withAnna();
  for (let count = 0; count < 6; count++) await outcome(enter(temp, { password: 'wrong' }));
  await assert.rejects(enter(temp), {
    code: 'OAK_SIGN_IN_THROTTLED',
    message: /in 1 s, at 2026-10-04T12:00:01\.000Z/,
  });
});

test('an address is slowed down whatever names it tries, an IPv6 network like one address', async () => {
  for (const addressOf of [() => '192.0.2.1', (count: number) => `2001:db8:0:1::${count.toString(16)}`]) {
    await using temp = await withAnna();
    for (let count = 0; count < 21; count++) {
      const failed = enter(temp, { name: `user${count}`, address: addressOf(count + 1) });
      assert.equal(await outcome(failed), 'OAK_SIGN_IN_FAILED');
    }
    assert.equal(await outcome(enter(temp, { address: addressOf(99) })), 'OAK_SIGN_IN_THROTTLED');
    assert.equal(await outcome(enter(temp, { address: '2001:db8:0:2::1' })), 'in');
  }
});

test('a sign-in of its own does not clear what an address has tried with other names', async () => {
  await using temp = await withAnna();
  for (let count = 0; count < 20; count++) await outcome(enter(temp, { name: `user${count}` }));
  assert.equal(await outcome(enter(temp, { nowMs: temp.nowMs })), 'in');
  await outcome(enter(temp, { name: 'user21' }));
  assert.equal(await outcome(enter(temp)), 'OAK_SIGN_IN_THROTTLED');
});

test('of many guesses at once only the free ones are looked at', async () => {
  await using temp = await withAnna();
  const passwords = new CountingPasswords();
  const all = await Promise.all(
    Array.from({ length: 50 }, (_, index) =>
      outcome(enter(temp, { password: `wrong ${index}`, address: `192.0.2.${index}` }, passwords)),
    ),
  );
  assert.equal(all.filter((one) => one === 'OAK_SIGN_IN_FAILED').length, 6);
  assert.equal(passwords.checked.length, 6);
});

test('failures are counted over all processes and restarts', async () => {
  await using temp = await withAnna();
  for (let count = 0; count < 6; count++) await outcome(enter(temp, { password: 'wrong' }));
  const other = await openStore({ dataFolder: temp.dataFolder, now: temp.now });
  try {
    const request = { name: 'anna', password: PASSWORD, address: '198.51.100.1', nowMs: temp.nowMs };
    assert.equal(await outcome(signIn(other.db, request, CHEAP_PASSWORDS)), 'OAK_SIGN_IN_THROTTLED');
  } finally {
    await other.close();
  }
  await temp.reopen();
  assert.equal(await outcome(enter(temp)), 'OAK_SIGN_IN_THROTTLED');
});

test('a new password from an administrator ends the wait', async () => {
  await using temp = await withAnna();
  for (let count = 0; count < 6; count++) await outcome(enter(temp, { password: 'wrong' }));
  const password = 'another horse battery';
  await setAccountPassword(temp.db, caller, { name: 'anna', password, nowMs: temp.nowMs }, CHEAP_PASSWORDS);
  assert.equal(await outcome(enter(temp, { password })), 'in');
});

test('a password that was hashed at a lower cost is hashed again when it is used', async () => {
  await using temp = await withAnna();
  const dearer = createPasswordHasher({ memoryKibibytes: 16, passes: 2, lanes: 1 });
  assert.equal(await outcome(enter(temp, { password: 'wrong' }, dearer)), 'OAK_SIGN_IN_FAILED');
  assert.match((await accountByName(temp.db, 'anna'))?.passwordHash ?? '', /m=8,t=1/);
  assert.equal(await outcome(enter(temp, {}, dearer)), 'in');
  assert.match((await accountByName(temp.db, 'anna'))?.passwordHash ?? '', /m=16,t=2/);
  assert.equal(await outcome(enter(temp, {}, dearer)), 'in');
});

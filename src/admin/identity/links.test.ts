import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CHEAP_PASSWORDS, codeAt } from '../../../test/support/identity.ts';
import { TempStore } from '../../../test/support/temp-store.ts';
import { listAudit } from '../../store/audit.ts';
import { createAccount, disableAccount, setAccountPassword, viewAccounts } from './accounts.ts';
import { authenticate } from './authenticate.ts';
import { createLink, describeLink, ensureFirstAdministrator, redeemLink, type LinkUse } from './links.ts';
import { beginTotp, confirmTotp } from './own-account.ts';
import type { SignedIn } from './sessions.ts';
import { signIn } from './sign-in.ts';

const caller = { name: 'test' };
const PASSWORD = 'correct horse battery';
const address = '192.0.2.7';
const DAY_MS = 24 * 60 * 60_000;

function redeem(temp: TempStore, use: Pick<LinkUse, 'secret'> & Partial<LinkUse>): Promise<SignedIn> {
  return redeemLink(
    temp.db,
    { name: 'anna', password: PASSWORD, address, nowMs: temp.nowMs, ...use },
    CHEAP_PASSWORDS,
  );
}

async function secretOf(temp: TempStore): Promise<string> {
  return (await ensureFirstAdministrator(temp.db, temp.nowMs))?.secret ?? assert.fail('there are accounts');
}

test('a server without accounts gives a link that makes the first administrator', async () => {
  await using temp = await TempStore.open();
  const secret = await secretOf(temp);
  assert.deepEqual(await describeLink(temp.db, secret, temp.nowMs), { account: null, totp: false });
  const { sessionId, principal } = await redeem(temp, { secret });
  assert.deepEqual([principal.name, principal.role], ['anna', 'administrator']);
  assert.equal((await authenticate(temp.db, { session: sessionId }, temp.nowMs)).name, 'anna');
  await signIn(temp.db, { name: 'anna', password: PASSWORD, address, nowMs: temp.nowMs }, CHEAP_PASSWORDS);
  assert.equal(await ensureFirstAdministrator(temp.db, temp.nowMs), undefined);
  assert.ok(!JSON.stringify(await listAudit(temp.db, {})).includes(secret));
});

test('a start while the link is unused gives a new one and makes the old one void', async () => {
  await using temp = await TempStore.open();
  const first = await secretOf(temp);
  await temp.reopen();
  const second = await secretOf(temp);
  assert.notEqual(first, second);
  await assert.rejects(redeem(temp, { secret: first }), { code: 'OAK_LINK_INVALID' });
  await redeem(temp, { secret: second });
});

test('of many who use one link at once, one gets in', async () => {
  await using temp = await TempStore.open();
  const secret = await secretOf(temp);
  const results = await Promise.allSettled(
    Array.from({ length: 8 }, (_, index) => redeem(temp, { secret, name: `user${index}` })),
  );
  const refused = results.filter((one) => one.status === 'rejected');
  assert.equal(refused.length, 7);
  for (const { reason } of refused) assert.equal((reason as { code: string }).code, 'OAK_LINK_INVALID');
  assert.equal((await viewAccounts(temp.db)).length, 1);
  assert.equal(await temp.count('session'), 1);
});

test('a link is good for a day, and once', async () => {
  await using temp = await TempStore.open();
  const secret = await secretOf(temp);
  const invalid = { code: 'OAK_LINK_INVALID' };
  await assert.rejects(redeem(temp, { secret, nowMs: temp.nowMs + DAY_MS }), invalid);
  await redeem(temp, { secret, nowMs: temp.nowMs + DAY_MS - 1 });
  await assert.rejects(redeem(temp, { secret, name: 'berta' }), invalid);
  for (const odd of ['', 'x', `${secret}x`, 'x'.repeat(1e5)]) {
    await assert.rejects(redeem(temp, { secret: odd }), invalid);
    await assert.rejects(describeLink(temp.db, odd, temp.nowMs), invalid);
  }
});

test('a bad name or a weak password leaves the link good', async () => {
  await using temp = await TempStore.open();
  const secret = await secretOf(temp);
  await assert.rejects(redeem(temp, { secret, name: 'a\nb' }), { code: 'OAK_ACCOUNT_NAME' });
  await assert.rejects(redeem(temp, { secret, password: 'short' }), { code: 'OAK_PASSWORD_WEAK' });
  await redeem(temp, { secret });
});

test('the first link is void as soon as somebody has an account by another way', async () => {
  await using temp = await TempStore.open();
  const secret = await secretOf(temp);
  await createAccount(temp.db, caller, { name: 'berta', role: 'administrator', nowMs: temp.nowMs });
  await assert.rejects(redeem(temp, { secret }), { code: 'OAK_LINK_INVALID' });
  await assert.rejects(createLink(temp.db, caller, { nowMs: temp.nowMs }), { code: 'OAK_LINK_STATE' });
});

test('a link for an account replaces the password and ends its sessions, whatever name is sent', async () => {
  await using temp = await TempStore.open();
  const first = await redeem(temp, { secret: await secretOf(temp) });
  const { secret } = await createLink(temp.db, caller, { name: 'ANNA', nowMs: temp.nowMs });
  const password = 'another horse battery';
  const { principal } = await redeem(temp, { secret, name: 'mallory', password });
  assert.equal(principal.name, 'anna');
  await assert.rejects(authenticate(temp.db, { session: first.sessionId }, temp.nowMs), {
    code: 'OAK_SIGN_IN_REQUIRED',
  });
  const request = { name: 'anna', address, nowMs: temp.nowMs };
  await assert.rejects(signIn(temp.db, { ...request, password: PASSWORD }, CHEAP_PASSWORDS), {
    code: 'OAK_SIGN_IN_FAILED',
  });
  await signIn(temp.db, { ...request, password }, CHEAP_PASSWORDS);
});

test('a link ends with its account, with a newer link and with a new password', async () => {
  await using temp = await TempStore.open();
  const { db, nowMs } = temp;
  await redeem(temp, { secret: await secretOf(temp) });
  await createAccount(db, caller, { name: 'carl', role: 'reader', nowMs });
  const link = (): Promise<string> =>
    createLink(db, caller, { name: 'carl', nowMs }).then((one) => one.secret);
  const [older, newer] = [await link(), await link()];
  const invalid = { code: 'OAK_LINK_INVALID' };
  await assert.rejects(redeem(temp, { secret: older }), invalid);
  await setAccountPassword(db, caller, { name: 'carl', password: PASSWORD, nowMs }, CHEAP_PASSWORDS);
  await assert.rejects(redeem(temp, { secret: newer }), invalid);
  const last = await link();
  await disableAccount(db, caller, { name: 'carl', nowMs });
  await assert.rejects(redeem(temp, { secret: last }), invalid);
  await assert.rejects(link(), { code: 'OAK_ACCOUNT_DISABLED' });
});

test('a link does not replace the second factor, whose codes are not guessed with it either', async () => {
  await using temp = await TempStore.open();
  const { db, nowMs } = temp;
  const { principal } = await redeem(temp, { secret: await secretOf(temp) });
  const enrolment = await beginTotp(db, principal, { password: PASSWORD, address, nowMs }, CHEAP_PASSWORDS);
  await confirmTotp(db, principal, { code: codeAt(enrolment.secret, nowMs), nowMs });
  const { secret } = await createLink(db, caller, { name: 'anna', nowMs });
  assert.deepEqual(await describeLink(db, secret, nowMs), { account: 'anna', totp: true });
  await assert.rejects(redeem(temp, { secret }), { code: 'OAK_TOTP_REQUIRED' });
  for (let count = 0; count < 5; count++) {
    await assert.rejects(redeem(temp, { secret, code: '000000' }), { code: 'OAK_SIGN_IN_FAILED' });
  }
  await assert.rejects(redeem(temp, { secret, code: '000000' }), { code: 'OAK_SIGN_IN_THROTTLED' });
  const laterMs = nowMs + 60_000;
  await redeem(temp, { secret, code: codeAt(enrolment.secret, laterMs), nowMs: laterMs });
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { URI } from 'otpauth';
import { CHEAP_PASSWORDS, codeAt } from '../../../test/support/identity.ts';
import { TempStore } from '../../../test/support/temp-store.ts';
import { listAudit } from '../../store/audit.ts';
import { createAccount, resetAccountTotp } from './accounts.ts';
import { authenticate } from './authenticate.ts';
import { beginTotp, changeOwnPassword, confirmTotp, removeOwnTotp, viewOwnAccount } from './own-account.ts';
import type { Principal } from './roles.ts';
import type { SignedIn } from './sessions.ts';
import { signIn } from './sign-in.ts';

const caller = { name: 'test' };
const PASSWORD = 'correct horse battery';
const address = '192.0.2.7';
const STEP_MS = 30_000;

async function withAnna(): Promise<TempStore> {
  const temp = await TempStore.open();
  const request = { name: 'anna', role: 'administrator', password: PASSWORD, nowMs: temp.nowMs } as const;
  await createAccount(temp.db, caller, request, CHEAP_PASSWORDS);
  return temp;
}

function enter(temp: TempStore, code?: string, password = PASSWORD): Promise<SignedIn> {
  const request = { name: 'anna', password, address, nowMs: temp.nowMs };
  return signIn(temp.db, { ...request, ...(code === undefined ? {} : { code }) }, CHEAP_PASSWORDS);
}

/** Sets codes up; the clock stands in the next time step then. */
async function enrol(temp: TempStore, principal: Principal): Promise<string> {
  const confirmation = { password: PASSWORD, address, nowMs: temp.nowMs };
  const { secret } = await beginTotp(temp.db, principal, confirmation, CHEAP_PASSWORDS);
  const { nowMs } = temp;
  await confirmTotp(temp.db, principal, { code: codeAt(secret, nowMs), nowMs });
  temp.nowMs += STEP_MS;
  return secret;
}

test('a second factor counts only when a code has confirmed it', async () => {
  await using temp = await withAnna();
  const { principal } = await enter(temp);
  const { db, nowMs } = temp;
  await assert.rejects(confirmTotp(db, principal, { code: '000000', nowMs }), { code: 'OAK_TOTP_STATE' });
  const enrolment = await beginTotp(db, principal, { password: PASSWORD, address, nowMs }, CHEAP_PASSWORDS);
  const parsed = URI.parse(enrolment.uri);
  assert.deepEqual([parsed.issuer, parsed.label, parsed.secret.base32], ['Oakum', 'anna', enrolment.secret]);
  await enter(temp);
  const wrong = codeAt(enrolment.secret, nowMs + 10 * STEP_MS);
  await assert.rejects(confirmTotp(db, principal, { code: wrong, nowMs }), { code: 'OAK_TOTP_WRONG' });
  const code = codeAt(enrolment.secret, nowMs);
  assert.equal((await confirmTotp(db, principal, { code, nowMs })).totp, true);
  await assert.rejects(enter(temp), { code: 'OAK_TOTP_REQUIRED' });
  assert.ok(!JSON.stringify(await listAudit(db, {})).includes(enrolment.secret));
});

test('a code is good once, and none before it either', async () => {
  await using temp = await withAnna();
  const { principal } = await enter(temp);
  const secret = await enrol(temp, principal);
  const failed = { code: 'OAK_SIGN_IN_FAILED' };
  await assert.rejects(enter(temp, codeAt(secret, temp.nowMs - STEP_MS)), failed, 'it confirmed the set-up');
  await enter(temp, ` ${codeAt(secret, temp.nowMs).replace(/^.{3}/, '$& ')} `);
  await assert.rejects(enter(temp, codeAt(secret, temp.nowMs)), failed);
  temp.nowMs += STEP_MS;
  await enter(temp, codeAt(secret, temp.nowMs + STEP_MS));
  await assert.rejects(enter(temp, codeAt(secret, temp.nowMs)), failed, 'an older one');
});

test('of two who send one code at once, one gets in', async () => {
  await using temp = await withAnna();
  const { principal } = await enter(temp);
  const code = codeAt(await enrol(temp, principal), temp.nowMs);
  const results = await Promise.allSettled([enter(temp, code), enter(temp, code)]);
  assert.deepEqual(results.map((one) => one.status).sort(), ['fulfilled', 'rejected']);
});

test('codes are guessed no faster than passwords, and without the password not at all', async () => {
  await using temp = await withAnna();
  const { principal } = await enter(temp);
  const secret = await enrol(temp, principal);
  const odd = ['000000', '12345', 'abcdef', '1234567', '', '٠٠٠٠٠٠'];
  for (const code of odd) {
    await assert.rejects(enter(temp, code), {
      code: code === '' ? 'OAK_TOTP_REQUIRED' : 'OAK_SIGN_IN_FAILED',
    });
  }
  await assert.rejects(enter(temp, codeAt(secret, temp.nowMs)), { code: 'OAK_SIGN_IN_THROTTLED' });
  temp.nowMs += 10 * STEP_MS;
  const code = codeAt(secret, temp.nowMs);
  await assert.rejects(enter(temp, code, 'wrong'), { code: 'OAK_SIGN_IN_FAILED' });
});

test('an administrator takes the second factor from somebody who lost it', async () => {
  await using temp = await withAnna();
  const { principal } = await enter(temp);
  await enrol(temp, principal);
  await resetAccountTotp(temp.db, caller, { name: 'anna', nowMs: temp.nowMs });
  assert.equal((await enter(temp)).principal.name, 'anna');
});

test('the own second factor is removed with password and code', async () => {
  await using temp = await withAnna();
  const { principal } = await enter(temp);
  const secret = await enrol(temp, principal);
  const remove = (password: string, code: string): Promise<unknown> =>
    removeOwnTotp(temp.db, principal, { password, code, address, nowMs: temp.nowMs }, CHEAP_PASSWORDS);
  const code = codeAt(secret, temp.nowMs);
  await assert.rejects(remove('wrong', code), { code: 'OAK_SIGN_IN_FAILED' });
  await assert.rejects(remove(PASSWORD, '000000'), { code: 'OAK_SIGN_IN_FAILED' });
  const begun = beginTotp(
    temp.db,
    principal,
    { password: PASSWORD, address, nowMs: temp.nowMs },
    CHEAP_PASSWORDS,
  );
  await assert.rejects(begun, { code: 'OAK_TOTP_STATE' });
  await remove(PASSWORD, code);
  assert.equal((await viewOwnAccount(temp.db, principal)).totp, false);
  await enter(temp);
});

test('a new own password ends all sessions and begins one', async () => {
  await using temp = await withAnna();
  const { db, nowMs } = temp;
  const [mine, other] = [await enter(temp), await enter(temp)];
  const newPassword = 'another horse battery';
  const change = (password: string): Promise<SignedIn> =>
    changeOwnPassword(db, mine.principal, { password, newPassword, address, nowMs }, CHEAP_PASSWORDS);
  await assert.rejects(change('wrong'), { code: 'OAK_SIGN_IN_FAILED' });
  const { sessionId } = await change(PASSWORD);
  for (const session of [mine.sessionId, other.sessionId]) {
    await assert.rejects(authenticate(db, { session }, nowMs), { code: 'OAK_SIGN_IN_REQUIRED' });
  }
  assert.equal((await authenticate(db, { session: sessionId }, nowMs)).name, 'anna');
  await assert.rejects(enter(temp), { code: 'OAK_SIGN_IN_FAILED' });
  await enter(temp, undefined, newPassword);
});

test('somebody at an open session cannot guess its password as often as they like', async () => {
  await using temp = await withAnna();
  const { principal } = await enter(temp);
  const guess = (password: string): Promise<unknown> =>
    beginTotp(temp.db, principal, { password, address, nowMs: temp.nowMs }, CHEAP_PASSWORDS);
  for (let count = 0; count < 6; count++)
    await assert.rejects(guess('wrong'), { code: 'OAK_SIGN_IN_FAILED' });
  await assert.rejects(guess(PASSWORD), { code: 'OAK_SIGN_IN_THROTTLED' });
});

test('a token has no account of its own', async () => {
  await using temp = await withAnna();
  const { accountId = 0 } = (await enter(temp)).principal;
  const token: Principal = { name: 'ci (token 1)', role: 'administrator', kind: 'token', accountId };
  await assert.rejects(viewOwnAccount(temp.db, token), { code: 'OAK_FORBIDDEN' });
  const { nowMs } = temp;
  const begun = beginTotp(temp.db, token, { password: PASSWORD, address, nowMs }, CHEAP_PASSWORDS);
  await assert.rejects(begun, { code: 'OAK_FORBIDDEN' });
});

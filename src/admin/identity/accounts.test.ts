import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CHEAP_PASSWORDS } from '../../../test/support/identity.ts';
import { TempStore } from '../../../test/support/temp-store.ts';
import { accountByName } from '../../store/accounts.ts';
import { listAudit } from '../../store/audit.ts';
import { verifyAudit } from '../audit.ts';
import { parseRole } from './account-rules.ts';
import {
  createAccount,
  disableAccount,
  enableAccount,
  removeAccount,
  resetAccountTotp,
  setAccountPassword,
  setAccountRole,
  viewAccounts,
} from './accounts.ts';
import { authenticate } from './authenticate.ts';
import type { Role } from './roles.ts';
import { signIn } from './sign-in.ts';

const caller = { name: 'test' };
const PASSWORD = 'correct horse battery';
const address = '192.0.2.7';

async function withAccounts(temp: TempStore, accounts: Readonly<Record<string, Role>>): Promise<void> {
  for (const [name, role] of Object.entries(accounts)) {
    const request = { name, role, password: PASSWORD, nowMs: temp.nowMs };
    await createAccount(temp.db, caller, request, CHEAP_PASSWORDS);
  }
}

function enter(temp: TempStore, name: string): ReturnType<typeof signIn> {
  return signIn(temp.db, { name, password: PASSWORD, address, nowMs: temp.nowMs }, CHEAP_PASSWORDS);
}

test('accounts are listed by name, without anything that could be used to sign in', async () => {
  await using temp = await TempStore.open();
  await withAccounts(temp, { berta: 'operator', Anna: 'administrator' });
  await createAccount(temp.db, caller, { name: 'Carl Ä.', role: 'reader', nowMs: temp.nowMs });
  const views = await viewAccounts(temp.db);
  assert.deepEqual(
    views.map(({ name, role, signsInBy }) => [name, role, signsInBy]),
    [
      ['Anna', 'administrator', 'password'],
      ['berta', 'operator', 'password'],
      ['Carl Ä.', 'reader', 'link'],
    ],
  );
  assert.doesNotMatch(JSON.stringify(views), /argon2/);
});

test('two accounts never differ in case or encoding alone', async () => {
  await using temp = await TempStore.open();
  const { db, nowMs } = temp;
  await withAccounts(temp, { Änne: 'reader' });
  for (const name of ['änne', 'ÄNNE', 'A\u0308nne', ' Änne ']) {
    await assert.rejects(createAccount(db, caller, { name, role: 'reader', nowMs }), {
      code: 'OAK_ACCOUNT_EXISTS',
    });
  }
});

test('names that could be taken for something else are refused', async () => {
  await using temp = await TempStore.open();
  const { db, nowMs } = temp;
  const odd = [
    '',
    ' ',
    'a\nb',
    'ci (token 1)',
    'root@localhost',
    'Rules',
    'a  b',
    'x'.repeat(65),
    'a\u202eb',
    '<b>',
  ];
  for (const name of odd) {
    const refused = createAccount(db, caller, { name, role: 'reader', nowMs });
    await assert.rejects(refused, { code: 'OAK_ACCOUNT_NAME' }, name);
  }
  assert.equal(await temp.count('account'), 0);
});

test('a weak password is refused and never quoted', async () => {
  await using temp = await TempStore.open();
  const { db, nowMs } = temp;
  const weak = [
    'short',
    'x'.repeat(257),
    'aaaaaaaaaaaaaaa',
    'abababababababab',
    'my-ANNABELLE-password',
    'y'.repeat(1e6),
  ];
  for (const password of weak) {
    await assert.rejects(
      createAccount(db, caller, { name: 'annabelle', role: 'reader', password, nowMs }, CHEAP_PASSWORDS),
      (error: Error & { code?: string }) => {
        assert.equal(error.code, 'OAK_PASSWORD_WEAK');
        assert.ok(!error.message.includes(password));
        return true;
      },
    );
  }
});

test('roles are read whatever their case', () => {
  assert.equal(parseRole(' Operator '), 'operator');
  assert.throws(() => parseRole('root'), { code: 'OAK_ROLE_UNKNOWN' });
});

test('the last administrator who can sign in stays one', async () => {
  await using temp = await TempStore.open();
  const { db, nowMs } = temp;
  await withAccounts(temp, { anna: 'administrator', berta: 'administrator', carl: 'operator' });
  await disableAccount(db, caller, { name: 'berta', nowMs });
  const last = { code: 'OAK_ACCOUNT_LAST' };
  await assert.rejects(disableAccount(db, caller, { name: 'anna', nowMs }), last);
  await assert.rejects(removeAccount(db, caller, { name: 'anna', nowMs }), last);
  await assert.rejects(setAccountRole(db, caller, { name: 'anna', role: 'operator', nowMs }), last);
  await enableAccount(db, caller, { name: 'berta', nowMs });
  await setAccountRole(db, caller, { name: 'anna', role: 'operator', nowMs });
  await assert.rejects(removeAccount(db, caller, { name: 'berta', nowMs }), last);
});

test('two administrators who remove each other at once leave one', async () => {
  await using temp = await TempStore.open();
  const { db, nowMs } = temp;
  await withAccounts(temp, { anna: 'administrator', berta: 'administrator' });
  const results = await Promise.allSettled([
    removeAccount(db, { name: 'anna' }, { name: 'berta', nowMs }),
    disableAccount(db, { name: 'berta' }, { name: 'anna', nowMs }),
  ]);
  assert.deepEqual(results.map((one) => one.status).sort(), ['fulfilled', 'rejected']);
});

test('sessions end with whatever changes about their account', async (t) => {
  const changes: Readonly<Record<string, (temp: TempStore) => Promise<unknown>>> = {
    role: ({ db, nowMs }) => setAccountRole(db, caller, { name: 'carl', role: 'reader', nowMs }),
    password: ({ db, nowMs }) =>
      setAccountPassword(
        db,
        caller,
        { name: 'carl', password: 'another horse battery', nowMs },
        CHEAP_PASSWORDS,
      ),
    disabled: ({ db, nowMs }) => disableAccount(db, caller, { name: 'carl', nowMs }),
    deleted: ({ db, nowMs }) => removeAccount(db, caller, { name: 'carl', nowMs }),
  };
  for (const [what, change] of Object.entries(changes)) {
    await t.test(what, async () => {
      await using temp = await TempStore.open();
      await withAccounts(temp, { anna: 'administrator', carl: 'operator' });
      const [{ sessionId }, other] = [await enter(temp, 'carl'), await enter(temp, 'anna')];
      await change(temp);
      await assert.rejects(authenticate(temp.db, { session: sessionId }, temp.nowMs), {
        code: 'OAK_SIGN_IN_REQUIRED',
      });
      assert.equal((await authenticate(temp.db, { session: other.sessionId }, temp.nowMs)).name, 'anna');
    });
  }
});

test('a disabled account cannot sign in until it is enabled', async () => {
  await using temp = await TempStore.open();
  const { db, nowMs } = temp;
  await withAccounts(temp, { anna: 'administrator', carl: 'operator' });
  await disableAccount(db, caller, { name: 'CARL', nowMs });
  await assert.rejects(enter(temp, 'carl'), { code: 'OAK_SIGN_IN_FAILED' });
  await enableAccount(db, caller, { name: 'carl', nowMs });
  assert.equal((await enter(temp, 'carl')).principal.role, 'operator');
});

test('ids of deleted accounts are never given again', async () => {
  await using temp = await TempStore.open();
  const { db, nowMs } = temp;
  await withAccounts(temp, { anna: 'administrator', carl: 'operator' });
  const { id } = await removeAccount(db, caller, { name: 'carl', nowMs });
  await withAccounts(temp, { carl: 'operator' });
  assert.notEqual((await accountByName(db, 'carl'))?.id, id);
});

test('a dry run tells and changes nothing', async () => {
  await using temp = await TempStore.open();
  const { db, nowMs } = temp;
  await withAccounts(temp, { anna: 'administrator', carl: 'operator' });
  const before = await viewAccounts(db);
  const told = await setAccountRole(db, caller, { name: 'carl', role: 'reader', dryRun: true, nowMs });
  assert.equal(told.role, 'reader');
  await disableAccount(db, caller, { name: 'carl', dryRun: true, nowMs });
  await removeAccount(db, caller, { name: 'carl', dryRun: true, nowMs });
  await createAccount(db, caller, { name: 'dora', role: 'reader', dryRun: true, nowMs });
  assert.deepEqual(await viewAccounts(db), before);
  assert.equal((await listAudit(db, {})).length, 2);
});

test('an unknown account is answered with the nearest name', async () => {
  await using temp = await TempStore.open();
  const { db, nowMs } = temp;
  await withAccounts(temp, { annabelle: 'administrator' });
  const unknown = { code: 'OAK_ACCOUNT_UNKNOWN', message: /Did you mean "annabelle"/ };
  await assert.rejects(disableAccount(db, caller, { name: 'anabelle', nowMs }), unknown);
  await assert.rejects(resetAccountTotp(db, caller, { name: 'annabelle', nowMs }), {
    code: 'OAK_TOTP_STATE',
  });
});

test('every change is written down with what was and what is, and no secret', async () => {
  await using temp = await TempStore.open();
  const { db, nowMs } = temp;
  await withAccounts(temp, { anna: 'administrator', carl: 'operator' });
  await setAccountRole(db, caller, { name: 'carl', role: 'reader', nowMs });
  await setAccountPassword(
    db,
    caller,
    { name: 'carl', password: 'another horse battery', nowMs },
    CHEAP_PASSWORDS,
  );
  await disableAccount(db, caller, { name: 'carl', nowMs });
  await removeAccount(db, caller, { name: 'carl', nowMs });
  const entries = (await listAudit(db, { subject: 'carl' })).toReversed();
  const actions = ['create', 'setRole', 'setPassword', 'disable', 'delete'];
  assert.deepEqual(
    entries.map((one) => one.action),
    actions.map((one) => `account.${one}`),
  );
  const roleIn = (view: unknown): unknown => (view as { readonly role: string } | undefined)?.role;
  assert.deepEqual([roleIn(entries[1]?.before), roleIn(entries[1]?.after)], ['operator', 'reader']);
  assert.doesNotMatch(JSON.stringify(entries), /argon2|horse/);
  assert.equal((await verifyAudit(db)).intact, true);
});

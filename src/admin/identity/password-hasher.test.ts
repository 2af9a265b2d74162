import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CHEAP_PASSWORDS } from '../../../test/support/identity.ts';
import { createPasswordHasher, PASSWORDS } from './password-hasher.ts';

const PASSWORD = 'correct horse battery';

test('a password is stored as argon2id with a salt of its own', async () => {
  const [one, other] = [await CHEAP_PASSWORDS.hash(PASSWORD), await CHEAP_PASSWORDS.hash(PASSWORD)];
  assert.match(one, /^\$argon2id\$v=19\$m=8,t=1,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/);
  assert.notEqual(one, other);
  assert.equal(await CHEAP_PASSWORDS.verify(PASSWORD, one), true);
  assert.equal(await CHEAP_PASSWORDS.verify(PASSWORD, other), true);
  assert.equal(await CHEAP_PASSWORDS.verify(`${PASSWORD} `, one), false);
});

test('the default costs more than the least that is recommended', async () => {
  const hash = await PASSWORDS.hash(PASSWORD);
  const [, memory, passes] = /m=(\d+),t=(\d+)/.exec(hash) ?? [];
  assert.ok(Number(memory) >= 19_456 && Number(passes) >= 2, hash);
  assert.equal(await PASSWORDS.verify(PASSWORD, hash), true);
});

test('a hash made at another cost is still checked, and is outdated when it was cheaper', async () => {
  const dearer = createPasswordHasher({ memoryKibibytes: 16, passes: 2, lanes: 1 });
  const old = await CHEAP_PASSWORDS.hash(PASSWORD);
  assert.equal(await dearer.verify(PASSWORD, old), true);
  assert.equal(dearer.isOutdated(old), true);
  assert.equal(dearer.isOutdated(await dearer.hash(PASSWORD)), false);
  assert.equal(CHEAP_PASSWORDS.isOutdated(await dearer.hash(PASSWORD)), false);
});

test('one password is the same however a keyboard encodes it', async () => {
  const hash = await CHEAP_PASSWORDS.hash('Zw\u00f6lf Boxk\u00e4mpfer');
  assert.equal(await CHEAP_PASSWORDS.verify('Zwo\u0308lf Boxka\u0308mpfer', hash), true);
});

test('no password fits where there is no hash, or none that can be read', async () => {
  const hash = await CHEAP_PASSWORDS.hash(PASSWORD);
  const odd = [null, '', 'x', hash.replace('m=8', 'm=4'), hash.replace('t=1', 't=999'), hash.slice(0, -30)];
  for (const stored of odd) assert.equal(await CHEAP_PASSWORDS.verify(PASSWORD, stored), false);
});

test('those who are too many at once are sent away, and the others are served', async () => {
  const all = await Promise.allSettled(
    Array.from({ length: 200 }, () => CHEAP_PASSWORDS.verify(PASSWORD, null)),
  );
  const refused = all.filter((one) => one.status === 'rejected');
  assert.ok(refused.length > 0 && refused.length < 200);
  for (const { reason } of refused) assert.equal((reason as { code: string }).code, 'OAK_SIGN_IN_THROTTLED');
  assert.equal(await CHEAP_PASSWORDS.verify(PASSWORD, null), false);
});

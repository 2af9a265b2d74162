import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LoadTargetError, loadTarget, type Resolve } from '../../bench/fleet/load-target.ts';

const noName: Resolve = (name) => assert.fail(`${name} was looked up`);

for (const [server, means] of [
  ['http://127.0.0.1:8530', '127.0.0.1:8530'],
  ['http://127.99.0.3', '127.99.0.3'],
  ['http://127.1:1', '127.0.0.1:1'],
  ['http://0x7f000001:1', '127.0.0.1:1'],
  ['http://[::1]:8530/', '[::1]:8530'],
  ['http://[::ffff:127.0.0.1]:8530', '[::ffff:7f00:1]:8530'],
]) {
  test(`${server} is this machine`, async () => {
    assert.equal((await loadTarget(server, false, noName)).host, means);
  });
}

for (const server of [
  'http://127.0.0.1.example.com',
  'http://localhost.example.com:8530',
  'http://localhost.:8530',
  'http://example.com',
  'http://8.8.8.8:8530',
  'http://[::ffff:8.8.8.8]:8530',
  'http://[::ffff:10.0.0.1]',
  'http://[::]',
  'http://[::2]',
  'http://[fe80::1]',
  'http://0.0.0.0:8530',
  'http://128.0.0.1',
  'http://134744072',
  'http://10.127.0.0',
]) {
  test(`${server} is refused without being looked up`, async () => {
    await assert.rejects(loadTarget(server, false, noName), LoadTargetError);
  });
}

for (const server of [
  'http://127.0.0.1@example.com/',
  'http://user:word@127.0.0.1/',
  'http://127.0.0.1/path',
  'http://127.0.0.1/?query',
  'https://127.0.0.1',
  'ftp://127.0.0.1',
  '127.0.0.1:8530',
  'nonsense',
  '',
]) {
  test(`"${server}" is no usable address, whoever owns it`, async () => {
    await assert.rejects(loadTarget(server, false, noName), LoadTargetError);
    await assert.rejects(loadTarget(server, true, noName), LoadTargetError);
  });
}

test('localhost is replaced by the address it stands for, the older kind first', async () => {
  const both = await loadTarget('http://localhost:8530', false, () => Promise.resolve(['::1', '127.0.0.1']));
  assert.equal(both.href, 'http://127.0.0.1:8530/');
  const one = await loadTarget('http://LocalHost:8530', false, () => Promise.resolve(['::1']));
  assert.equal(one.href, 'http://[::1]:8530/');
});

for (const addresses of [['192.0.2.1'], ['127.0.0.1', '192.0.2.1'], ['::1', '::ffff:192.0.2.1'], []]) {
  test(`localhost is refused where it stands for ${addresses.join(' and ') || 'nothing'}`, async () => {
    await assert.rejects(
      loadTarget('http://localhost', false, () => Promise.resolve(addresses)),
      /localhost.*refused/s,
    );
  });
}

test('a server on another machine is taken when somebody says that it is theirs', async () => {
  const url = await loadTarget('http://updates.example.com:8530', true, noName);
  assert.equal(url.href, 'http://updates.example.com:8530/');
});

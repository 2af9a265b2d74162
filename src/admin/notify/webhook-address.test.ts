import assert from 'node:assert/strict';
import type { lookup } from 'node:dns';
import { describe, test } from 'node:test';
import { raised } from '../../../test/support/error-code.ts';
import { allowedLookup, isAllowedAddress, shownAddress, webhookAddress } from './webhook-address.ts';

const NEVER = [
  '0.0.0.0',
  '0.1.2.3',
  '169.254.169.254',
  '169.254.0.1',
  '192.0.0.192',
  '100.100.100.200',
  '168.63.129.16',
  '224.0.0.1',
  '255.255.255.255',
  '::',
  'fe80::1',
  'fe80::1%eth0',
  'ff02::1',
  'fd00:ec2::254',
  '::ffff:169.254.169.254',
  '::ffff:a9fe:a9fe',
  '64:ff9b::169.254.169.254',
  '64:ff9b:1::a9fe:a9fe',
  '2002:a9fe:a9fe::1',
  '::169.254.169.254',
  'no address',
  '',
];
const LOOPBACK = ['127.0.0.1', '127.8.9.10', '::1', '::ffff:127.0.0.1', '64:ff9b::7f00:1', '2002:7f00:1::'];
const RECEIVERS = [
  '10.0.0.1',
  '172.16.5.4',
  '192.168.1.1',
  '100.64.0.1',
  '203.0.113.9',
  'fd12:3456::1',
  '2001:db8::1',
  '::ffff:10.0.0.1',
  '64:ff9b::10.0.0.1',
];

describe('an address', () => {
  test('that no receiver can have is never allowed', () => {
    for (const address of NEVER) assert.equal(isAllowedAddress(address, true), false, address);
  });

  test('of this machine is allowed where the settings say so', () => {
    for (const address of LOOPBACK) {
      assert.equal(isAllowedAddress(address, false), false, address);
      assert.equal(isAllowedAddress(address, true), true, address);
    }
  });

  test('of the own network or any other is allowed', () => {
    for (const address of RECEIVERS) assert.equal(isAllowedAddress(address, false), true, address);
  });
});

describe('the address of a webhook', () => {
  test('is http or https, and names no user', () => {
    assert.equal(webhookAddress(' https://chat.example/hooks/1 ').href, 'https://chat.example/hooks/1');
    for (const text of [
      '',
      'chat.example',
      'ftp://chat.example/',
      'file:///etc/passwd',
      'javascript:alert(1)',
      'https://user:secret@chat.example/',
      'https://user@chat.example/',
      `https://chat.example/${'x'.repeat(3000)}`,
    ])
      assert.equal(
        raised(() => webhookAddress(text)),
        'OAK_WEBHOOK_ADDRESS',
        text.slice(0, 40),
      );
  });

  test('is recognised in every way to write it', () => {
    for (const host of [
      '169.254.169.254',
      '0xa9.254.169.254',
      '2852039166',
      '[::ffff:a9fe:a9fe]',
      '0',
      '[::]',
    ])
      assert.equal(
        raised(() => webhookAddress(`http://${host}/`)),
        'OAK_WEBHOOK_ADDRESS',
        host,
      );
  });

  test('is shown without keys it may hold', () => {
    const key = 'T024BE7LDB0HBJ4AKXXXXXXXX';
    assert.equal(
      shownAddress(`https://chat.example:8443/hooks/${key}/x?token=${key}`),
      'https://chat.example:8443/hooks/…/x?…',
    );
    assert.equal(shownAddress(`https://user:${key}@chat.example/`), 'https://chat.example/');
    assert.equal(shownAddress('nonsense'), '(no address)');
  });
});

describe('a name', () => {
  const answering = (...addresses: readonly string[]) =>
    ((_name: string, _options: unknown, callback: (error: null, all: unknown) => void) =>
      callback(
        null,
        addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
      )) as unknown as typeof lookup;

  const resolved = (all: boolean, ...addresses: readonly string[]): Promise<unknown> =>
    new Promise((resolve, reject) => {
      allowedLookup(false, answering(...addresses))('x.example', { all }, (error, found) => {
        if (error) reject(error);
        else resolve(found);
      });
    });

  test('stands for the addresses that are allowed, and only those are connected to', async () => {
    assert.deepEqual(await resolved(true, '127.0.0.1', '10.0.0.1', 'fe80::1'), [
      { address: '10.0.0.1', family: 4 },
    ]);
    assert.equal(await resolved(false, '127.0.0.1', '10.0.0.1'), '10.0.0.1');
  });

  test('that stands for nothing that is allowed is refused', async () => {
    await assert.rejects(resolved(true, '127.0.0.1', '169.254.169.254'), { code: 'OAK_WEBHOOK_ADDRESS' });
    await assert.rejects(resolved(false), { code: 'OAK_WEBHOOK_ADDRESS' });
  });
});

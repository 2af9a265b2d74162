import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { raised } from '../../test/support/error-code.ts';
import { hostFacts, ownNames, parseNames, searchDomains } from './own-names.ts';

describe('the setting server.names', () => {
  test('lists names and addresses, each once, in their order', () => {
    assert.deepEqual(parseNames('WSUS.example.com, 10.0.0.5 ,wsus.example.com,2001:db8::1, upd_1'), [
      'wsus.example.com',
      '10.0.0.5',
      '2001:db8::1',
      'upd_1',
    ]);
    assert.deepEqual(parseNames(' , '), []);
  });

  for (const text of [
    'http://wsus',
    'wsus:8530',
    'a..b',
    '-a',
    'a-',
    'a/b',
    '*.example.com',
    'a'.repeat(64),
    'ä',
  ])
    test(`"${text.slice(0, 20)}" is refused`, () =>
      assert.equal(
        raised(() => parseNames(text)),
        'OAK_SETTING_INVALID',
      ));
});

describe('a server is called', () => {
  const facts = { hostName: 'WSUS', domains: ['example.com'], addresses: ['10.0.0.5', '2001:db8::5'] };

  test('what the administrator says, then its full name, its short one, and its addresses', () => {
    assert.deepEqual(ownNames('updates.example.com', facts), [
      ...['updates.example.com', 'wsus.example.com', 'wsus', 'localhost'],
      ...['10.0.0.5', '2001:db8::5', '127.0.0.1', '::1'],
    ]);
  });

  test('by both names where the computer knows its full one', () => {
    const names = ownNames('', { ...facts, hostName: 'wsus.example.com' });
    assert.deepEqual(names.slice(0, 3), ['wsus.example.com', 'wsus', 'localhost']);
  });

  test('never by what could not be a name', () => {
    assert.equal(ownNames('', { ...facts, hostName: 'my server' })[0], 'localhost');
  });
});

test('domains come from what the resolver and Windows are told', () => {
  const resolver =
    '# comment\nnameserver 10.0.0.1\nsearch Example.com. corp.example.com\n\tdomain lab\nsearchx no\n';
  assert.deepEqual(searchDomains(resolver), ['example.com', 'corp.example.com', 'lab']);
  assert.deepEqual(searchDomains('', 'CORP.EXAMPLE.COM'), ['corp.example.com']);
  assert.deepEqual(searchDomains('search . <script> a..b\n'), []);
});

test('this computer has a name, whether or not it has a resolver', () => {
  const facts = hostFacts('/nonexistent');
  assert.notEqual(facts.hostName, '');
  assert.deepEqual(facts.domains, []);
});

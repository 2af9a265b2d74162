import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { atLeast, parseProtocolVersion } from './protocol-version.ts';

describe('a protocol version', () => {
  for (const [text, major, minor] of [
    ['1.0', 1, 0],
    ['1.20', 1, 20],
    [' 2.90\n', 2, 90],
    ['01.08', 1, 8],
    ['99999.99999', 99_999, 99_999],
  ] as const) {
    test(`${JSON.stringify(text)} is ${major} and ${minor}`, () => {
      assert.deepEqual(parseProtocolVersion(text), { major, minor });
    });
  }

  for (const text of [
    undefined,
    null,
    '',
    '1',
    '1.',
    '.1',
    '1.2.3',
    '1,2',
    'x',
    '1.x',
    '-1.0',
    '+1.0',
    '1e1.0',
    '100000.0',
  ])
    test(`${JSON.stringify(text)} is none`, () => {
      assert.equal(parseProtocolVersion(text), undefined);
    });
});

test('versions are two numbers, not a decimal', () => {
  const ordered = ['1.0', '1.6', '1.7', '1.8', '1.9', '1.20', '1.21', '2.0', '2.4', '2.90'].map(
    (text) => parseProtocolVersion(text) ?? assert.fail(text),
  );
  for (const [index, version] of ordered.entries()) {
    for (const [other, { major, minor }] of ordered.entries())
      assert.equal(atLeast(version, major, minor), index >= other);
  }
});

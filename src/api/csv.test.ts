import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { csv } from './csv.ts';

const cellOf = (text: string): string => csv(['H'], [[text]]).split('\r\n')[1];

describe('what computers say is inert in a spreadsheet', () => {
  for (const text of [
    '=cmd|"/C calc"!A0',
    '+1+1',
    '-2+3',
    '@SUM(A1)',
    '\t=1',
    ' =1',
    '\u202E=1',
    '\uFF1D1',
    '"=1',
    '|calc',
  ]) {
    test(JSON.stringify(text), () => assert.match(cellOf(text), /^"'/));
  }

  test('and nothing that comes in makes another cell or line', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const lines = csv(['H'], [[text]]).split('\r\n');
        assert.equal(lines.length, 2);
        assert.match(lines[1], /^"(?:[^"\r\n]|"")*"$/);
        assert.doesNotMatch(lines[1], /^"[=+@\t]/);
      }),
    );
  });
});

test('names, numbers and nothing stay what they are', () => {
  assert.equal(
    csv(['A', 'B', 'C', 'D'], [['pc-1', '-12.5', '-', 'a "b", c']]),
    '"A","B","C","D"\r\n"pc-1","-12.5","","a ""b"", c"',
  );
});

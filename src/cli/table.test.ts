import assert from 'node:assert/strict';
import { test } from 'node:test';
import { oneLine } from '../errors/inert-text.ts';
import { table } from './table.ts';

test('a cell stays on one line, whatever white space and terminal escapes stand in it', () => {
  assert.equal(
    table(['TITLE', 'KB'], [['Two\r\n  lines\tand \u001b[31mred', '1']]),
    'TITLE                   KB\nTwo lines and \uFFFD[31mred  1',
  );
});

test('text on one line keeps its words and loses what drives a terminal', () => {
  assert.equal(oneLine('one\n\n two\u2028three \u0007\u202Efour'), 'one two three \uFFFD\uFFFDfour');
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { fitsPattern, fitsSome } from './text-pattern.ts';

test('a pattern is the whole text, in any case', () => {
  assert.ok(fitsPattern('Windows 11', 'windows 11'));
  assert.ok(!fitsPattern('Windows 11 Pro', 'Windows 11'));
  assert.ok(fitsPattern('Windows 11 Pro', 'Windows 1? *'));
  assert.ok(fitsPattern('a.c', 'a.c') && !fitsPattern('abc', 'a.c'));
  assert.ok(fitsSome('x', ['y', '*']) && !fitsSome('x', []));
});

test('a pattern fits what the same regular expression fits', () => {
  const letters = fc.stringMatching(/^[ab*?]{0,10}$/);
  fc.assert(
    fc.property(fc.stringMatching(/^[abC]{0,12}$/), letters, (text, pattern) => {
      const source = pattern.replaceAll('*', '.*').replaceAll('?', '.');
      assert.equal(fitsPattern(text, pattern), new RegExp(`^${source}$`, 'is').test(text));
    }),
    { numRuns: 2000 },
  );
});

test('a pattern of stars is no trap', () => {
  assert.ok(!fitsPattern('a'.repeat(20_000), `${'*a'.repeat(50)}b`));
});

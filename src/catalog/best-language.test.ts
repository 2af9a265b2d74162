import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { bestLanguage } from './best-language.ts';

describe('the best language', () => {
  const cases: readonly [
    sentence: string,
    available: readonly string[],
    locales: readonly string[],
    defaultLanguage: string,
    best: string | undefined,
  ][] = [
    ['is the one wanted most', ['en', 'de', 'fr'], ['fr', 'de'], 'en', 'fr'],
    ['is in the order of wishes, not of the document', ['de', 'fr'], ['fr', 'de'], 'de', 'fr'],
    ['is the exact one rather than its parent', ['pt', 'pt-br'], ['pt-BR'], 'pt', 'pt-br'],
    ['is the parent of the one wanted', ['en', 'de'], ['de-CH'], 'en', 'de'],
    [
      'is the parent of the first wish rather than the second wish',
      ['de', 'fr'],
      ['de-CH', 'fr'],
      'en',
      'de',
    ],
    ['does not mind letter case and blanks', ['zh-tw', 'en'], [' ZH-tw '], 'en', 'zh-tw'],
    ['is not another child of the same parent', ['pt-br', 'en'], ['pt-PT'], 'en', 'en'],
    ['is the document’s own when none is wanted', ['ja', 'en'], [], 'ja', 'ja'],
    ['is the document’s own when none of the wishes is there', ['ja', 'en'], ['de', 'fr'], 'ja', 'ja'],
    ['is English when the document’s own is not there', ['fr', 'en'], ['de'], 'ja', 'en'],
    ['is any when nothing fits', ['fr', 'it'], ['de'], 'ja', 'fr'],
    ['is none of none', [], ['de'], 'en', undefined],
    ['does not stumble over odd wishes', ['en'], ['', '-', '-x', '*'], 'en', 'en'],
  ];
  for (const [sentence, available, locales, defaultLanguage, best] of cases) {
    test(sentence, () => {
      assert.equal(bestLanguage(available, locales, defaultLanguage), best);
    });
  }
});

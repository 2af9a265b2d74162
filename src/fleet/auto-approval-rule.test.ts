import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { UpdateId } from '../metadata/update-identity.ts';
import {
  parseAutoApprovalRule,
  ruleDeadlineMs,
  ruleDueMs,
  ruleFits,
  type RuleFacts,
} from './auto-approval-rule.ts';

const DAY = 86_400_000;

const FACTS: RuleFacts = {
  updateId: 'u' as UpdateId,
  title: '2026-11 Cumulative Update for Oakum 11 (x64) (KB5066835)',
  kbArticles: ['5066835'],
  severity: 'Critical',
  categories: new Set(['security', 'oakum-11', 'oakum']),
  isDriver: false,
  driverClasses: [],
  languages: ['de', 'en'],
  superseded: false,
  arrivedMs: 10 * DAY,
};

const rule = (said: object) => parseAutoApprovalRule({ groups: ['Pilot'], ...said });

describe('a rule', () => {
  const cases: readonly [what: string, said: object, facts: Partial<RuleFacts>, fits: boolean][] = [
    ['that says nothing fits everything', {}, {}, true],
    ['fits a classification', { classifications: ['security'] }, {}, true],
    ['fits no other classification', { classifications: ['drivers'] }, {}, false],
    ['fits one of several products', { products: ['other', 'oakum-11'] }, {}, true],
    ['fits the family of a product', { products: ['oakum'] }, {}, true],
    ['needs all its lists to fit', { products: ['oakum'], classifications: ['drivers'] }, {}, false],
    ['fits a pattern of the title', { titles: ['*cumulative*'] }, {}, true],
    ['fits the whole title only', { titles: ['cumulative'] }, {}, false],
    ['fits a pattern of a KB number', { kbArticles: ['KB5066*'] }, {}, true],
    ['fits no other KB number', { kbArticles: ['4*'] }, {}, false],
    ['fits a severity', { severities: ['Critical'] }, {}, true],
    ['fits no other severity', { severities: ['Low'] }, {}, false],
    ['takes no severity for unspecified', { severities: ['Unspecified'] }, { severity: null }, true],
    ['fits an architecture in the title', { architectures: ['x64'] }, {}, true],
    ['fits no other architecture', { architectures: ['arm64'] }, {}, false],
    ['fits a title without architecture', { architectures: ['arm64'] }, { title: 'Fonts' }, true],
    ['does not take x86-64 for x86', { architectures: ['x86'] }, { title: 'For x86-64' }, false],
    ['fits a language', { languages: ['de'] }, {}, true],
    ['fits no other language', { languages: ['fr'] }, {}, false],
    ['fits a language with a region', { languages: ['pt'] }, { languages: ['pt-BR'] }, true],
    ['fits what is for all languages', { languages: ['fr'] }, { languages: ['all'] }, true],
    ['fits what says no language', { languages: ['fr'] }, { languages: [] }, true],
    ['for a class of drivers fits none else', { driverClasses: ['Net'] }, {}, false],
    ['fits its class of drivers', { driverClasses: ['net'] }, { driverClasses: ['Net'] }, true],
    ['leaves titles alone', { excludeTitles: ['*Cumulative*'] }, {}, false],
    ['leaves KB numbers alone', { excludeKbArticles: ['5066835'] }, {}, false],
    ['leaves products alone', { excludeProducts: ['oakum-11'] }, {}, false],
    ['leaves classifications alone', { excludeClassifications: ['security'] }, {}, false],
    ['leaves x64 alone', { excludeKinds: ['x64'] }, {}, false],
    [
      'leaves only what it says alone',
      { excludeKinds: ['arm64', 'preview', 'beta', 'superseded'] },
      {},
      true,
    ],
    ['leaves previews alone', { excludeKinds: ['preview'] }, { title: '2026-11 Preview of Oakum' }, false],
    ['leaves betas alone', { excludeKinds: ['beta'] }, { title: 'Oakum 12 Beta' }, false],
    ['leaves superseded updates alone', { excludeKinds: ['superseded'] }, { superseded: true }, false],
    ['leaves drivers alone', { excludeKinds: ['driver'] }, { isDriver: true }, false],
  ];
  for (const [what, said, facts, fits] of cases)
    test(what, () => assert.equal(ruleFits(rule(said), { ...FACTS, ...facts }), fits));

  test('waits for an age that counts from the arrival', () => {
    assert.equal(ruleDueMs(rule({ afterDays: 7 }), FACTS), 17 * DAY);
  });

  test('sets a deadline that many days after the approval', () => {
    const at = 20 * DAY + 3_600_000;
    assert.equal(ruleDeadlineMs(rule({}), at), null);
    assert.equal(ruleDeadlineMs(rule({ deadlineDays: 2 }), at), at + 2 * DAY);
    assert.equal(ruleDeadlineMs(rule({ deadlineDays: 2, action: 'optional' }), at), null);
  });

  test('sets no deadline sooner than that when it names a time of day', () => {
    const at = 20 * DAY + 3_600_000;
    const timed = (deadlineTime: string) => ruleDeadlineMs(rule({ deadlineDays: 2, deadlineTime }), at);
    assert.equal(timed('22:30'), 22 * DAY + 22.5 * 3_600_000);
    assert.equal(timed('00:30'), 23 * DAY + 1_800_000);
    assert.equal(timed('01:00'), 22 * DAY + 3_600_000);
  });
});

describe('a rule is refused', () => {
  for (const [what, said, detail] of [
    ['without groups', { groups: [] }, /"groups"/],
    ['with a name that it does not know', { title: ['x'] }, /"title" is not known.*"titles"/],
    ['with an action that there is not', { action: 'explode' }, /"action"/],
    ['with a time that is none', { deadlineTime: '25:00' }, /"deadlineTime"/],
    ['with a negative age', { afterDays: -1 }, /"afterDays"/],
    ['with a text instead of a list', { titles: 'x' }, /"titles"/],
    ['that is no object', 7, /not an object/],
  ] as const) {
    test(what, () => {
      const data = typeof said === 'object' ? { groups: ['Pilot'], ...said } : said;
      assert.throws(() => parseAutoApprovalRule(data), { code: 'OAK_RULE_INVALID', message: detail });
    });
  }
});

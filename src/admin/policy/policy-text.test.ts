import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { OakumError } from '../../errors/oakum-error.ts';
import { SETTINGS_TABLE } from '../../server/settings-table.ts';
import type { WrittenPolicy } from './export-policy.ts';
import { parsePolicy } from './policy-document.ts';
import { policyFormatOf, readPolicy, writePolicy, type PolicyFormat } from './policy-text.ts';

const read = (text: string, format: PolicyFormat = 'yaml') => readPolicy(text, format, SETTINGS_TABLE);
const yaml = (...lines: readonly string[]): string => ['version: 1', ...lines].join('\n');

describe('a policy is read', () => {
  const expected = {
    version: 1,
    groups: [
      { name: 'Pilot', groups: [{ name: 'Berlin' }] },
      { name: 'Office', formerly: 'Desk' },
    ],
    groupRules: [
      { name: 'tills', group: 'Pilot', names: ['till-*'], operatingSystems: [], subnets: [], models: [] },
    ],
    settings: { 'sync.pageUpdates': 30, 'clients.targeting': 'client' },
  };
  for (const [format, text] of [
    [
      'yaml',
      yaml(
        'groups:',
        '- name: Pilot',
        '  groups: [{name: Berlin}]',
        '- {name: Office, formerly: Desk}',
        'groupRules: [{name: tills, group: Pilot, names: [till-*]}]',
        'settings: {sync: {pageUpdates: 30}, clients.targeting: client}',
      ),
    ],
    [
      'toml',
      'version = 1\ngroups = [{name = "Pilot", groups = [{name = "Berlin"}]}, {name = "Office", formerly = "Desk"}]\n' +
        '[[groupRules]]\nname = "tills"\ngroup = "Pilot"\nnames = ["till-*"]\n' +
        '[settings]\nsync.pageUpdates = 30\n"clients.targeting" = "client"\n',
    ],
    [
      'json',
      '{\n\t"version": 1,\n\t"groups": [{"name": "Pilot", "groups": [{"name": "Berlin"}]}, {"name": "Office", "formerly": "Desk"}],' +
        '\n\t"groupRules": [{"name": "tills", "group": "Pilot", "names": ["till-*"]}],' +
        '\n\t"settings": {"sync.pageUpdates": 30, "clients.targeting": "client"}\n}',
    ],
  ] as const) {
    test(`from ${format}, with defaults filled in`, () => assert.deepEqual(read(text, format), expected));
  }

  test('by the end of the file name', () => {
    assert.deepEqual(['a.yaml', 'a.TOML', 'a.json', 'a'].map(policyFormatOf), [
      'yaml',
      'toml',
      'json',
      'yaml',
    ]);
  });

  test('with aliases, which stand for what their anchor was before them', () => {
    const text = yaml(
      'rules:',
      '- {name: a, groups: &g [Pilot], titles: &t [x]}',
      '- {name: b, groups: *g, titles: &t [y]}',
      '- {name: c, groups: *g, titles: *t}',
    );
    const { rules = [] } = read(text);
    assert.deepEqual(
      rules.map((one) => [one.groups, one.titles]),
      [
        [['Pilot'], ['x']],
        [['Pilot'], ['y']],
        [['Pilot'], ['y']],
      ],
    );
  });
});

describe('a policy is refused', () => {
  for (const [what, text, message, code = 'OAK_POLICY_INVALID', format = 'yaml'] of [
    ['that is empty', '', /not valid/],
    ['that is a text', 'hello', /not valid/],
    ['of another version', 'version: 2', /Line 1: "version"/],
    ['with an unknown section', yaml('', 'rings: []', 'rulez: []'), /Line 4: "rulez" .*Did you mean "rules"/],
    [
      'with an unknown name in a rule',
      yaml('rules:', '- name: a', '  groups: [x]', '  afterDay: 3'),
      /Line 5: "rules\[0\]\.afterDay" .*Did you mean "afterDays"/,
    ],
    [
      'with an unknown name in a step',
      yaml('rings:', '- name: a', '  steps:', '  - group: x', '    afterHour: 3'),
      /Line 6: "rings\[0\]\.steps\[0\]\.afterHour" .*"afterHours"/,
    ],
    [
      'with an unknown name in a group below another',
      yaml('groups:', '- name: a', '  groups:', '  - name: b', '    group: []'),
      /Line 6: "groups\[0\]\.groups\[0\]\.group" .*"groups"/,
    ],
    [
      'with a value out of bounds',
      yaml('rules:', '- name: a', '  groups: [x]', '  afterDays: -1'),
      /Line 5: .*must be 0 or more/,
    ],
    ['without what must be there', yaml('rules:', '- name: a'), /Line 3: "rules\[0\]" .*groups/],
    [
      'with a group twice',
      yaml('groups:', '- name: a', '  groups:', '  - name: A'),
      /Line 5: .*"A" is there twice/,
    ],
    [
      'with a rule twice',
      yaml('rules:', '- {name: a, groups: [x]}', '- {name: " A", groups: [x]}'),
      /Line 4: .*twice/,
    ],
    ['with a group whose name cannot be', yaml('groups:', '- name: a;b'), /Line 3: .*";"/],
    [
      'with a rule that names no computers',
      yaml('groupRules:', '- {name: a, group: b}'),
      /Line 3: .*no computers/,
    ],
    [
      'with a network that is none',
      yaml('groupRules:', '- {name: a, group: b, subnets: [1.2.3.4/99]}'),
      /Line 3: .*99/,
    ],
    ['with a name twice', yaml('rules: []', 'rules: []'), /Line 3: "rules" is there twice/],
    [
      'with a name twice in JSON',
      '{"version": 1,\n"rules": [],\n"rules": []}',
      /Line 3: .*twice/,
      'OAK_POLICY_INVALID',
      'json',
    ],
    [
      'with a setting twice',
      yaml('settings:', '  sync.pageUpdates: 3', '  sync: {pageUpdates: 4}'),
      /Line 4: .*twice/,
    ],
    [
      'with an unknown setting',
      yaml('settings:', '  sync.pageUpdate: 3'),
      /Line 3: .*"sync.pageUpdates"/,
      'OAK_SETTING_UNKNOWN',
    ],
    [
      'with a bad setting',
      yaml('settings:', '  sync.pageUpdates: 0'),
      /Line 3: .*from 1 to/,
      'OAK_SETTING_INVALID',
    ],
    [
      'with a setting of the machine',
      yaml('settings:', '  listen: x'),
      /Line 3: "listen"/,
      'OAK_SETTING_NOT_STORED',
    ],
    ['with broken YAML', yaml('rules: ['), /Line 2: /],
    ['with broken JSON', '{"version": 1,}', /JSON/, 'OAK_POLICY_INVALID', 'json'],
    ['with broken TOML', 'version = 1\nrules = [', /Line \d: /, 'OAK_POLICY_INVALID', 'toml'],
    ['with a date in TOML', 'version = 2026-01-01', /version/, 'OAK_POLICY_INVALID', 'toml'],
    ['with a tag', yaml('rules: !!seq []'), /Line 2: Tags/],
    ['with a tag of its own', yaml('groups: [{name: !js/function "x"}]'), /Line 2: /],
    ['with a merge key', yaml('x: &x {a: 1}', '<<: *x'), /Line 3: Merge keys/],
    ['with an alias of nothing', yaml('rules: *x'), /[Aa]lias/],
    ['with an alias of itself', yaml('rules: &x [*x]'), /holds itself/],
    ['with a second document', yaml('---', 'rules: []'), /Line \d: /],
    [
      'with infinity',
      yaml('rings:', '- {name: a, steps: [{group: x, afterHours: .inf}]}'),
      /Line 3: This number/,
    ],
    [
      'with a huge number',
      yaml('rules:', '- {name: a, groups: [x], afterDays: 1e999}'),
      /Line 3: This number/,
    ],
    ['with a name that is no text', yaml('1: x'), /Line 2: The name 1 needs quotes/],
    ['with a name that is a list', yaml('? [a]', ': x'), /Names are texts/],
    ['with the prototype as a name', yaml('__proto__: {x: 1}'), /"__proto__"/],
    ['with the prototype as a setting', yaml('settings: {__proto__: {x: 1}}'), /"__proto__"/],
    [
      'with the constructor as a setting',
      yaml('settings: {constructor: 1}'),
      /constructor/,
      'OAK_SETTING_UNKNOWN',
    ],
    [
      'with the prototype as a name in JSON',
      '{"version":1,"__proto__":{}}',
      /"__proto__"/,
      'OAK_POLICY_INVALID',
      'json',
    ],
  ] as readonly (readonly [string, string, RegExp, string?, PolicyFormat?])[]) {
    test(what, () => assert.throws(() => read(text, format), { code, message }));
  }

  const bomb = ['a: &a [x,x,x,x,x,x,x,x,x]'];
  for (const letter of 'bcdefghi') {
    const before = String.fromCharCode(letter.charCodeAt(0) - 1);
    bomb.push(`${letter}: &${letter} [${Array(9).fill(`*${before}`).join(',')}]`);
  }
  const mebibyte = 1 << 20;
  for (const [what, text] of [
    ['that is larger than a mebibyte', ' '.repeat(mebibyte + 1)],
    ['that grows by aliases', bomb.join('\n')],
    ['of brackets', '['.repeat(mebibyte - 1)],
    ['of pairs of brackets', '[]'.repeat(mebibyte / 2)],
    ['of braces', '{a: '.repeat(mebibyte / 4)],
    ['of dashes', '- '.repeat(mebibyte / 2)],
    ['of question marks', '? '.repeat(mebibyte / 2)],
    ['of commas', `[${','.repeat(mebibyte - 2)}]`],
    ['of quotes', '"'.repeat(mebibyte)],
    ['that is deep', Array.from({ length: 600 }, (_, depth) => `${' '.repeat(depth)}a:`).join('\n')],
  ] as const) {
    test(`${what}, without much ado`, () => assert.throws(() => read(text), { code: 'OAK_POLICY_LIMIT' }));
  }

  test('that is deep, in JSON, in TOML and as data', () => {
    const deep = '['.repeat(500_000) + ']'.repeat(500_000);
    const refused = (error: unknown): boolean =>
      error instanceof OakumError && /^OAK_POLICY_(INVALID|LIMIT)$/.test(error.code);
    assert.throws(() => read(deep, 'json'), refused);
    assert.throws(() => read(`a = ${deep}`, 'toml'), refused);
    assert.throws(
      () => parsePolicy(JSON.parse('['.repeat(5000) + ']'.repeat(5000)), SETTINGS_TABLE),
      refused,
    );
  });

  test('whatever the text is', () => {
    const piece = fc.constantFrom(
      ...[
        'version: 1',
        'groups:',
        'rules:',
        'settings:',
        '- ',
        '  ',
        '\n',
        ': ',
        'name',
        '&a ',
        '*a',
        '!!x ',
        '<<',
        '{',
        '}',
      ],
      ...[
        '[',
        ']',
        '"',
        "'",
        '|',
        '>',
        '#',
        '%',
        '---',
        '? ',
        ',',
        '\t',
        '\u0000',
        '\uFEFF',
        '__proto__',
        '1e999',
        'x',
      ],
    );
    const texts = fc.oneof(
      fc.string(),
      fc.array(piece, { maxLength: 40 }).map((all) => all.join('')),
    );
    fc.assert(
      fc.property(texts, fc.constantFrom<PolicyFormat>('yaml', 'toml', 'json'), (text, format) => {
        try {
          read(text, format);
        } catch (error) {
          assert.ok(error instanceof OakumError, String(error));
        }
      }),
      { numRuns: 2000 },
    );
  });
});

describe('a policy that is written', () => {
  const policy = (title: string): WrittenPolicy => ({
    version: 1,
    groups: [{ name: 'Pilot', groups: [{ name: 'yes' }] }],
    groupRules: [],
    rules: [{ name: 'a', groups: ['Pilot'], titles: [title] }],
    rings: [],
    settings: { 'sync.pageUpdates': 3 },
  });

  test('is read again, in every form, and has nothing a terminal obeys', () => {
    const hostile = fc.oneof(
      fc.string({ minLength: 1, maxLength: 200 }),
      fc.constantFrom(
        '\u001B[2J',
        '\u202Eabc',
        'a\nb\n'.repeat(30),
        '\u{E0041}',
        '1',
        'null',
        '- x',
        '#x',
        '\u0085',
        '\'"',
        '\t',
      ),
    );
    fc.assert(
      fc.property(hostile, fc.constantFrom<PolicyFormat>('yaml', 'toml', 'json'), (title, format) => {
        const text = writePolicy(policy(title), format);
        assert.doesNotMatch(text.replaceAll('\n', ''), /[\p{Cc}\p{Cf}\u2028\u2029]/u);
        const { rules = [], groups } = read(text, format);
        assert.deepEqual([rules[0].titles, groups], [[title], policy(title).groups]);
      }),
      { numRuns: 500 },
    );
  });
});

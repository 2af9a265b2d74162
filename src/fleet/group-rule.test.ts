import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { groupRuleFits, parseGroupRule, type AssignableComputer } from './group-rule.ts';

const COMPUTER: AssignableComputer = {
  name: 'till-07.shop.example.com',
  operatingSystem: 'Windows 11 24H2 Pro',
  version: '10.0.26100',
  address: '10.1.2.3',
  manufacturer: 'Contoso',
  model: 'Desk One',
};

describe('an assignment rule', () => {
  const cases: readonly [what: string, rule: object, computer: Partial<AssignableComputer>, fits: boolean][] =
    [
      ['fits a pattern of the name', { names: ['till-*'] }, {}, true],
      ['fits the name without its domain', { names: ['TILL-07'] }, {}, true],
      ['fits no other name', { names: ['desk-*'] }, {}, false],
      ['fits the system', { operatingSystems: ['Windows 11*'] }, {}, true],
      ['fits the version of the system', { operatingSystems: ['10.0.26*'] }, {}, true],
      ['fits no other system', { operatingSystems: ['Windows Server*'] }, {}, false],
      ['fits the model', { models: ['desk*'] }, {}, true],
      ['fits manufacturer and model', { models: ['Contoso *'] }, {}, true],
      ['fits a network', { subnets: ['10.1.0.0/16'] }, {}, true],
      ['fits no other network', { subnets: ['10.2.0.0/16'] }, {}, false],
      ['fits one of its networks', { subnets: ['fd00::/8', '10.1.2.0/24'] }, {}, true],
      [
        'fits an address on a socket for both',
        { subnets: ['10.1.0.0/16'] },
        { address: '::ffff:10.1.2.3' },
        true,
      ],
      ['fits a network of version 6', { subnets: ['fd00:1::/32'] }, { address: 'fd00:1:2::3%eth0' }, true],
      ['fits no address that is none', { subnets: ['0.0.0.0/0'] }, { address: 'nowhere' }, false],
      ['needs all its lists to fit', { names: ['till-*'], subnets: ['10.2.0.0/16'] }, {}, false],
    ];
  for (const [what, rule, computer, fits] of cases)
    test(what, () => assert.equal(groupRuleFits(parseGroupRule(rule), { ...COMPUTER, ...computer }), fits));

  for (const [what, rule, message] of [
    ['that names nobody', {}, /names no computers/],
    ['with a network that is none', { subnets: ['10.1.0.0'] }, /"10.1.0.0" is no network/],
    ['with too long a prefix', { subnets: ['10.1.0.0/33'] }, /is no network/],
    ['with a name that it does not know', { hosts: ['x'] }, /"hosts" is not known/],
  ] as const)
    test(`is refused ${what}`, () =>
      assert.throws(() => parseGroupRule(rule), { code: 'OAK_RULE_INVALID', message }));
});

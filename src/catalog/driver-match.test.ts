import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { catalog, driver } from '../../test/support/catalog-builder.ts';
import {
  computer,
  device,
  type DriverDeclaration,
  type InstalledDeclaration,
} from '../../test/support/driver-builder.ts';
import { askForDrivers } from '../../test/support/named-scan.ts';
import type { ComputerSpec } from './driver-match.ts';

const NET = device(['PCI\\1&REV_2', 'PCI\\1'], { compatible: ['PCI\\CLASS_NET'] });

/** The driver that a device is offered, of those that are declared by name. */
function offered(
  drivers: Readonly<Record<string, DriverDeclaration>>,
  onto = NET,
  spec: ComputerSpec = computer([1, 2]),
): string {
  const shop = catalog(
    Object.fromEntries(Object.entries(drivers).map(([name, declaration]) => [name, driver(declaration)])),
  );
  return askForDrivers(shop, [onto], {}, spec).new.join(' ') || 'nothing';
}

/** The five rules of [MS-WUSP] 3.1.5.7, and what decides after them: how each of them is won and lost. */
const RULES: readonly {
  readonly rule: string;
  readonly better: Omit<DriverDeclaration, 'id'> & { readonly id?: string };
  readonly worse: Omit<DriverDeclaration, 'id'> & { readonly id?: string };
  readonly installedBetter?: InstalledDeclaration;
  readonly installedWorse?: InstalledDeclaration;
}[] = [
  {
    rule: 'the more specific computer hardware id',
    better: { models: [1] },
    worse: { models: [2] },
    installedBetter: { model: 1 },
    installedWorse: { model: 2 },
  },
  {
    rule: 'the lower feature score',
    better: { scores: { 'amd64.10.0': 0x10, 'x86.10.0': 0xff } },
    worse: { scores: { 'amd64.10.0': 0x20, 'x86.10.0': 0x01 } },
    installedBetter: { rank: 0x00_10_ff_ff },
    installedWorse: { rank: 0x00_20_00_00 },
  },
  {
    rule: 'the earlier id of the device',
    better: { id: 'PCI\\1&REV_2' },
    worse: { id: 'PCI\\1' },
    installedBetter: { by: 'pci\\1&rev_2' },
    installedWorse: { by: 'pci\\1' },
  },
  {
    rule: 'the later date',
    better: { date: '2026-02-02' },
    worse: { date: '2026-02-01' },
    installedBetter: { date: '2026-02-02' },
    installedWorse: { date: '2026-02-01' },
  },
  {
    rule: 'the higher version',
    better: { version: '1.10.0.0' },
    worse: { version: '1.9.65535.65535' },
    installedBetter: { version: '1.10.0.0' },
    installedWorse: { version: '1.9.65535.65535' },
  },
  { rule: 'where the rules leave a tie, the later certification', better: { whql: 7 }, worse: { whql: 6 } },
];

type Side = 'better' | 'worse';
const facts = (sides: readonly Side[]): DriverDeclaration =>
  Object.assign({ id: 'PCI\\1' }, ...RULES.map((rule, index) => rule[sides[index] ?? 'better']));
const installedFacts = (sides: readonly Side[]): InstalledDeclaration =>
  Object.assign(
    {},
    ...RULES.map(({ installedBetter, installedWorse }, index) =>
      sides[index] === 'worse' ? installedWorse : installedBetter,
    ),
  );
/** Equal up to a rule, then won or lost, then the opposite for all the rules that come later. */
const upTo = (rule: number, side: Side): Side[] =>
  RULES.map((_, index) =>
    index < rule ? 'better' : index === rule ? side : side === 'better' ? 'worse' : 'better',
  );

describe('of two drivers the better one has', () => {
  for (const [index, { rule }] of RULES.entries()) {
    test(`${rule}, when everything before is equal, whatever comes after`, () => {
      const winner = facts(upTo(index, 'better'));
      const loser = facts(upTo(index, 'worse'));
      assert.equal(offered({ Winner: winner, Loser: loser }), 'Winner');
      assert.equal(offered({ Loser: loser, Winner: winner }), 'Winner');
    });
  }

  test('nothing more, when all is equal: one of them is offered', () => {
    assert.match(offered({ One: facts([]), Other: facts([]) }), /^(One|Other)$/);
  });
});

describe('an installed driver', () => {
  const onto = (has: InstalledDeclaration) => device(['PCI\\1&REV_2', 'PCI\\1'], { has });

  for (const [index, { rule, installedBetter }] of RULES.entries()) {
    if (installedBetter === undefined) continue;
    test(`is beaten by ${rule}, whatever comes after`, () => {
      const has = installedFacts(upTo(index, 'worse'));
      assert.equal(offered({ Offer: facts(upTo(index, 'better')) }, onto(has)), 'Offer');
    });
    test(`stays where it has ${rule}, whatever comes after`, () => {
      const has = installedFacts(upTo(index, 'better'));
      assert.equal(offered({ Offer: facts(upTo(index, 'worse')) }, onto(has)), 'nothing');
    });
  }

  test('stays where the offer is no better', () => {
    assert.equal(offered({ Offer: facts([]) }, onto(installedFacts([]))), 'nothing');
  });

  test('stays where the offer was merely certified later', () => {
    assert.equal(offered({ Offer: { ...facts([]), whql: 99 } }, onto(installedFacts([]))), 'nothing');
  });

  const cases: readonly [
    sentence: string,
    offer: DriverDeclaration,
    has: InstalledDeclaration,
    yes: boolean,
  ][] = [
    [
      'that matched no id of the device is beaten by any that does',
      { id: 'PCI\\1' },
      { by: 'PCI\\9', date: '2030-01-01' },
      true,
    ],
    [
      'that says no id but has a version is beaten by any that matches',
      { id: 'PCI\\1' },
      { date: '2030-01-01' },
      true,
    ],
    [
      'that was not ranked is beaten by any feature score',
      { id: 'PCI\\1', scores: { 'amd64.10.0': 254 } },
      { by: 'PCI\\1&REV_2', rank: -1, date: '2030-01-01' },
      true,
    ],
    [
      'that was ranked stays before an offer without a feature score',
      { id: 'PCI\\1&REV_2', date: '2030-01-01' },
      { by: 'PCI\\1', rank: 0x00_fe_00_00 },
      false,
    ],
    [
      'that is not signed has a feature score all the same',
      { id: 'PCI\\1&REV_2', scores: { 'amd64.10.0': 0x20 }, date: '2030-01-01' },
      { by: 'PCI\\1', rank: 0x80_10_00_00 - 2 ** 32 },
      false,
    ],
    [
      'that says no id but has a version is one: it may be targeted at the computer',
      { id: 'PCI\\1', date: '2030-01-01' },
      { model: 2 },
      false,
    ],
    [
      'ranked without a feature score is level with an offer without one',
      { id: 'PCI\\1', date: '2026-01-02' },
      { by: 'PCI\\1', rank: 0x00_ff_00_01 },
      true,
    ],
    [
      'is beaten by a computer hardware id when it has none',
      { id: 'PCI\\1', models: [2], date: '2001-01-01' },
      { by: 'PCI\\1&REV_2' },
      true,
    ],
    [
      'stays where it has a computer hardware id and the offer none',
      { id: 'PCI\\1&REV_2', date: '2030-01-01' },
      { by: 'PCI\\1', model: 2 },
      false,
    ],
    [
      'targeted at another computer counts as not targeted',
      { id: 'PCI\\1', date: '2026-01-02' },
      { by: 'PCI\\1', model: 9 },
      true,
    ],
  ];
  for (const [sentence, offer, has, yes] of cases) {
    test(sentence, () => {
      assert.equal(offered({ Offer: offer }, onto(has)), yes ? 'Offer' : 'nothing');
    });
  }
});

describe('a device', () => {
  const old: DriverDeclaration = { id: 'PCI\\CLASS_NET', date: '1999-01-01', version: '0.0.0.0' };

  test('without a driver takes any that matches', () => {
    assert.equal(offered({ Old: old }), 'Old');
  });

  test('that reports an empty installed driver is without one', () => {
    const bare = { date: '0001-01-01T00:00:00Z', version: '0.0.0.0' };
    const onto = (has: InstalledDeclaration) => device(['PCI\\CLASS_NET'], { has });
    assert.equal(offered({ Old: old }, onto(bare)), 'Old');
    assert.equal(offered({ Old: old }, onto({ ...bare, by: '' })), 'Old');
    // Even a printer has no vendor to keep to then.
    assert.equal(
      offered(
        { Old: { ...old, class: 'Printer' } },
        onto({ ...bare, by: '', class: 'Printer', provider: '' }),
      ),
      'Old',
    );
  });

  test('is offered nothing that names none of its ids', () => {
    assert.equal(offered({ Other: { id: 'PCI\\2' }, Prefix: { id: 'PCI\\1&REV' } }), 'nothing');
    assert.equal(offered({ Other: { id: '' } }, device([])), 'nothing');
  });

  test('matches ids in any letter case', () => {
    assert.equal(offered({ Fit: { id: 'pCi\\1' } }, device(['PcI\\1'])), 'Fit');
  });

  test('prefers its hardware ids to its compatible ids', () => {
    const drivers = { Compatible: { id: 'B', date: '2030-01-01' }, Hardware: { id: 'A' } };
    assert.equal(offered(drivers, device(['A'], { compatible: ['B'] })), 'Hardware');
    assert.equal(offered(drivers, device(['X', 'Y', 'Z', 'A'], { compatible: ['B'] })), 'Hardware');
  });

  test('counts an id it lists twice where it stands first', () => {
    const drivers = { A: { id: 'A' }, B: { id: 'B', date: '2030-01-01' } };
    assert.equal(offered(drivers, device(['A', 'B'], { compatible: ['A'] })), 'A');
    assert.equal(offered(drivers, device(['B', 'A', 'B'])), 'B');
  });
});

describe('a driver for certain computers', () => {
  const cases: readonly [
    sentence: string,
    target: Partial<DriverDeclaration>,
    models: readonly number[],
    fits: boolean,
  ][] = [
    ['is offered to one of them', { models: [1] }, [1], true],
    ['is not offered to others', { models: [1] }, [2], false],
    ['is not offered to computers that do not say what they are', { models: [1] }, [], false],
    ['is offered if any of its targets fits any of the computer’s ids', { models: [7, 2] }, [1, 2], true],
    ['of the service is offered to one of them', { servedTo: [1] }, [1], true],
    ['of the service is not offered to others', { servedTo: [1] }, [2], false],
    ['must fit both by INF file and by the service', { models: [1], servedTo: [2] }, [1], false],
    ['fits with two different ids of the computer', { models: [1], servedTo: [2] }, [2, 1], true],
  ];
  for (const [sentence, target, models, fits] of cases) {
    test(sentence, () => {
      const expected = fits ? 'Targeted' : 'nothing';
      assert.equal(offered({ Targeted: { id: 'PCI\\1', ...target } }, NET, computer(models)), expected);
    });
  }

  test('is better than one for all computers, even by a vague id', () => {
    const drivers = {
      General: { id: 'PCI\\1&REV_2', date: '2030-01-01' },
      Special: { id: 'PCI\\CLASS_NET', models: [5] },
    };
    assert.equal(offered(drivers, NET, computer([1, 2, 3, 4, 5])), 'Special');
  });

  test('is as specific as the better of its two targets', () => {
    const drivers = {
      Both: { id: 'PCI\\1', models: [3], servedTo: [1] },
      Inf: { id: 'PCI\\1', models: [2], date: '2030-01-01' },
    };
    assert.equal(offered(drivers, NET, computer([1, 2, 3])), 'Both');
  });
});

describe('the feature score', () => {
  const drivers: Readonly<Record<string, DriverDeclaration>> = {
    Scored: { id: 'PCI\\1', scores: { 'amd64.10.0': 200, 'arm64.10.0': 3 } },
    Arm: { id: 'PCI\\1', scores: { 'arm64.10.0': 2 } },
    Newer: { id: 'PCI\\1', date: '2030-01-01' },
  };
  const cases: readonly [key: string, best: string][] = [
    ['amd64.10.0', 'Scored'],
    ['AMD64.10.0', 'Scored'],
    ['Arm64.10.0', 'Arm'],
    ['x86.6.1', 'Newer'],
    ['', 'Newer'],
    ['constructor', 'Newer'],
    ['__proto__', 'Newer'],
    ['toString', 'Newer'],
  ];
  for (const [key, best] of cases) {
    test(`for the key "${key}" makes ${best} the best`, () => {
      assert.equal(offered(drivers, NET, computer([], key)), best);
    });
  }

  for (const key of ['constructor', '__proto__', 'x86.6.1']) {
    test(`for the key "${key}" is the worst, which an installed driver is better than`, () => {
      const onto = device(['PCI\\1'], { has: { by: 'PCI\\1', rank: 0x00_fe_00_00, date: '1999-01-01' } });
      assert.equal(offered({ Newer: drivers.Newer }, onto, computer([], key)), 'nothing');
    });
  }
});

describe('a printer', () => {
  const hp = { provider: 'Hewlett', manufacturer: 'Packard' };
  const offerTo = (has: InstalledDeclaration, ...offers: Partial<DriverDeclaration>[]): string =>
    offered(
      Object.fromEntries(
        offers.map((one, index) => [
          `D${index}`,
          { id: 'LPT1', date: `2027-01-0${9 - index}`, class: 'Printer', ...one },
        ]),
      ),
      device(['LPT1'], { has: { by: 'LPT1', class: 'Printer', ...hp, ...has } }),
    );

  const cases: readonly [
    sentence: string,
    has: InstalledDeclaration,
    offer: Partial<DriverDeclaration>,
    yes: boolean,
  ][] = [
    ['is offered drivers of the same provider and manufacturer', {}, hp, true],
    ['is not offered those of another provider', {}, { ...hp, provider: 'Contoso' }, false],
    ['is not offered those of another manufacturer', {}, { ...hp, manufacturer: 'Contoso' }, false],
    ['is not offered those that say nothing of their vendor', {}, { provider: '', manufacturer: '' }, false],
    ['does not mind letter case', { provider: 'HEWLETT' }, { ...hp, manufacturer: 'PACKARD' }, true],
    [
      'does not take parts of one name for the other',
      { provider: 'A', manufacturer: 'BC' },
      { provider: 'AB', manufacturer: 'C' },
      false,
    ],
    [
      'is one in the plural of the metadata schema, too',
      { class: 'printers' },
      { provider: 'Contoso' },
      false,
    ],
    ['that is not bound to its vendor is offered any', { anyVendor: true }, { provider: 'Contoso' }, true],
    ['is not what merely begins like one', { class: 'PrinterUpgrade' }, { provider: 'Contoso' }, true],
    [
      'is known by the installed driver, not by the offered one',
      { class: 'Net' },
      { provider: 'Contoso' },
      true,
    ],
    ['is offered a driver of another class by the same vendor', {}, { ...hp, class: 'Image' }, true],
    ['is offered nothing that is no better', { date: '2030-01-01' }, hp, false],
  ];
  for (const [sentence, has, offer, yes] of cases) {
    test(sentence, () => {
      assert.equal(offerTo(has, offer), yes ? 'D0' : 'nothing');
    });
  }

  test('is offered the best of its vendor, however good others are', () => {
    assert.equal(offerTo({}, { provider: 'Contoso' }, { manufacturer: 'Contoso' }, hp, hp), 'D2');
  });
});

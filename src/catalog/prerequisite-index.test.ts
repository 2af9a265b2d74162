import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  catalog,
  classification,
  detectoid,
  part,
  product,
  software,
} from '../../test/support/catalog-builder.ts';
import { ask, rounds } from '../../test/support/named-scan.ts';

describe('a revision is sent when its prerequisites are installed', () => {
  const shop = catalog({
    A: detectoid(),
    B: detectoid(),
    C: detectoid(),
    D: detectoid(),
    Fix: software({ needs: ['A', ['B', 'C'], 'D'] }),
  });
  const sent = (...installed: string[]): boolean => ask(shop, { installed }).new.includes('Fix');

  const cases: readonly [installed: readonly string[], sent: boolean][] = [
    [[], false],
    [['A'], false],
    [['A', 'D'], false],
    [['B', 'C', 'D'], false],
    [['A', 'B', 'C'], false],
    [['A', 'B', 'D'], true],
    [['A', 'C', 'D'], true],
    [['D', 'C', 'B', 'A'], true],
  ];
  for (const [installed, expected] of cases) {
    test(`A and (B or C) and D ${expected ? 'hold' : 'do not hold'} for ${installed.join(', ') || 'nothing'}`, () => {
      assert.equal(sent(...installed), expected);
    });
  }

  test('not when they are merely cached', () => {
    const answer = ask(shop, { installed: ['A', 'B'], cached: ['D'] });
    assert.ok(!answer.new.includes('Fix'));
  });

  test('also when they are listed twice, among ids that mean nothing', () => {
    const answer = ask(shop, { installed: ['A', 'D', -1, 'A', 'B', 2 ** 31 - 1, 0] });
    assert.ok(answer.new.includes('Fix'));
  });

  test('clauses of categories count like any other', () => {
    const windows = catalog({
      Windows: product(),
      Server: product(),
      Security: classification(),
      Fix: software({ in: [['Windows', 'Server'], 'Security'] }),
    });
    assert.deepEqual(ask(windows, { installed: ['Windows'] }).new, ['Server', 'Security']);
    assert.deepEqual(ask(windows, { installed: ['Server', 'Security'] }).new, ['Windows', 'Fix']);
  });

  test('any revision of a prerequisite will do, also one that is no longer sent', () => {
    const revised = catalog({
      Base: [software(), software()],
      Other: software(),
      Fix: software({ needs: ['Base'] }),
    });
    const answer = ask(revised, { installed: ['Base r1'] });
    assert.deepEqual(answer.new, ['Base r2', 'Other', 'Fix']);
    assert.deepEqual(answer.outOfScope, ['Base r1']);
  });

  test('a prerequisite that nobody has never holds', () => {
    const closed = catalog({ A: detectoid(), Fix: software({ needs: ['A', 'Nobody'] }) });
    assert.deepEqual(ask(closed, { installed: ['A'] }).new, []);
  });

  test('one alternative that nobody has does no harm', () => {
    const open = catalog({ A: detectoid(), Fix: software({ needs: [['Nobody', 'A']] }) });
    assert.deepEqual(ask(open, { installed: ['A'] }).new, ['Fix']);
  });

  test('a clause without alternatives never holds', () => {
    const empty = catalog({
      A: detectoid(),
      Fix: software({ needs: ['A', []] }),
      Only: software({ in: [[]] }),
    });
    assert.deepEqual(ask(empty, { installed: ['A'] }).new, []);
    assert.deepEqual(ask(empty).new, ['A']);
  });

  test('an alternative named twice, and a clause stated twice, change nothing', () => {
    const twice = catalog({ A: detectoid(), Fix: software({ needs: [['A', 'A'], 'A', 'A'] }) });
    assert.deepEqual(ask(twice, { installed: ['A'] }).new, ['Fix']);
  });

  test('prerequisites in a circle are never satisfied', () => {
    const circle = catalog({
      A: software({ needs: ['C'] }),
      B: software({ needs: ['A'] }),
      C: software({ needs: ['B'] }),
      Self: software({ needs: ['Self'] }),
      Free: software(),
    });
    assert.deepEqual(rounds(circle, ['A', 'B', 'C', 'Self', 'Free']), [['Free']]);
  });

  test('a bundle does not wait for its members, nor they for it', () => {
    const bundle = catalog({
      Windows: product(),
      Desktop: detectoid(),
      Part: part({ needs: ['Desktop'] }),
      Bundle: software({ in: ['Windows'], holds: ['Part'] }),
    });
    assert.deepEqual(ask(bundle, { installed: ['Windows'] }).new, ['Desktop', 'Bundle']);
    assert.deepEqual(ask(bundle, { installed: ['Desktop'] }).new, ['Windows', 'Part']);
  });
});

describe('the rounds of a whole scan', () => {
  const shop = catalog({
    Contoso: { type: 'Category', categoryType: 'Company' },
    Family: { type: 'Category', categoryType: 'ProductFamily', needs: ['Contoso'] },
    Windows: product({ needs: ['Family'] }),
    Server: product({ needs: ['Family'] }),
    Security: classification(),
    Desktop: detectoid({ needs: ['Windows'] }),
    Part: part({ needs: ['Desktop'] }),
    Fix: software({ in: ['Windows', 'Security'], holds: ['Part'] }),
    ServerFix: software({ in: ['Server', 'Security'] }),
    Net: { type: 'Driver', in: ['Windows'] },
  });

  test('bring one level of prerequisites each', () => {
    const has = ['Contoso', 'Family', 'Windows', 'Server', 'Security', 'Desktop'];
    assert.deepEqual(rounds(shop, has), [
      ['Contoso', 'Security'],
      ['Family'],
      ['Windows', 'Server'],
      ['Desktop', 'Fix', 'ServerFix'],
      ['Part'],
    ]);
  });

  test('do not go beyond what the machine has', () => {
    assert.deepEqual(rounds(shop, ['Contoso', 'Family', 'Windows', 'Security']), [
      ['Contoso', 'Security'],
      ['Family'],
      ['Windows', 'Server'],
      ['Desktop', 'Fix'],
      [],
    ]);
  });

  test('end after the first when that brings nothing but leaves', () => {
    assert.deepEqual(rounds(catalog({ A: software(), B: software() }), ['A', 'B']), [['A', 'B']]);
  });

  test('end at once with an empty catalogue', () => {
    assert.deepEqual(rounds(catalog({}), []), [[]]);
  });

  test('limited to a category bring what that needs, and nothing of its neighbours', () => {
    const has = ['Contoso', 'Family', 'Windows', 'Server', 'Security', 'Desktop'];
    assert.deepEqual(rounds(shop, has, { filter: ['Windows'] }), [
      ['Contoso', 'Security'],
      ['Family'],
      ['Windows'],
      ['Desktop', 'Fix'],
      ['Part'],
    ]);
  });

  test('limited to a category never carry drivers', () => {
    const has = ['Contoso', 'Family', 'Windows', 'Security', 'Desktop'];
    assert.ok(
      !rounds(shop, has, { filter: ['Windows'] })
        .flat()
        .includes('Net'),
    );
  });
});

describe('a revision is no leaf', () => {
  const shop = catalog(
    {
      Plain: detectoid(),
      Alternative: detectoid(),
      Category: product(),
      OfDeclined: detectoid(),
      OfOlder: detectoid(),
      Member: part(),
      Superseded: software(),
      Fix: [
        software({ needs: ['OfOlder'] }),
        software({
          needs: ['Plain', ['Alternative', 'Nobody']],
          in: ['Category'],
          supersedes: ['Superseded'],
          holds: ['Member'],
        }),
      ],
      Declined: software({ needs: ['OfDeclined'] }),
      Revised: [software(), software()],
      Last: software({ needs: ['Revised'] }),
    },
    { declined: ['Declined'] },
  );
  const leaf = (name: string): boolean => shop.snapshot.nonLeafSince[shop.updateNumber(name)] === 0;

  const cases: readonly [name: string, because: string, isLeaf: boolean][] = [
    ['Plain', 'as a prerequisite', false],
    ['Alternative', 'as one of several alternatives', false],
    ['Category', 'as a category', false],
    ['OfDeclined', 'as a prerequisite of something declined', false],
    ['OfOlder', 'as a prerequisite of an older revision', false],
    ['Revised', 'in any revision', false],
    ['Member', 'but a bundle member is one', true],
    ['Fix', 'but a bundle is one', true],
    ['Superseded', 'but what is superseded is one', true],
    ['Last', 'but what only needs others is one', true],
  ];
  for (const [name, because, expected] of cases) {
    test(because, () => {
      assert.equal(leaf(name), expected);
    });
  }
});

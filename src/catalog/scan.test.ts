import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { catalog, detectoid, driver, part, product, software } from '../../test/support/catalog-builder.ts';
import { ask } from '../../test/support/named-scan.ts';

const shop = catalog(
  {
    Windows: product(),
    Server: product(),
    Desktop: detectoid({ needs: ['Windows'] }),
    Fix: [software({ in: ['Windows'] }), software({ in: ['Windows'] })],
    DesktopFix: software({ in: ['Windows'], needs: ['Desktop'] }),
    ServerFix: software({ in: ['Server'] }),
    Part: part(),
    Bundle: software({ in: ['Server'], holds: ['Part'] }),
    Declined: software(),
    Net: driver({ id: 'PCI\\1' }),
  },
  { declined: ['Declined'] },
);

describe('new updates', () => {
  test('are what is needed and not held yet', () => {
    assert.deepEqual(ask(shop, { installed: ['Windows'] }).new, ['Server', 'Desktop', 'Fix r2', 'Part']);
    assert.deepEqual(ask(shop, { installed: ['Windows'], cached: ['Fix r2', 'Server'] }).new, [
      'Desktop',
      'Part',
    ]);
  });

  test('are nothing for a client that holds everything', () => {
    const answer = ask(shop, { installed: ['Windows'], cached: ['Server', 'Desktop', 'Fix r2', 'Part'] });
    assert.deepEqual(answer.new, []);
    assert.deepEqual(answer.outOfScope, []);
    assert.equal(answer.truncated, false);
  });

  test('are not the drivers, whose pass comes later', () => {
    assert.ok(!ask(shop).new.includes('Net'));
  });

  test('do not depend on what another client asked before', () => {
    const before = ask(shop, { installed: ['Windows'] });
    ask(shop, { installed: ['Server', 'Desktop'], cached: ['Fix r2', 'Part'] });
    assert.deepEqual(ask(shop, { installed: ['Windows'] }), before);
  });
});

describe('out of scope', () => {
  const cases: readonly [sentence: string, said: Parameters<typeof ask>[1], outOfScope: readonly string[]][] =
    [
      ['is an id of another server', { cached: [7, 'Windows'] }, ['#7']],
      [
        'is an id that nobody can have',
        { installed: [-1], cached: [0, 2147483647] },
        ['#-1', '#0', '#2147483647'],
      ],
      ['is what is declined', { cached: ['Declined', 'Windows'] }, ['Declined']],
      ['is what is declined, even when installed', { installed: ['Declined'] }, ['Declined']],
      ['is a revision that a newer one replaces', { installed: ['Windows'], cached: ['Fix r1'] }, ['Fix r1']],
      ['is what lacks a prerequisite', { cached: ['Windows', 'Desktop'] }, ['Desktop']],
      ['is what lacks one, also when it is installed itself', { installed: ['Desktop'] }, ['Desktop']],
      ['is a driver among the software', { cached: ['Net', 'Windows'] }, ['Net']],
      [
        'is said once, of ids in both lists',
        { installed: ['Declined', 5], cached: [5, 'Declined', 5] },
        ['Declined', '#5'],
      ],
      ['is said once, of ids listed twice', { cached: ['Desktop', 9, 'Desktop', 9] }, ['Desktop', '#9']],
      [
        'is not what is listed twice and needed',
        { installed: ['Windows', 'Windows'], cached: ['Windows'] },
        [],
      ],
    ];
  for (const [sentence, said, expected] of cases) {
    test(sentence, () => {
      const answer = ask(shop, said);
      assert.deepEqual(answer.outOfScope, expected);
      assert.deepEqual(answer.deployedOutOfScope, []);
    });
  }
});

describe('a scan limited to categories', () => {
  test('is about the categories, what belongs to them, and what that needs', () => {
    const answer = ask(shop, { installed: ['Server'], filter: ['Server'] });
    assert.deepEqual(answer.new, ['ServerFix', 'Part', 'Bundle']);
    assert.deepEqual(ask(shop, { filter: ['Windows'] }).new, ['Windows']);
  });

  test('is about any of several categories', () => {
    assert.deepEqual(ask(shop, { filter: ['Windows', 'Server'] }).new, ['Windows', 'Server', 'Part']);
  });

  test('is about nothing when nobody knows the category', () => {
    const withNobody = catalog({
      Windows: product(),
      Fix: software({ needs: ['Nobody'] }),
      Free: software(),
    });
    const answer = ask(withNobody, { cached: ['Free'], filter: ['Nobody'] });
    assert.deepEqual(answer.new, []);
    assert.deepEqual(answer.outOfScope, ['Free']);
  });

  test('does not take a plain prerequisite for membership', () => {
    const plain = catalog({ Windows: product(), Fix: software({ needs: ['Windows'] }) });
    assert.deepEqual(ask(plain, { installed: ['Windows'], filter: ['Windows'] }).new, []);
  });

  test('carries the members of a bundle, which need not belong to the category themselves', () => {
    assert.ok(ask(shop, { filter: ['Server'] }).new.includes('Part'));
    assert.ok(!ask(shop, { filter: ['Windows'] }).new.includes('Part'));
  });

  test('sends the revision in scope where a bundle names another one', () => {
    const revised = catalog({
      Windows: product(),
      Fix: [software(), software()],
      Bundle: software({ in: ['Windows'], holds: ['Fix r1'] }),
    });
    assert.deepEqual(ask(revised, { filter: ['Windows'] }).new, ['Windows', 'Fix r2']);
  });

  describe('that tells two groups apart', () => {
    const said = { filter: ['Server'], twoGroups: true } as const;

    test('keeps what is deployed and lies outside the filter', () => {
      const answer = ask(shop, { ...said, cached: ['Fix r2', 'Windows'] });
      assert.deepEqual(answer.deployedOutOfScope, ['Fix r2', 'Windows']);
      assert.deepEqual(answer.outOfScope, []);
    });

    test('keeps what is deployed and lacks a prerequisite', () => {
      const answer = ask(shop, { ...said, cached: ['ServerFix'] });
      assert.deepEqual(answer.deployedOutOfScope, ['ServerFix']);
    });

    test('keeps a driver', () => {
      assert.deepEqual(ask(shop, { ...said, cached: ['Net'] }).deployedOutOfScope, ['Net']);
    });

    test('gives up what is declined, replaced or unknown', () => {
      const answer = ask(shop, { ...said, installed: ['Declined'], cached: ['Fix r1', 3, 3] });
      assert.deepEqual(answer.outOfScope, ['Declined', 'Fix r1', '#3']);
      assert.deepEqual(answer.deployedOutOfScope, []);
    });

    test('says each id once', () => {
      const answer = ask(shop, { ...said, installed: ['Windows'], cached: ['Windows', 'Windows'] });
      assert.deepEqual(answer.deployedOutOfScope, ['Windows']);
    });
  });

  test('gives up everything outside the filter when the client does not tell two groups apart', () => {
    const answer = ask(shop, { filter: ['Server'], cached: ['Fix r2', 'Windows'] });
    assert.deepEqual(answer.outOfScope, ['Fix r2', 'Windows']);
    assert.deepEqual(answer.deployedOutOfScope, []);
  });
});

test('a whole scan has one group only, whatever the client says', () => {
  const answer = ask(shop, { twoGroups: true, cached: ['ServerFix', 'Declined'] });
  assert.deepEqual(answer.outOfScope, ['ServerFix', 'Declined']);
  assert.deepEqual(answer.deployedOutOfScope, []);
});

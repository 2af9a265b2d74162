import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  catalog,
  detectoid,
  part,
  product,
  software,
  type NamedCatalog,
} from '../../test/support/catalog-builder.ts';
import { ask, type Said } from '../../test/support/named-scan.ts';

const GROUPS = { Everyone: null, Pilot: 'Everyone', Lab: 'Everyone' };

/** What a client that was told everything up to a change learns of what it holds. */
function changed(
  shop: NamedCatalog,
  told: number,
  cached: readonly string[],
  rest: Said = {},
): readonly string[] {
  return ask(shop, { told, cached, ...rest }).changed;
}

describe('a client is told again of what it holds', () => {
  test('when a decision is newer than what it was told', () => {
    const shop = catalog(
      { Fix: software(), Other: software() },
      { groups: GROUPS, approvals: { Fix: { Pilot: 'Install' } }, deploymentChanges: { Fix: 5 } },
    );
    const pilot = { groups: ['Pilot'] };
    assert.deepEqual(changed(shop, 4, ['Fix', 'Other'], pilot), ['Fix']);
    assert.deepEqual(changed(shop, 5, ['Fix', 'Other'], pilot), []);
  });

  test('when something is imported that makes a leaf a prerequisite', () => {
    const shop = catalog({
      Base: software(),
      Other: software(),
      Fix: software({ needs: [['Nobody', 'Base']], change: 3 }),
    });
    assert.deepEqual(changed(shop, 2, ['Base', 'Other']), ['Base']);
    assert.deepEqual(changed(shop, 3, ['Base', 'Other']), []);
  });

  test('but not when another update makes it a prerequisite once more', () => {
    const shop = catalog({
      Base: detectoid(),
      First: software({ needs: ['Base'] }),
      Second: software({ needs: ['Base'], change: 3 }),
    });
    assert.deepEqual(changed(shop, 2, ['Base']), []);
  });

  test('when something is imported that makes it a member of a bundle', () => {
    const shop = catalog({
      Part: software(),
      Other: software(),
      Bundle: software({ holds: [['Other', 'Part']], change: 3 }),
      Second: software({ holds: ['Part'], change: 4 }),
    });
    assert.deepEqual(changed(shop, 2, ['Part', 'Other']), ['Part', 'Other']);
    assert.deepEqual(changed(shop, 3, ['Part', 'Other']), []);
  });

  test('of everything when it was told nothing yet', () => {
    const shop = catalog({ A: software(), B: detectoid(), C: software({ needs: ['B'] }) });
    assert.deepEqual(ask(shop, { installed: ['B'], cached: ['A', 'C'] }).changed, ['B', 'A', 'C']);
  });

  test('once, however often it lists it', () => {
    const shop = catalog({ Fix: software({ change: 3 }) });
    assert.deepEqual(changed(shop, 2, ['Fix', 'Fix'], { installed: ['Fix'] }), ['Fix']);
  });

  test('but not when the catalogue of another process is behind what it was told', () => {
    assert.deepEqual(changed(catalog({ Fix: software({ change: 3 }) }), 9, ['Fix']), []);
  });

  test('but not of what it does not hold, nor of what is no longer needed', () => {
    const shop = catalog(
      {
        A: software({ change: 3 }),
        B: software({ needs: ['Nobody'], change: 3 }),
        C: software({ change: 3 }),
      },
      { declined: ['C'] },
    );
    const answer = ask(shop, { told: 2, cached: ['B', 'C'] });
    assert.deepEqual(answer.changed, []);
    assert.deepEqual(answer.outOfScope, ['B', 'C']);
    assert.deepEqual(answer.new, ['A']);
  });
});

describe('a client that moved to another group', () => {
  const shop = catalog(
    {
      Windows: product(),
      Approved: software(),
      Undecided: software(),
      Part: part({ needs: ['Windows'] }),
      Bundle: software({ holds: ['Part'] }),
      Declined: software(),
      Next: software({ needs: ['Declined'] }),
    },
    { groups: GROUPS, approvals: { Approved: { Lab: 'Install' } }, declined: ['Declined'] },
  );
  const moved = { installed: ['Windows'], cached: ['Approved', 'Undecided', 'Part', 'Bundle', 'Declined'] };

  test('is told of everything that can be approved', () => {
    const answer = ask(shop, { ...moved, told: 1, toldGroups: ['Pilot'], groups: ['Lab'] });
    assert.deepEqual(answer.changed, ['Approved', 'Undecided', 'Bundle']);
  });

  test('is told nothing more once it knows', () => {
    assert.deepEqual(ask(shop, { ...moved, told: 1, groups: ['Lab'] }).changed, []);
  });

  test('that it was in already, listed in another order, is told nothing', () => {
    const said = { ...moved, told: 1, toldGroups: ['Pilot', 'Lab'], groups: ['Lab', 'Pilot'] };
    assert.deepEqual(ask(shop, said).changed, []);
  });
});

describe('a client that scans categories', () => {
  const shop = catalog(
    {
      Windows: product(),
      Server: product(),
      Base: detectoid(),
      Fix: software({ in: ['Windows'] }),
      Late: software({ in: ['Windows'], needs: ['Base'], change: 4 }),
    },
    { groups: GROUPS },
  );
  const held = { installed: ['Windows', 'Base'], cached: ['Fix', 'Late'], filter: ['Windows'] } as const;

  test('is told of everything when it was told about other categories: changes outside them passed it by', () => {
    const answer = ask(shop, { ...held, told: 4, toldFilter: ['Server'] });
    assert.deepEqual(answer.changed, ['Windows', 'Base', 'Fix', 'Late']);
  });

  test('is told of everything when it was told about the whole catalogue only', () => {
    assert.equal(ask(shop, { ...held, told: 4, toldFilter: [] }).changed.length, 4);
  });

  test('is told what is newer when it was told about the same categories, in any order', () => {
    const both = { ...held, filter: ['Windows', 'Server'], toldFilter: ['Server', 'Windows', 'Server'] };
    assert.deepEqual(ask(shop, { ...both, told: 4 }).changed, []);
    assert.deepEqual(ask(shop, { ...both, told: 3 }).changed, ['Base', 'Late']);
  });

  test('in another group is told of everything', () => {
    const answer = ask(shop, { ...held, told: 4, toldGroups: ['Lab'], groups: ['Pilot'] });
    assert.equal(answer.changed.length, 4);
  });
});

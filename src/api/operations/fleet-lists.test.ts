import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import fc from 'fast-check';
import { Value } from 'typebox/value';
import { DAY_MS, FleetStore } from '../../../test/support/fleet-store.ts';
import { pagesOf, readerOf } from '../../../test/support/listed-pages.ts';
import { SAMPLE, sampleDocuments } from '../../../test/support/sample-catalogue.ts';
import { strictly } from '../../../test/support/strict-schema.ts';
import { createGroup } from '../../admin/groups.ts';
import { addGroupRule } from '../../admin/group-rules.ts';
import { executeList, executeRead } from '../execute.ts';
import type { Input } from '../input.ts';
import type { AnyListOperation, AnyReadOperation, OperationContext } from '../operation.ts';
import { writeCursor } from '../page.ts';
import { compliance } from './compliance.ts';
import { computers } from './computers.ts';
import { events } from './events.ts';
import { findings } from './findings.ts';
import { groupRules } from './group-rules.ts';

/** Lists of a fleet, read page by page: with equal values, with values that are missing, forwards and backwards. */

const CALLER = { name: 'test' };
const CODES = [0x8007_0643 | 0, 0x8024_2014 | 0, 5];

async function openFleet(): Promise<FleetStore> {
  const fleet = await FleetStore.open(sampleDocuments());
  const { db } = fleet;
  const rule = { names: ['pc'] };
  for (const name of ['Shop', 'Office']) await createGroup(db, CALLER, { name, nowMs: fleet.nowMs });
  for (const name of ['one', 'other'])
    await addGroupRule(db, CALLER, { name, group: 'Shop', rule, nowMs: fleet.nowMs });
  await fleet.greet('gone', 'gone');
  fleet.advance(40 * DAY_MS);
  for (let index = 0; index < 14; index++) {
    const id = `c${index}`;
    const requested = index % 5 === 0 ? 'Nowhere;Shop' : '';
    fleet.advance(index % 3 === 0 ? 0 : 3_600_000);
    await fleet.greet(id, ['pc', 'pc', `till-${index}`][index % 3], requested);
    if (index % 4 === 0) continue;
    await fleet.register(id, index % 4 === 1 ? { model: undefined } : { model: `Bench ${index % 2}` });
    if (index % 4 === 2) {
      const all = { U: [SAMPLE.bundle], W: [SAMPLE.driver] };
      await fleet.report(id, { needed: all.U, pendingReboot: all.W, installed: [SAMPLE.standalone] });
    }
    if (index % 4 === 3) await fleet.report(id, { needed: [SAMPLE.standalone, SAMPLE.driver] });
    if (index % 2 === 0) await fleet.failed(id, SAMPLE.standalone, CODES[index % 3]);
  }
  for (const name of ['a', 'b', 'a']) await fleet.greet('c1', name);
  fleet.advance(DAY_MS);
  return fleet;
}

/** Every list, with what it is asked for, and how many there are at least for the test to say anything. */
const LISTS: readonly (readonly [string, unknown, Input, number])[] = [
  ['computers', computers.list, {}, 15],
  ['computers of a system', computers.list, { os: 'windows 11' }, 5],
  ['group rules', groupRules.list, {}, 2],
  ['findings', findings.list, {}, 4],
  ['findings of a computer', findings.ofComputer, { computer: 'c0' }, 1],
  ['sums of groups', compliance.groups, {}, 4],
  ['sums of products', compliance.products, {}, 1],
  ['days', compliance.trend, { days: 30 }, 2],
  ['sums of updates', compliance.updates, {}, 3],
  ['updates of a CVE', compliance.updates, { cve: 'CVE-1999-0001' }, 0],
  ['updates of a computer', compliance.statesOfComputer, { computer: 'c2' }, 4],
  ['some updates of a computer', compliance.statesOfComputer, { computer: 'c3', states: ['needed'] }, 2],
  ['computers of an update', compliance.statesOfUpdate, { update: SAMPLE.standalone }, 15],
  [
    'some computers of an update',
    compliance.statesOfUpdate,
    { update: SAMPLE.standalone, states: ['unknown', 'needed'] },
    5,
  ],
  ['codes', compliance.failureCodes, {}, 2],
  ['failures', compliance.failures, {}, 3],
  ['failures of a code', compliance.failures, { code: '5' }, 1],
  ['restarts', compliance.pendingReboots, {}, 3],
  ['silent computers', compliance.silentComputers, { beforeMs: 8.64e15 }, 15],
  ['events', events.list, {}, 9],
  ['events of failures', events.list, { failures: true }, 3],
];

/** As SQLite and JavaScript agree: nothing, then numbers, then texts. */
function compare(one: unknown, other: unknown): number {
  if (one === other) return 0;
  if (one === null || other === null) return one === null ? -1 : 1;
  return (one as string) < (other as string) ? -1 : 1;
}

/** Sorted by something else than the value: by what matters more, or to the hour. */
const OWN_ORDER = new Set(['state', 'kind', 'lastReportMs of silent computers']);

describe('a list of the fleet', () => {
  let fleet: FleetStore;
  let context: OperationContext;
  before(async () => {
    fleet = await openFleet();
    context = readerOf(fleet.temp);
  });
  after(() => fleet[Symbol.asyncDispose]());

  for (const [what, declared, asked, least] of LISTS) {
    const operation = declared as AnyListOperation;
    for (const sort of operation.sorts) {
      test(`${what} by ${sort} is the same in pages of any size, and backwards`, async () => {
        const { items: whole } = await executeList(context, operation, { ...asked, sort, limit: 1_000 });
        assert.ok(whole.length >= least, `${whole.length} of at least ${least}`);
        const schema = strictly(operation.item);
        for (const item of whole)
          assert.ok(Value.Check(schema, JSON.parse(JSON.stringify(item))), JSON.stringify(item));
        if (!OWN_ORDER.has(sort) && !OWN_ORDER.has(`${sort} of ${what}`)) {
          const values = whole.map((item) => item[sort]);
          assert.deepEqual(values, values.toSorted(compare));
        }
        await fc.assert(
          fc.asyncProperty(fc.integer({ min: 1, max: 20 }), async (limit) => {
            assert.deepEqual(await pagesOf(context, operation, { ...asked, sort, limit }), whole);
            const backwards = await pagesOf(context, operation, { ...asked, sort: `-${sort}`, limit });
            assert.deepEqual(backwards, whole.toReversed());
          }),
          { numRuns: 4 },
        );
      });
    }

    test(`${what} takes no cursor that is not its own`, async () => {
      const [sort] = operation.sorts;
      for (const key of [[null], ['x'], ['x', null, 1, 2], [1e300, 'x'], [null, null, null]]) {
        const cursor = writeCursor({ sort, descending: true }, key);
        const listed = executeList(context, operation, { ...asked, cursor, sort: `-${sort}` });
        await listed.catch((error: { readonly code?: string }) => assert.equal(error.code, 'OAK_CURSOR'));
      }
    });
  }

  test('an explanation and a preview are what their declarations say', async () => {
    for (const [operation, input] of [
      [computers.explain, { computer: 'c3', update: SAMPLE.bundle }],
      [computers.explain, { computer: 'c2', update: SAMPLE.standalone }],
      [computers.explain, { computer: 'nobody', update: SAMPLE.otherUpdate }],
      [computers.explain, { computer: 'c2', update: 'KB999999' }],
      [computers.show, { computer: 'c3' }],
      [groupRules.preview, {}],
      [groupRules.show, { rule: 'ONE' }],
      [compliance.summary, { group: 'Shop' }],
      [compliance.ofComputer, { computer: 'c3' }],
      [compliance.ofUpdate, { update: SAMPLE.bundle }],
      [compliance.silentCount, { beforeMs: 0 }],
    ] as const) {
      const read = operation as unknown as AnyReadOperation;
      const result: unknown = JSON.parse(JSON.stringify(await executeRead(context, read, input)));
      assert.ok(Value.Check(strictly(read.result), result), JSON.stringify(result));
    }
  });

  test('nothing is summed up for two things at once', async () => {
    const both = { product: 'Example Product', classification: 'Example Updates' };
    await assert.rejects(executeRead(context, compliance.summary, both), {
      code: 'OAK_INPUT_INVALID',
    });
  });
});

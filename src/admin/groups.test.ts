import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { FleetStore } from '../../test/support/fleet-store.ts';
import { TempStore } from '../../test/support/temp-store.ts';
import { OakumError } from '../errors/oakum-error.ts';
import { ALL_COMPUTERS, UNASSIGNED_COMPUTERS } from '../fleet/server-state.ts';
import { listAudit } from '../store/audit.ts';
import { listGroups } from '../store/groups.ts';
import { moveComputer } from './computers.ts';
import { addGroupRule } from './group-rules.ts';
import { createGroup, moveGroup, removeGroup, renameGroup, viewGroups } from './groups.ts';
import { createRing } from './rings.ts';
import { addRule } from './rules.ts';

const caller = { name: 'test' };
const nowMs = 5;

async function withGroups(
  ...names: readonly (readonly [name: string, parent?: string])[]
): Promise<TempStore> {
  const temp = await TempStore.open();
  for (const [name, parent] of names)
    await createGroup(temp.db, caller, { name, nowMs, ...(parent === undefined ? {} : { parent }) });
  return temp;
}

async function paths(temp: TempStore): Promise<string[]> {
  return (await viewGroups(temp.db)).map((one) => one.path.slice(1).join('/'));
}

describe('groups', () => {
  test('stand below each other, are renamed, moved and deleted with what is below', async () => {
    await using temp = await withGroups(['Office'], ['Pilot', 'Office'], ['Lab']);
    assert.deepEqual(await paths(temp), ['', 'Lab', 'Office', 'Office/Pilot', 'Unassigned Computers']);
    await renameGroup(temp.db, caller, { group: 'pilot', name: ' First ', nowMs });
    await moveGroup(temp.db, caller, { group: 'First', parent: 'Lab', nowMs });
    assert.deepEqual(await paths(temp), ['', 'Lab', 'Lab/First', 'Office', 'Unassigned Computers']);
    const removed = await removeGroup(temp.db, caller, { group: 'Lab', nowMs });
    assert.deepEqual(
      removed.map((one) => one.name),
      ['First', 'Lab'],
    );
    assert.deepEqual(await paths(temp), ['', 'Office', 'Unassigned Computers']);
    const actions = (await listAudit(temp.db, { action: 'group' })).map((one) => one.action);
    const created = ['group.create', 'group.create', 'group.create'];
    assert.deepEqual(actions, ['group.delete', 'group.delete', 'group.move', 'group.rename', ...created]);
  });

  test('have the computers that are in them, and those in no group are unassigned', async () => {
    await using fleet = await FleetStore.open();
    const clientIds = [1, 2, 3].map((n) => `00000000-0000-4000-8000-00000000000${n}`);
    for (const clientId of clientIds) await fleet.register(clientId);
    await createGroup(fleet.db, caller, { name: 'Office', nowMs });
    await moveComputer(fleet.db, caller, clientIds[0], ['Office'], nowMs);
    const views = await viewGroups(fleet.db);
    assert.deepEqual(
      views.map((one) => [one.name, one.members]),
      [
        ['All Computers', 0],
        ['Office', 1],
        ['Unassigned Computers', 2],
      ],
    );
  });

  test('stay as they are in a dry run', async () => {
    await using temp = await withGroups(['Office'], ['Lab']);
    const before = await paths(temp);
    const dry = { nowMs, dryRun: true };
    await createGroup(temp.db, caller, { name: 'New', ...dry });
    await renameGroup(temp.db, caller, { group: 'Lab', name: 'New', ...dry });
    await moveGroup(temp.db, caller, { group: 'Lab', parent: 'Office', ...dry });
    await removeGroup(temp.db, caller, { group: 'Lab', ...dry });
    assert.deepEqual(await paths(temp), before);
    assert.equal(await temp.count('audit'), 2);
  });

  test('may change the case of their name', async () => {
    await using temp = await withGroups(['office']);
    assert.equal(
      (await renameGroup(temp.db, caller, { group: 'office', name: 'Office', nowMs })).name,
      'Office',
    );
  });

  test('are found by id and part of the name', async () => {
    await using temp = await withGroups(['Office'], ['Back Office']);
    assert.equal((await viewGroups(temp.db, { text: 'office' })).length, 2);
    assert.equal((await viewGroups(temp.db, { text: ALL_COMPUTERS })).length, 1);
    assert.equal((await viewGroups(temp.db, { limit: 1 })).length, 1);
  });
});

describe('a group is refused', () => {
  for (const [what, name] of [
    ['without a name', ' '],
    ['with a separator of names', 'a;b'],
    ['with a control character', 'a\u0007b'],
    ['with too long a name', 'x'.repeat(257)],
  ] as const) {
    test(what, async () => {
      await using temp = await withGroups(['Office']);
      await assert.rejects(createGroup(temp.db, caller, { name, nowMs }), { code: 'OAK_GROUP_NAME' });
      await assert.rejects(renameGroup(temp.db, caller, { group: 'Office', name, nowMs }), {
        code: 'OAK_GROUP_NAME',
      });
    });
  }

  test('with a name that is taken, in any case', async () => {
    await using temp = await withGroups(['Office'], ['Lab']);
    await assert.rejects(createGroup(temp.db, caller, { name: 'OFFICE', nowMs }), {
      code: 'OAK_GROUP_EXISTS',
    });
    await assert.rejects(renameGroup(temp.db, caller, { group: 'Lab', name: 'office', nowMs }), {
      code: 'OAK_GROUP_EXISTS',
    });
  });

  test('that there is not, with the nearest name', async () => {
    await using temp = await withGroups(['Office']);
    const unknown = { code: 'OAK_GROUP_UNKNOWN', message: /"Ofice"\. Did you mean "Office"\?/ };
    await assert.rejects(removeGroup(temp.db, caller, { group: 'Ofice', nowMs }), unknown);
    await assert.rejects(createGroup(temp.db, caller, { name: 'x', parent: 'Ofice', nowMs }), unknown);
  });

  test('that every server has', async () => {
    await using temp = await withGroups(['Office']);
    const builtIn = { code: 'OAK_GROUP_BUILT_IN' };
    for (const group of [ALL_COMPUTERS, UNASSIGNED_COMPUTERS, 'All Computers']) {
      await assert.rejects(removeGroup(temp.db, caller, { group, nowMs }), builtIn);
      await assert.rejects(renameGroup(temp.db, caller, { group, name: 'x', nowMs }), builtIn);
      await assert.rejects(moveGroup(temp.db, caller, { group, parent: 'Office', nowMs }), builtIn);
    }
  });

  test('below itself', async () => {
    await using temp = await withGroups(['Office'], ['Pilot', 'Office'], ['First', 'Pilot']);
    for (const parent of ['Office', 'Pilot', 'First'])
      await assert.rejects(moveGroup(temp.db, caller, { group: 'Office', parent, nowMs }), {
        code: 'OAK_GROUP_CYCLE',
      });
  });

  test('to be deleted while a rule or a ring names it or one below', async () => {
    await using temp = await withGroups(['Office'], ['Pilot', 'Office']);
    const request = { group: 'Office', nowMs };
    await addGroupRule(temp.db, caller, {
      name: 'tills',
      group: 'Pilot',
      rule: { names: ['till-*'] },
      nowMs,
    });
    await assert.rejects(removeGroup(temp.db, caller, request), {
      code: 'OAK_GROUP_IN_USE',
      message: /"tills"/,
    });
    await addRule(temp.db, caller, { name: 'patches', rule: { groups: ['Pilot'] }, nowMs });
    await createRing(temp.db, caller, { name: 'slow', ring: { steps: [{ group: 'Office' }] }, nowMs });
    await assert.rejects(removeGroup(temp.db, caller, request), {
      code: 'OAK_GROUP_IN_USE',
      message: /the rule "patches", the assignment rule "tills", the ring "slow"/,
    });
  });
});

test('whatever is moved wherever, groups stay one tree', async () => {
  await using temp = await withGroups(['A'], ['B'], ['C'], ['D'], ['E']);
  const group = fc.constantFrom('A', 'B', 'C', 'D', 'E', 'All Computers');
  await fc.assert(
    fc.asyncProperty(group, group, async (one, parent) => {
      try {
        await moveGroup(temp.db, caller, { group: one, parent, nowMs });
      } catch (error) {
        assert.ok(error instanceof OakumError);
      }
      assert.equal((await viewGroups(temp.db)).length, (await listGroups(temp.db)).length);
    }),
    { numRuns: 60 },
  );
});

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { TempStore } from '../../test/support/temp-store.ts';
import { tempWriter } from '../../test/support/temp-writer.ts';
import type { ComputerDetails } from '../fleet/computer-registry.ts';
import { listAudit } from '../store/audit.ts';
import { DETAIL_NAMES } from '../store/computer-columns.ts';
import { readFleetChange } from '../store/computers.ts';
import type { Writer } from '../store/writer.ts';
import { moveComputer, viewComputers } from './computers.ts';
import {
  addGroupRule,
  applyGroupRules,
  releaseComputer,
  removeGroupRule,
  viewGroupRules,
} from './group-rules.ts';
import { createGroup } from './groups.ts';

const caller = { name: 'test' };
const nowMs = 5;
const NO_DETAILS = Object.fromEntries(
  DETAIL_NAMES.map((name) => [name, undefined]),
) as unknown as ComputerDetails;

interface Fleet extends AsyncDisposable {
  readonly temp: TempStore;
  readonly writer: Writer;
  register(name: string, details?: Partial<ComputerDetails>, address?: string): Promise<void>;
  groupsOf(name: string): Promise<readonly string[]>;
}

/** A store with two groups, and computers that register as clients do. */
async function fleet(): Promise<Fleet> {
  const temp = await TempStore.open();
  for (const name of ['Tills', 'Servers']) await createGroup(temp.db, caller, { name, nowMs });
  const writer = tempWriter(temp);
  return {
    temp,
    writer,
    register: async (name, details = {}, address = '10.1.2.3') => {
      const said = { ...NO_DETAILS, dnsName: name, ...details };
      await writer.execute('register', { clientId: name, address, details: said, nowMs });
    },
    groupsOf: async (name) => (await viewComputers(temp.db, { text: name, nowMs, limit: 1 })).items[0].groups,
    [Symbol.asyncDispose]: async () => {
      await writer.close();
      await temp[Symbol.asyncDispose]();
    },
  };
}

describe('assignment rules', () => {
  test('assign a computer at its registration, to the groups of all rules that fit', async () => {
    await using one = await fleet();
    const { db } = one.temp;
    await addGroupRule(db, caller, { name: 'tills', group: 'Tills', rule: { names: ['till-*'] }, nowMs });
    const rule = { operatingSystems: ['Windows Server*'], subnets: ['10.1.0.0/16'] };
    await addGroupRule(db, caller, { name: 'servers', group: 'Servers', rule, nowMs });
    await one.register('till-1');
    const server = { osMajor: 10, osMinor: 0, osBuild: 20_348, oldProductType: 3, newProductType: 7 };
    await one.register('till-2', server);
    await one.register('till-3', server, '10.2.0.1');
    await one.register('desk-1');
    assert.deepEqual(await one.groupsOf('till-1'), ['Tills']);
    assert.deepEqual([...(await one.groupsOf('till-2'))].sort(), ['Servers', 'Tills']);
    assert.deepEqual(await one.groupsOf('till-3'), ['Tills']);
    assert.deepEqual(await one.groupsOf('desk-1'), ['Unassigned Computers']);
  });

  test('tell other processes only when a computer moves that they may know', async () => {
    await using one = await fleet();
    const { db } = one.temp;
    await one.register('till-1');
    await addGroupRule(db, caller, { name: 'tills', group: 'Tills', rule: { names: ['till-*'] }, nowMs });
    const before = await readFleetChange(db);
    await one.register('till-2');
    assert.equal(await readFleetChange(db), before);
    await one.register('till-1', { model: 'Other' });
    assert.ok((await readFleetChange(db)) > before);
    assert.deepEqual(await one.groupsOf('till-1'), ['Tills']);
  });

  test('never move a computer that was moved by hand, also to no group, until it is released', async () => {
    await using one = await fleet();
    const { db } = one.temp;
    for (const name of ['till-1', 'till-2', 'till-3']) await one.register(name);
    await moveComputer(db, caller, 'till-1', ['Servers'], nowMs);
    await moveComputer(db, caller, 'till-2', [], nowMs);
    await addGroupRule(db, caller, { name: 'tills', group: 'Tills', rule: { names: ['till-*'] }, nowMs });
    for (const name of ['till-1', 'till-2']) await one.register(name, { model: 'Other' });
    const moves = await applyGroupRules(db, caller, { nowMs });
    assert.deepEqual(
      moves.map((move) => move.clientId),
      ['till-3'],
    );
    assert.deepEqual(await one.groupsOf('till-1'), ['Servers']);
    assert.deepEqual(await one.groupsOf('till-2'), ['Unassigned Computers']);
    await releaseComputer(db, caller, { computer: 'till-2', nowMs });
    await one.register('till-2', { model: 'Another' });
    assert.deepEqual(await one.groupsOf('till-2'), ['Tills']);
  });

  test('preview exactly what applying them then does', async () => {
    await using one = await fleet();
    const { db } = one.temp;
    for (const name of ['till-1', 'till-2', 'desk-1']) await one.register(name);
    await addGroupRule(db, caller, { name: 'tills', group: 'Tills', rule: { names: ['till-*'] }, nowMs });
    const preview = await applyGroupRules(db, caller, { dryRun: true, nowMs });
    assert.deepEqual(await one.groupsOf('till-1'), ['Unassigned Computers']);
    assert.deepEqual(await applyGroupRules(db, caller, { nowMs }), preview);
    assert.deepEqual(
      preview.map(({ clientId, from, to, rules }) => [clientId, from, to, rules]),
      ['till-1', 'till-2'].map((name) => [name, ['Unassigned Computers'], ['Tills'], ['tills']]),
    );
    assert.deepEqual(await applyGroupRules(db, caller, { nowMs }), []);
    assert.equal((await listAudit(db, { action: 'computer.assign' })).length, 2);
  });

  test('leave computers where they are when they are removed', async () => {
    await using one = await fleet();
    const { db } = one.temp;
    await addGroupRule(db, caller, { name: 'tills', group: 'Tills', rule: { names: ['till-*'] }, nowMs });
    await one.register('till-1');
    await removeGroupRule(db, caller, { name: 'TILLS', nowMs });
    assert.deepEqual(await viewGroupRules(db), []);
    assert.deepEqual(await applyGroupRules(db, caller, { nowMs }), []);
    assert.deepEqual(await one.groupsOf('till-1'), ['Tills']);
  });

  test('are refused without conditions, with a taken name, for no group and for those in none', async () => {
    await using one = await fleet();
    const { db } = one.temp;
    const add = (name: string, group: string, rule: unknown) =>
      addGroupRule(db, caller, { name, group, rule, nowMs });
    const rule = { names: ['x'] };
    await add('x', 'Tills', rule);
    await assert.rejects(add('X', 'Tills', rule), { code: 'OAK_RULE_EXISTS' });
    await assert.rejects(add('y', 'Tills', {}), { code: 'OAK_RULE_INVALID' });
    await assert.rejects(add('', 'Tills', rule), { code: 'OAK_RULE_INVALID' });
    await assert.rejects(add('y', 'Unassigned Computers', rule), { code: 'OAK_RULE_INVALID' });
    await assert.rejects(add('y', 'Till', rule), { code: 'OAK_GROUP_UNKNOWN' });
    await assert.rejects(removeGroupRule(db, caller, { name: 'xx', nowMs }), {
      code: 'OAK_RULE_UNKNOWN',
      message: /Did you mean "x"/,
    });
  });
});

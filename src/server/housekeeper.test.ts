import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pino } from 'pino';
import { DAY_MS, FleetStore } from '../../test/support/fleet-store.ts';
import { until } from '../../test/support/until.ts';
import { HOUSEKEEPING_TASKS } from '../fleet/housekeeping-task.ts';
import { noteTaskStart } from '../store/housekeeping-log.ts';
import { holdHousekeepingLock } from '../store/housekeeping-lock.ts';
import { dueTasks, startHousekeeper, type HousekeeperOptions } from './housekeeper.ts';
import { resolveSettings } from './resolve-settings.ts';

interface Line {
  readonly level: number;
  readonly msg: string;
  readonly task?: string;
  readonly subject?: string;
}

function optionsOf(fleet: FleetStore, settings: Readonly<Record<string, unknown>> = {}) {
  const lines: Line[] = [];
  const given = Object.entries(settings).map(([key, value]) => ({ key, value, source: 'flag' as const }));
  const options: HousekeeperOptions = {
    dataFolder: fleet.temp.dataFolder,
    settings: resolveSettings(given).settings,
    db: fleet.db,
    log: pino({ base: null }, { write: (line: string) => void lines.push(JSON.parse(line) as Line) }),
    now: fleet.temp.now,
    lookEveryMs: 5,
  };
  return { lines, options };
}

test('a server keeps itself in order by its own clock, and logs everything', async () => {
  await using fleet = await FleetStore.open();
  await fleet.greet('c1', 'bench-1');
  fleet.advance(91 * DAY_MS);
  await fleet.greet('c2', 'bench-2');
  const { lines, options } = optionsOf(fleet);
  const close = startHousekeeper(options);
  await until('it has ended', () => lines.some((line) => line.msg === 'housekeeping has ended'));
  await close();
  assert.deepEqual(
    lines.filter((line) => line.msg === 'housekeeping').map((line) => [line.task, line.subject]),
    [['computers', 'c1']],
  );
  assert.deepEqual(
    lines.filter((line) => line.level > 30),
    [],
  );
  assert.deepEqual(await dueTasks(options), [], 'nothing is due for a while');
  fleet.advance(6 * 60_000);
  assert.deepEqual(await dueTasks(options), ['rules', 'rollouts', 'notifications']);
  fleet.advance(12 * 3_600_000);
  assert.deepEqual(await dueTasks(options), HOUSEKEEPING_TASKS);
});

test('switched off, only rules and rollouts get their turn', async () => {
  await using fleet = await FleetStore.open();
  const { options } = optionsOf(fleet, { 'housekeeping.enabled': false });
  assert.deepEqual(await dueTasks(options), ['rules', 'rollouts', 'notifications']);
});

test('a clock that was set back does not stop it', async () => {
  await using fleet = await FleetStore.open();
  const { options } = optionsOf(fleet);
  for (const task of HOUSEKEEPING_TASKS) await noteTaskStart(fleet.db, task, fleet.nowMs);
  assert.deepEqual(await dueTasks(options), []);
  fleet.advance(-DAY_MS);
  assert.deepEqual(await dueTasks(options), HOUSEKEEPING_TASKS);
});

test('while another process is at it, it does nothing and says nothing', async () => {
  await using fleet = await FleetStore.open();
  await fleet.greet('c1');
  fleet.advance(91 * DAY_MS);
  const { lines, options } = optionsOf(fleet);
  const lock = holdHousekeepingLock(fleet.temp.dataFolder);
  let looked = 0;
  const now = (): number => {
    looked++;
    return fleet.nowMs;
  };
  const close = startHousekeeper({ ...options, now });
  await until('it has looked again and again', () => looked > 5);
  await close();
  lock[Symbol.dispose]();
  assert.deepEqual([lines, await fleet.temp.count('computer')], [[], 1]);
});

test('closing stops a run that is under way', async () => {
  await using fleet = await FleetStore.open();
  for (let index = 0; index < 200; index++) await fleet.greet(`c${index}`);
  fleet.advance(91 * DAY_MS);
  const { lines, options } = optionsOf(fleet);
  const close = startHousekeeper(options);
  await until('it has begun', () => lines.length > 0);
  await close();
  const left = await fleet.temp.count('computer');
  assert.ok(left > 0);
  assert.equal((await fleet.temp.count('housekeeping_action')) + left, 200);
});

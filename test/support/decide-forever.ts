/**
 * Decides again and again until it is killed: a rule run, rollouts that start, take a step and are rolled back. Prints
 * a line after each, to be a process of its own: `node decide-forever.ts DATA_FOLDER`.
 */
import { createGroup } from '../../src/admin/groups.ts';
import { createRing } from '../../src/admin/rings.ts';
import { runDueRings } from '../../src/admin/rollout-steps.ts';
import { rollBackRollouts, startRollouts } from '../../src/admin/rollouts.ts';
import { addRule, runDueRules, runRules } from '../../src/admin/rules.ts';
import { openStore } from '../../src/store/open-store.ts';
import { listUpdates } from '../../src/store/update-list.ts';

const [dataFolder] = process.argv.slice(2);
const { db } = await openStore({ dataFolder, now: Date.now, mustExist: true });
const caller = { name: 'forever' };
const updates = (await listUpdates(db, {})).filter((one) => one.deployable).map((update) => update.updateId);
const groups = await db.selectFrom('target_group').select('id').execute();

async function rollBack(): Promise<void> {
  const open = await db
    .selectFrom('rollout')
    .innerJoin('update_entry', 'number', 'update_number')
    .select('update_id')
    .where('state', '=', 'running')
    .execute();
  await rollBackRollouts(db, caller, { updates: open.map((row) => row.update_id), nowMs: Date.now() });
}

for (let round = groups.length; ; round++) {
  const nowMs = Date.now();
  const say = (what: string): void => void process.stdout.write(`${round} ${what}\n`);
  // What the one that was killed before left under way.
  await rollBack();
  const group = `Group ${round}`;
  await createGroup(db, caller, { name: group, nowMs });
  await addRule(db, caller, { name: `rule ${round}`, rule: { groups: [group] }, nowMs });
  say('made');
  await runDueRules(db, nowMs);
  await runRules(db, caller, { nowMs });
  say('rules');
  const steps = ['All Computers', 'Unassigned Computers', group];
  const ring = { steps: steps.map((name, index) => ({ group: name, afterHours: 10 * index })) };
  await createRing(db, caller, { name: `ring ${round}`, ring, nowMs });
  await startRollouts(db, caller, { ring: `ring ${round}`, updates, nowMs });
  say('started');
  await runDueRings(db, nowMs + 11 * 3_600_000);
  say('went on');
  await rollBack();
  say('rolled back');
}

/**
 * Applies one policy after the other again and again until it is killed, and prints a line in the middle of each
 * application and after it, to be a process of its own: `node apply-forever.ts DATA_FOLDER`.
 */
import { applyPolicy } from '../../src/admin/policy/apply-policy.ts';
import { parsePolicy } from '../../src/admin/policy/policy-document.ts';
import { SETTINGS_TABLE } from '../../src/server/settings-table.ts';
import { openStore } from '../../src/store/open-store.ts';
import { killedPolicies } from './killed-policies.ts';

const [dataFolder] = process.argv.slice(2);
const { db } = await openStore({ dataFolder, now: Date.now, mustExist: true });
const documents = killedPolicies().map((data) => parsePolicy(data, SETTINGS_TABLE));

for (let round = 0; ; round++) {
  const nowMs = Date.now();
  const settings = SETTINGS_TABLE;
  await db.transaction().execute(async (tx) => {
    await applyPolicy(
      tx,
      { name: 'forever' },
      { document: documents[round % 2], settings, prune: true, nowMs },
    );
    process.stdout.write(`${round} done\n`);
  });
  process.stdout.write(`${round} kept\n`);
}

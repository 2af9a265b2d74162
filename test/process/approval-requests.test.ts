import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openStore } from '../../src/store/open-store.ts';
import { createAccount } from '../../src/admin/identity/accounts.ts';
import { confirmApproval } from '../../src/admin/second-person.ts';
import { OakumProcess, temporaryFolder } from '../support/oakum-process.ts';

const STRICT = { OAKUM_APPROVALS_SECOND_PERSON: 'true' };
const FONTS = 'Sample Fonts';

test('an approval for everybody waits until somebody else confirms it', async (t) => {
  const data = temporaryFolder(t);
  const oakum = (...args: string[]) => new OakumProcess(t, [...args, '--data', data], STRICT).exited();
  assert.equal((await oakum('sample')).code, 0);
  const asked = await oakum('approve', FONTS);
  assert.match(
    asked.stdout,
    /^install for All Computers waits for a second person \(request 1\): Oakum Sample Fonts/,
  );
  const [waiting] = JSON.parse((await oakum('approve', FONTS, '--json')).stdout) as Record<string, unknown>[];
  assert.equal(waiting?.['request'], 2);
  assert.match(
    (await oakum('approval-requests')).stdout,
    /^2 .* waiting +install +All Computers +Oakum Sample Fonts/m,
  );
  const refused = await oakum('approval-requests', 'confirm', '1');
  assert.deepEqual([refused.code, refused.stdout], [1, '']);
  assert.match(refused.stderr, /OAK_SECOND_PERSON/);

  const store = await openStore({ dataFolder: data, now: Date.now });
  const nowMs = Date.now();
  const shell = { name: 'root@localhost' };
  const { id } = await createAccount(store.db, shell, { name: 'robin', role: 'operator', nowMs });
  const robin = { name: 'robin', role: 'operator', kind: 'session', accountId: id } as const;
  await confirmApproval(store.db, robin, { id: 1, nowMs });
  await store.close();

  const shown = await oakum('approval-requests', 'show', '1');
  assert.match(
    shown.stdout,
    /^1: confirmed by robin at .*\nasked for by .*@localhost at .*\ninstall for All Computers\n/,
  );
  const rejected = await oakum('approval-requests', 'reject', '2', '--dry-run');
  assert.match(rejected.stdout, /^dry run: 2: rejected by /);
  assert.equal((await oakum('approval-requests', 'reject', '2')).code, 0);
  assert.match((await oakum('approval-requests', 'list', '--state', 'rejected')).stdout, /^2 /m);
});

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { updateDocument } from '../../../test/support/sample-catalogue.ts';
import { TempStore } from '../../../test/support/temp-store.ts';
import type { UpdateId } from '../../metadata/update-identity.ts';
import { SETTINGS_TABLE } from '../../server/settings-table.ts';
import { createGroup } from '../groups.ts';
import { applyPolicy, viewPlan } from './apply-policy.ts';
import { readPolicy } from './policy-text.ts';

const page = readFileSync(new URL('../../../docs/policy.md', import.meta.url), 'utf8');

const classification = (number: number, title: string): Buffer =>
  updateDocument({
    id: `0a000000-0000-4000-8000-00000000080${number}` as UpdateId,
    type: 'Category',
    titles: { en: title },
    handler:
      `<HandlerSpecificData xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="cat:Category">` +
      `<CategoryInformation xmlns="http://schemas.microsoft.com/msus/2002/12/UpdateHandlers/Category" ` +
      `CategoryType="UpdateClassification"/></HandlerSpecificData>`,
  });

test('the example of the documentation is a policy that can be planned and applied', async () => {
  const text = /^```yaml\n(.*?)^```/ms.exec(page)?.[1] ?? '';
  const document = readPolicy(text, 'yaml', SETTINGS_TABLE);
  assert.deepEqual(Object.keys(document).sort(), [
    'groupRules',
    'groups',
    'rings',
    'rules',
    'settings',
    'version',
  ]);
  await using temp = await TempStore.open();
  await temp.import([classification(1, 'Security Updates'), classification(2, 'Critical Updates')]);
  const caller = { name: 'test' };
  await createGroup(temp.db, caller, { name: 'Office', nowMs: 1 });
  const { changes } = await viewPlan(temp.db, document, { prune: false });
  assert.ok(changes.some((one) => one.kind === 'rename' && one.name === 'Office'));
  await applyPolicy(temp.db, caller, { document, settings: SETTINGS_TABLE, nowMs: 1 });
  assert.deepEqual((await viewPlan(temp.db, document, { prune: true })).changes, []);
});

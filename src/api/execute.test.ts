import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Type } from 'typebox';
import { TempStore } from '../../test/support/temp-store.ts';
import { createGroup } from '../admin/groups.ts';
import { openHouse } from '../server/house.ts';
import { resolveSettings } from '../server/resolve-settings.ts';
import { executeChange } from './execute.ts';
import { defineChange, type AnyChangeOperation, type OperationContext } from './operation.ts';

const TEXT = Type.Object({ text: Type.String() });

function contextOf({ db, store, dataFolder, nowMs }: TempStore): OperationContext {
  return {
    db,
    house: openHouse({ dataFolder, store, settings: () => resolveSettings([]) }),
    principal: { name: 'test', role: 'administrator', kind: 'local' },
    nowMs,
  };
}

/** What it prepares is what it answers with. */
function preparing(prepare: (text: string) => Promise<string>): AnyChangeOperation {
  return defineChange({
    id: 'tests.change',
    method: 'POST',
    path: '/tests',
    role: 'reader',
    summary: 'Changes nothing',
    input: TEXT,
    result: TEXT,
    example: { input: { text: '' }, result: { text: '' } },
    prepare: ({ text }) => prepare(text),
    run: async (_context, _input, prepared) => ({ text: prepared }),
  });
}

test('others write while a change is prepared', async () => {
  await using temp = await TempStore.open();
  const context = contextOf(temp);
  const begun = Promise.withResolvers<void>();
  const { promise, resolve } = Promise.withResolvers<string>();
  const operation = preparing(() => {
    begun.resolve();
    return promise;
  });
  const changed = executeChange(context, operation, { text: 'wanted' });
  await begun.promise;
  await createGroup(temp.db, context.principal, { name: 'Berlin', nowMs: temp.nowMs });
  resolve('prepared');
  assert.deepEqual((await changed).result, { text: 'prepared' });
});

test('nothing is prepared for whoever may not ask, or for what is not as declared', async () => {
  await using temp = await TempStore.open();
  const context = contextOf(temp);
  const operation = preparing(() => assert.fail('it was prepared'));
  await assert.rejects(executeChange(context, operation, { text: 1 }), { code: 'OAK_INPUT_INVALID' });
  const scoped = { ...context, principal: { ...context.principal, scopes: ['groups'] } };
  await assert.rejects(executeChange(scoped, operation, { text: '' }), { code: 'OAK_FORBIDDEN' });
});

import assert from 'node:assert/strict';
import { executeList } from '../../src/api/execute.ts';
import type { Input } from '../../src/api/input.ts';
import type { AnyListOperation, OperationContext } from '../../src/api/operation.ts';
import { openHouse } from '../../src/server/house.ts';
import { resolveSettings } from '../../src/server/resolve-settings.ts';
import type { TempStore } from './temp-store.ts';

/** What operations are given for a store of a test, asked by a reader. */
export function readerOf(temp: TempStore): OperationContext {
  const resolved = resolveSettings([]);
  return {
    db: temp.db,
    house: openHouse({ dataFolder: temp.dataFolder, store: temp.store, settings: () => resolved }),
    principal: { name: 'test', role: 'reader', kind: 'local' },
    nowMs: temp.nowMs,
  };
}

/** A list as a whole, read page by page with cursors. */
export async function pagesOf(
  context: OperationContext,
  operation: AnyListOperation,
  asked: Input,
): Promise<Input[]> {
  const items: Input[] = [];
  let cursor: string | null = null;
  do {
    const page = await executeList(context, operation, { ...asked, ...(cursor === null ? {} : { cursor }) });
    assert.ok(page.items.length > 0 || page.next === null, 'a page that says more follow is not empty');
    items.push(...page.items);
    cursor = page.next;
    assert.ok(items.length < 10_000, 'the list ends');
  } while (cursor !== null);
  return items;
}

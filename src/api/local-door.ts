import { requireMayCall } from '../admin/identity/authenticate.ts';
import type { Principal } from '../admin/identity/roles.ts';
import type { Db } from '../store/schema.ts';
import type { Door } from './door.ts';
import { executeChange } from './execute.ts';
import { MOST_ITEMS, orderOf, parseInput, type Input } from './input.ts';
import type { House } from './house.ts';
import type { AnyChangeOperation, AnyReadOperation, OperationContext } from './operation.ts';
import type { SortKey } from './page.ts';

export interface LocalDoorOptions {
  readonly db: Db;
  readonly house: House;
  readonly principal: Principal;
  readonly now: () => number;
  readonly close: () => Promise<void>;
}

/** The door into a data folder: operations are run here and now. */
export function openLocalDoor(options: LocalDoorOptions): Door {
  const context = (): OperationContext => {
    const { db, house, principal, now } = options;
    return { db, house, principal, nowMs: now() };
  };
  return {
    async read(operation, input) {
      requireMayCall(options.principal, operation);
      return operation.run(context(), checked(operation, input));
    },
    async list(operation, input, most) {
      const filters = checked(operation, input);
      const items = [];
      let after: SortKey | undefined;
      do {
        const page = await operation.read(context(), filters, {
          ...orderOf(operation),
          limit: Math.min(MOST_ITEMS, most - items.length),
          ...(after === undefined ? {} : { after }),
        });
        items.push(...page.items);
        after = page.next;
      } while (after !== undefined && items.length < most);
      return items;
    },
    async change(operation, input) {
      const erased = operation as unknown as AnyChangeOperation;
      return (await executeChange(context(), erased, input)).result as never;
    },
    async job(operation, input, onStep) {
      requireMayCall(options.principal, operation);
      return operation.run(context(), checked(operation, input), {
        report: (done, total, what = '') => onStep?.({ done, total, what }),
        signal: new AbortController().signal,
      });
    },
    upload: async (path) => path,
    close: options.close,
  };
}

function checked<Given>(operation: { readonly input: unknown }, input: Given): Given {
  return parseInput(operation as AnyReadOperation, input as Input) as Given;
}

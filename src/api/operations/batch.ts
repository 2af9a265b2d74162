import { Type, type Static } from 'typebox';
import { requireMayCall } from '../../admin/identity/authenticate.ts';
import { inTransaction } from '../../admin/dry-run.ts';
import { OakumError } from '../../errors/oakum-error.ts';
import { parseInput, type Input } from '../input.ts';
import {
  defineChange,
  type AnyChangeOperation,
  type AnyOperation,
  type ChangeOperation,
  type OperationContext,
} from '../operation.ts';
import { PROBLEM, problemOf } from '../problem.ts';

const MOST_ITEMS = 1000;

const INPUT = Type.Object({
  items: Type.Array(
    Type.Object({
      operation: Type.String({
        maxLength: 100,
        description: 'The id of an operation that changes something.',
      }),
      input: Type.Optional(
        Type.Record(Type.String(), Type.Unknown(), {
          description: 'Everything it takes, whether its path, query or body carries it.',
        }),
      ),
    }),
    { minItems: 1, maxItems: MOST_ITEMS },
  ),
  together: Type.Optional(
    Type.Boolean({ description: 'All of it or nothing: when one fails, none of them is done.' }),
  ),
});

const ITEM = Type.Object({
  status: Type.Integer({ description: 'What the operation alone would have answered with.' }),
  result: Type.Unknown({ description: 'Its answer; null when it failed.' }),
  problem: Type.Union([PROBLEM, Type.Null()]),
});

const RESULT = Type.Object({
  items: Type.Array(ITEM, { description: 'In the order in which they were sent.' }),
  done: Type.Boolean({ description: 'False when nothing was done because one of them failed.' }),
});

type BatchResult = Static<typeof RESULT>;

/** Carries the answer out of a transaction that is taken back. */
class TakenBack {
  readonly items: BatchResult['items'];
  constructor(items: BatchResult['items']) {
    this.items = items;
  }
}

/** The operation that does many others, each with a result of its own. */
export function batchOver(operations: readonly AnyOperation[]): ChangeOperation<typeof INPUT, typeof RESULT> {
  const changes = new Map(
    operations.filter(isChange).map((operation) => [operation.id as string, operation]),
  );
  return defineChange({
    id: 'batch.run',
    method: 'POST',
    path: '/batch',
    role: 'reader',
    summary: 'Does many changes, each with a result of its own',
    description:
      'One after the other, in one transaction: nobody sees a part of it. Each takes the role that it takes alone. ' +
      'Not what answers with a secret or takes a password.',
    input: INPUT,
    result: RESULT,
    example: {
      input: { items: [{ operation: 'groups.create', input: { name: 'Berlin' } }] },
      result: {
        items: [
          {
            status: 409,
            result: null,
            problem: problemOf(new OakumError('OAK_GROUP_EXISTS', { detail: '"Berlin".' })),
          },
        ],
        done: true,
      },
    },
    async run(context, { items, together = false }) {
      try {
        return await inTransaction(context.db, false, async (tx) => {
          const inside = { ...context, db: tx };
          const results: BatchResult['items'] = [];
          for (const { operation, input = {} } of items)
            results.push(await one(inside, changes.get(operation), operation, input));
          // oxlint-disable-next-line typescript/only-throw-error -- no error: the way a transaction is taken back
          if (together && results.some(({ problem }) => problem !== null)) throw new TakenBack(results);
          return { items: results, done: true };
        });
      } catch (thrown) {
        if (thrown instanceof TakenBack) return { items: thrown.items.map(takenBack), done: false };
        throw thrown;
      }
    },
  });
}

/** What went well is undone with the rest. */
function takenBack(item: BatchResult['items'][number]): BatchResult['items'][number] {
  if (item.problem !== null) return item;
  const error = new OakumError('OAK_BATCH_TAKEN_BACK');
  return { status: error.definition.status, result: null, problem: problemOf(error) };
}

function isChange(operation: AnyOperation): operation is AnyChangeOperation {
  // A secret would be kept with the answer for whoever repeats the request; see also ChangeOperation.prepare.
  return operation.kind === 'change' && operation.isSecret !== true && operation.prepare === undefined;
}

async function one(
  context: OperationContext,
  operation: AnyChangeOperation | undefined,
  id: string,
  given: Input,
): Promise<BatchResult['items'][number]> {
  try {
    if (operation === undefined)
      throw new OakumError('OAK_INPUT_INVALID', { detail: `"${id}" is no operation that a batch can do.` });
    requireMayCall(context.principal, operation);
    const input = parseInput(operation, given);
    const result: unknown = await inTransaction(context.db, false, (tx) =>
      operation.run({ ...context, db: tx }, input as never, undefined),
    );
    return { status: operation.status ?? 200, result, problem: null };
  } catch (error) {
    if (!(error instanceof OakumError)) throw error;
    return { status: error.definition.status, result: null, problem: problemOf(error) };
  }
}

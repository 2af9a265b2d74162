import type { Tx } from './schema.ts';

/** How long a change may be sent again: longer than any client retries. */
const KEPT_MS = 24 * 3_600_000;

export interface IdempotentAnswer {
  /** Digest of what was asked for. */
  readonly request: string;
  /** JSON; null for what is not kept. */
  readonly result: string | null;
}

/** What was answered when a caller sent this key before. */
export async function readIdempotent(
  tx: Tx,
  { caller, key }: { readonly caller: string; readonly key: string },
): Promise<IdempotentAnswer | undefined> {
  return tx
    .selectFrom('idempotent_change')
    .select(['request', 'result'])
    .where('caller', '=', caller)
    .where('key', '=', key)
    .executeTakeFirst();
}

/** Remembers an answer in the transaction of the change, and forgets what nobody sends again. */
export async function rememberIdempotent(
  tx: Tx,
  answer: IdempotentAnswer & { readonly caller: string; readonly key: string; readonly nowMs: number },
): Promise<void> {
  const { nowMs, ...row } = answer;
  await tx
    .deleteFrom('idempotent_change')
    .where('created_ms', '<', nowMs - KEPT_MS)
    .execute();
  await tx
    .insertInto('idempotent_change')
    .values({ ...row, created_ms: nowMs })
    .execute();
}

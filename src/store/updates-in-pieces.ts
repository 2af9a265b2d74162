import type { Tx } from './schema.ts';

/** So many that each statement is worth its way, so few that their rows stay small beside the catalogue. */
const UPDATES_AT_ONCE = 2_000;

/** Numbers of updates, some at a time; of all there are, in ascending order. */
export async function* updatesInPieces(
  tx: Tx,
  which: readonly number[] | 'all',
): AsyncGenerator<readonly number[]> {
  if (which === 'all') yield* allUpdates(tx);
  else
    for (let from = 0; from < which.length; from += UPDATES_AT_ONCE)
      yield which.slice(from, from + UPDATES_AT_ONCE);
}

async function* allUpdates(tx: Tx): AsyncGenerator<readonly number[]> {
  for (let after = 0; ;) {
    const rows = await tx
      .selectFrom('update_entry')
      .select('number')
      .where('number', '>', after)
      .orderBy('number')
      .limit(UPDATES_AT_ONCE)
      .execute();
    if (rows.length === 0) return;
    yield rows.map((row) => row.number);
    after = rows.at(-1)!.number;
  }
}

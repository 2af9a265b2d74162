import type { DbOrTx } from './schema.ts';

/** An import that began and has not ended. */
export interface UnfinishedImport {
  readonly id: number;
  readonly source: string;
  readonly startedMs: number;
}

/** When metadata came last. */
export interface ImportTimes {
  /** Null when none has ended yet. */
  readonly lastMs: number | null;
  readonly unfinished: readonly UnfinishedImport[];
}

export async function readImportTimes(db: DbOrTx): Promise<ImportTimes> {
  const last = await db
    .selectFrom('import')
    .select((eb) => eb.fn.max('finished_ms').as('last_ms'))
    .executeTakeFirst();
  const unfinished = await db
    .selectFrom('import')
    .select(['id', 'source', 'started_ms'])
    .where('finished_ms', 'is', null)
    .orderBy('started_ms')
    .execute();
  return {
    lastMs: last?.last_ms ?? null,
    unfinished: unfinished.map((row) => ({ id: row.id, source: row.source, startedMs: row.started_ms })),
  };
}

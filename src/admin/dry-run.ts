import type { Db, Tx } from '../store/schema.ts';

/** Carries a result out of a transaction that is taken back. */
class Undone<T> {
  readonly result: T;
  constructor(result: T) {
    this.result = result;
  }
}

/**
 * Does some work in one transaction, or, for a dry run, does it and takes it back: what a dry run tells is what
 * the run then does, because it is the same work.
 */
export async function inTransaction<T>(
  db: Db,
  dryRun: boolean | undefined,
  work: (tx: Tx) => Promise<T>,
): Promise<T> {
  try {
    return await db.transaction().execute(async (tx) => {
      const result = await work(tx);
      // oxlint-disable-next-line typescript/only-throw-error -- no error: the way Kysely rolls back
      if (dryRun === true) throw new Undone(result);
      return result;
    });
  } catch (thrown) {
    if (thrown instanceof Undone) return (thrown as Undone<T>).result;
    throw thrown;
  }
}

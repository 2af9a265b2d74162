import { sql } from 'kysely';
import type { DbOrTx, Tx } from '../store/schema.ts';

/** Carries a result out of a transaction that is taken back. */
class Undone<T> {
  readonly result: T;
  constructor(result: T) {
    this.result = result;
  }
}

/**
 * Does some work in one transaction, or, for a dry run, does it and takes it back: what a dry run tells is what
 * the run then does, because it is the same work. Inside a transaction it is a part of that one, and is taken back
 * alone when it fails.
 */
export async function inTransaction<T>(
  db: DbOrTx,
  dryRun: boolean | undefined,
  work: (tx: Tx) => Promise<T>,
): Promise<T> {
  const workOrUndo = async (tx: Tx): Promise<T> => {
    const result = await work(tx);
    // oxlint-disable-next-line typescript/only-throw-error -- no error: the way Kysely rolls back
    if (dryRun === true) throw new Undone(result);
    return result;
  };
  try {
    return await (db.isTransaction
      ? inSavepoint(db as Tx, workOrUndo)
      : db.transaction().execute(workOrUndo));
  } catch (thrown) {
    if (thrown instanceof Undone) return (thrown as Undone<T>).result;
    throw thrown;
  }
}

/** A name may be used again inside itself: SQLite releases and rolls back to the innermost one. */
async function inSavepoint<T>(tx: Tx, work: (tx: Tx) => Promise<T>): Promise<T> {
  await sql`SAVEPOINT part`.execute(tx);
  try {
    const result = await work(tx);
    await sql`RELEASE part`.execute(tx);
    return result;
  } catch (thrown) {
    await sql`ROLLBACK TO part`.execute(tx);
    await sql`RELEASE part`.execute(tx);
    throw thrown;
  }
}

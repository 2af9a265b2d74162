import { DatabaseSync } from 'node:sqlite';
import { sql } from 'kysely';
import type { DbOrTx } from './schema.ts';
import { setServerValue } from './server-state.ts';

/** By what a store is told from another one, and from itself at another time. */
export interface StoreFacts {
  readonly identity: string;
  /** The last migration. */
  readonly schema: string;
  /** The change number of the catalogue, which clients' cookies remember. */
  readonly catalogChange: number;
  /** The last deployment id that was given to something. */
  readonly deploymentId: number;
  /** The last revision id that was given, also if that revision is gone. */
  readonly highestRevisionId: number;
  readonly lastAuditNumber: number;
  /** Its hash: by both, the log is known up to there, see `oakum audit verify --head`. */
  readonly lastAuditHash: string | null;
}

/**
 * Reads them from a database file, of any version of Oakum.
 *
 * @throws Error when it cannot be read or is not a store
 */
export function readStoreFacts(path: string): StoreFacts {
  const database = new DatabaseSync(path, { readOnly: true });
  try {
    const value = (statement: string): unknown => Object.values(database.prepare(statement).get() ?? {})[0];
    const count = (statement: string): number => Number(value(statement) ?? 0);
    const hash = (statement: string): string | null => {
      const found = value(statement);
      return typeof found === 'string' && /^[0-9a-f]{64}$/.test(found) ? found : null;
    };
    const identity = value(`SELECT value FROM server WHERE key = 'identity'`);
    if (typeof identity !== 'string') throw new Error('it has no server identity');
    const hasAudit = value(`SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'audit'`) === 1;
    return {
      identity,
      schema: String(value(`SELECT max(name) FROM kysely_migration`)),
      catalogChange: count(`SELECT value FROM sequence WHERE name = 'catalog_change'`),
      deploymentId: count(`SELECT value FROM sequence WHERE name = 'deployment_id'`),
      highestRevisionId: count(`SELECT seq FROM sqlite_sequence WHERE name = 'revision'`),
      lastAuditNumber: hasAudit ? count(`SELECT max(number) FROM audit`) : 0,
      lastAuditHash: hasAudit
        ? hash(`SELECT lower(hex(hash)) FROM audit ORDER BY number DESC LIMIT 1`)
        : null,
    };
  } finally {
    database.close();
  }
}

/** Whether the tables have the audit log yet: a store of an older version may be as it is. */
export async function hasAuditLog(db: DbOrTx): Promise<boolean> {
  const { rows } = await sql`SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'audit'`.execute(db);
  return rows.length > 0;
}

/** When the last backup succeeded whose state this store has; undefined for never. */
export async function readLastBackup(db: DbOrTx): Promise<number | undefined> {
  const row = await db
    .selectFrom('server')
    .select('value')
    .where('key', '=', 'last_backup_ms')
    .executeTakeFirst();
  return row === undefined ? undefined : Number(row.value);
}

export async function noteBackup(db: DbOrTx, timeMs: number): Promise<void> {
  await setServerValue(db, 'last_backup_ms', String(timeMs));
}

/** Makes every cookie invalid that clients have: they are told ServerChanged and name their updates anew. */
export async function replaceIdentity(db: DbOrTx, identity: string): Promise<void> {
  await setServerValue(db, 'identity', identity);
}

/** Ends what was signed in at the time of a backup: nobody is there any more to whom it belongs. */
export async function endAllSessions(db: DbOrTx): Promise<void> {
  await sql`DELETE FROM session`.execute(db);
  await sql`DELETE FROM sign_in_link`.execute(db);
  await sql`DELETE FROM oidc_pending`.execute(db);
}

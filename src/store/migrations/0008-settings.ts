import { sql, type Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

/** Settings that administrators keep in the store, and the policy that was applied last. */
const STATEMENTS = [
  `CREATE TABLE setting (
     key TEXT PRIMARY KEY,
     value TEXT NOT NULL,
     changed_ms INTEGER NOT NULL,
     caller TEXT NOT NULL) WITHOUT ROWID`,
  `CREATE TABLE policy (
     id INTEGER PRIMARY KEY CHECK (id = 1),
     document TEXT NOT NULL,
     applied_ms INTEGER NOT NULL,
     caller TEXT NOT NULL)`,
];

export const settings: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
  },
};

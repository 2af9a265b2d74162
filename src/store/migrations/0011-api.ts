import { sql, type Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

/** What programs need that administer: changes that may be sent twice, and work that takes its time. */
const STATEMENTS = [
  `CREATE TABLE idempotent_change (
     caller TEXT NOT NULL,
     key TEXT NOT NULL,
     request TEXT NOT NULL,
     result TEXT,
     created_ms INTEGER NOT NULL,
     PRIMARY KEY (caller, key)) WITHOUT ROWID`,
  `CREATE INDEX idempotent_change_created ON idempotent_change (created_ms)`,
  // AUTOINCREMENT: a number that was told to somebody never means another job.
  `CREATE TABLE job (
     id INTEGER PRIMARY KEY AUTOINCREMENT,
     operation TEXT NOT NULL,
     input TEXT NOT NULL,
     caller TEXT NOT NULL,
     role TEXT NOT NULL,
     state TEXT NOT NULL,
     done INTEGER NOT NULL DEFAULT 0,
     total INTEGER NOT NULL DEFAULT 0,
     what TEXT NOT NULL DEFAULT '',
     result TEXT,
     error_code TEXT,
     error_detail TEXT,
     created_ms INTEGER NOT NULL,
     started_ms INTEGER,
     ended_ms INTEGER,
     cancelled_by TEXT)`,
  `CREATE INDEX job_state ON job (state, id)`,
];

export const api: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
  },
};

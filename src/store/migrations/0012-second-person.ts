import { sql, type Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

/** Approvals that wait for a second person. */
const STATEMENTS = [
  `CREATE TABLE approval_request (
     id INTEGER PRIMARY KEY AUTOINCREMENT,
     body TEXT NOT NULL,
     caller TEXT NOT NULL,
     person TEXT NOT NULL,
     state TEXT NOT NULL,
     requested_ms INTEGER NOT NULL,
     decided_ms INTEGER,
     decided_by TEXT)`,
  `CREATE INDEX approval_request_state ON approval_request (state, id)`,
];

export const secondPerson: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
  },
};

import { sql, type Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

/** What scans tell about computers, computers that share an id, and what housekeeping has done. */
const STATEMENTS = [
  `ALTER TABLE computer ADD COLUMN greeted_name TEXT`,
  `ALTER TABLE computer ADD COLUMN last_scan_ms INTEGER`,
  `ALTER TABLE computer ADD COLUMN installed_set BLOB`,
  // A fleet has few of them, each named by hundreds of computers: see installed-sets.ts.
  `CREATE TABLE installed_set (digest BLOB PRIMARY KEY, ids BLOB NOT NULL) WITHOUT ROWID`,
  `CREATE TABLE computer_identity (
     client_id TEXT NOT NULL REFERENCES computer (client_id) ON DELETE CASCADE,
     kind INTEGER NOT NULL,
     identity TEXT NOT NULL,
     last_ms INTEGER NOT NULL,
     PRIMARY KEY (client_id, kind, identity)) WITHOUT ROWID`,
  `CREATE TABLE finding (
     kind TEXT NOT NULL,
     client_id TEXT NOT NULL REFERENCES computer (client_id) ON DELETE CASCADE,
     first_ms INTEGER NOT NULL,
     last_ms INTEGER NOT NULL,
     times INTEGER NOT NULL,
     PRIMARY KEY (kind, client_id)) WITHOUT ROWID`,
  `CREATE INDEX finding_computer ON finding (client_id)`,
  `CREATE TABLE housekeeping_task (
     task TEXT PRIMARY KEY,
     started_ms INTEGER NOT NULL,
     finished_ms INTEGER) WITHOUT ROWID`,
  `CREATE TABLE housekeeping_run (
     id INTEGER PRIMARY KEY AUTOINCREMENT,
     task TEXT NOT NULL,
     caller TEXT NOT NULL,
     started_ms INTEGER NOT NULL,
     finished_ms INTEGER,
     actions INTEGER NOT NULL)`,
  `CREATE TABLE housekeeping_action (
     id INTEGER PRIMARY KEY,
     run_id INTEGER NOT NULL REFERENCES housekeeping_run (id) ON DELETE CASCADE,
     time_ms INTEGER NOT NULL,
     subject TEXT NOT NULL,
     title TEXT NOT NULL,
     reason TEXT NOT NULL)`,
  `CREATE INDEX housekeeping_action_run ON housekeeping_action (run_id)`,
  `CREATE TABLE unneeded_file (
     digest BLOB PRIMARY KEY,
     since_ms INTEGER NOT NULL,
     doomed INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID`,
  // Housekeeping asks which files nobody names any more.
  `CREATE INDEX revision_file_digest ON revision_file (digest)`,
];

export const upkeep: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
  },
};

import { sql, type Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

/**
 * One index on events instead of two, with the computer first: what one computer reports lies together, so
 * a batch touches one page of it and not one or two for each event. An instance id counts once for each
 * computer: nobody can keep somebody else's event out by sending its id first.
 */
const STATEMENTS = [
  `CREATE TABLE event_new (
     instance_id TEXT NOT NULL,
     client_id TEXT NOT NULL,
     namespace_id INTEGER NOT NULL,
     event_id INTEGER NOT NULL,
     source_id INTEGER NOT NULL,
     time_ms INTEGER NOT NULL,
     received_ms INTEGER NOT NULL,
     update_id TEXT,
     revision_number INTEGER,
     hresult INTEGER NOT NULL,
     app_name TEXT NOT NULL,
     replacement_strings TEXT NOT NULL,
     misc_data TEXT NOT NULL)`,
  `INSERT INTO event_new
   SELECT instance_id, client_id, namespace_id, event_id, source_id, time_ms, received_ms,
     update_id, revision_number, hresult, app_name, replacement_strings, misc_data
   FROM event ORDER BY rowid`,
  `DROP TABLE event`,
  `ALTER TABLE event_new RENAME TO event`,
  `CREATE UNIQUE INDEX event_once ON event (client_id, instance_id)`,
];

export const eventKey: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
  },
};

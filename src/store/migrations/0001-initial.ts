import { sql, type Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

/** Written out, not derived from today's schema: what a released store was made with never changes. */
const STATEMENTS = [
  `CREATE TABLE server (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID`,
  `CREATE TABLE sequence (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID`,
  `INSERT INTO sequence VALUES ('catalog_change', 1), ('fleet_change', 1), ('deployment_id', 1)`,
  `CREATE TABLE update_entry (
     number INTEGER PRIMARY KEY AUTOINCREMENT,
     update_id TEXT NOT NULL UNIQUE,
     declined INTEGER NOT NULL DEFAULT 0,
     deployment_id INTEGER NOT NULL DEFAULT 0,
     deployment_ms INTEGER NOT NULL DEFAULT 0,
     deployment_change INTEGER NOT NULL DEFAULT 0)`,
  `CREATE TABLE import (
     id INTEGER PRIMARY KEY AUTOINCREMENT,
     source TEXT NOT NULL,
     started_ms INTEGER NOT NULL,
     finished_ms INTEGER)`,
  // AUTOINCREMENT: an id that was given is never given again, also after a deletion.
  `CREATE TABLE revision (
     id INTEGER PRIMARY KEY AUTOINCREMENT,
     update_number INTEGER NOT NULL REFERENCES update_entry (number),
     revision_number INTEGER NOT NULL,
     type INTEGER NOT NULL,
     flags INTEGER NOT NULL,
     relations BLOB NOT NULL,
     core_bytes INTEGER NOT NULL,
     imported_ms INTEGER NOT NULL,
     change INTEGER,
     import_id INTEGER REFERENCES import (id),
     created_ms INTEGER,
     title TEXT NOT NULL,
     default_language TEXT NOT NULL,
     category_type TEXT,
     handler TEXT,
     msrc_severity TEXT,
     kb_articles TEXT NOT NULL,
     security_bulletins TEXT NOT NULL,
     cves TEXT NOT NULL,
     eula_id TEXT,
     UNIQUE (update_number, revision_number))`,
  `CREATE INDEX revision_staged ON revision (import_id) WHERE change IS NULL`,
  `CREATE TABLE document (
     revision_id INTEGER PRIMARY KEY REFERENCES revision (id) ON DELETE CASCADE,
     body BLOB NOT NULL)`,
  `CREATE TABLE fragment (
     revision_id INTEGER NOT NULL REFERENCES revision (id) ON DELETE CASCADE,
     kind INTEGER NOT NULL,
     language TEXT NOT NULL,
     geo_id TEXT NOT NULL,
     body BLOB NOT NULL,
     PRIMARY KEY (revision_id, kind, language, geo_id))`,
  `CREATE TABLE file (
     digest BLOB PRIMARY KEY,
     sha256 BLOB,
     name TEXT NOT NULL,
     size INTEGER NOT NULL) WITHOUT ROWID`,
  `CREATE TABLE revision_file (
     revision_id INTEGER NOT NULL REFERENCES revision (id) ON DELETE CASCADE,
     digest BLOB NOT NULL REFERENCES file (digest),
     PRIMARY KEY (revision_id, digest)) WITHOUT ROWID`,
  `CREATE TABLE driver (
     revision_id INTEGER NOT NULL REFERENCES revision (id) ON DELETE CASCADE,
     hardware_id TEXT NOT NULL,
     ver_date_ms INTEGER NOT NULL,
     ver_version TEXT NOT NULL,
     whql_driver_id INTEGER NOT NULL,
     class TEXT NOT NULL,
     provider TEXT NOT NULL,
     manufacturer TEXT NOT NULL,
     model TEXT NOT NULL,
     feature_scores TEXT NOT NULL,
     distribution_ids TEXT NOT NULL,
     target_ids TEXT NOT NULL)`,
  `CREATE INDEX driver_revision ON driver (revision_id)`,
  `CREATE TABLE target_group (
     id TEXT PRIMARY KEY,
     name TEXT NOT NULL COLLATE NOCASE UNIQUE,
     parent_id TEXT REFERENCES target_group (id)) WITHOUT ROWID`,
  `CREATE TABLE computer (
     client_id TEXT PRIMARY KEY,
     dns_name TEXT NOT NULL,
     address TEXT NOT NULL,
     requested_groups TEXT NOT NULL,
     first_seen_ms INTEGER NOT NULL,
     last_contact_ms INTEGER NOT NULL,
     registered_ms INTEGER,
     os_major INTEGER, os_minor INTEGER, os_build INTEGER, os_sp_major INTEGER, os_sp_minor INTEGER,
     os_locale TEXT, manufacturer TEXT, model TEXT, bios_version TEXT, bios_name TEXT,
     bios_release_date TEXT, processor_architecture TEXT, suite_mask INTEGER,
     old_product_type INTEGER, new_product_type INTEGER, system_metrics INTEGER, client_version TEXT,
     os_description TEXT, oem TEXT, device_type TEXT, firmware_version TEXT, mobile_operator TEXT
   ) WITHOUT ROWID`,
  `CREATE TABLE computer_group (
     client_id TEXT NOT NULL REFERENCES computer (client_id) ON DELETE CASCADE,
     group_id TEXT NOT NULL REFERENCES target_group (id) ON DELETE CASCADE,
     PRIMARY KEY (client_id, group_id)) WITHOUT ROWID`,
  `CREATE INDEX computer_group_members ON computer_group (group_id)`,
  `CREATE TABLE approval (
     update_number INTEGER NOT NULL REFERENCES update_entry (number),
     group_id TEXT NOT NULL REFERENCES target_group (id) ON DELETE CASCADE,
     action TEXT NOT NULL,
     deadline_ms INTEGER,
     deployment_id INTEGER NOT NULL,
     approved_ms INTEGER NOT NULL,
     PRIMARY KEY (update_number, group_id)) WITHOUT ROWID`,
  `CREATE TABLE event (
     instance_id TEXT PRIMARY KEY,
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
  `CREATE INDEX event_client ON event (client_id, time_ms)`,
];

export const initial: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
  },
};

import { sql, type Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';
import { indexUpdates } from '../update-index.ts';

/**
 * What lists of updates are read from: a row for each update that has a published revision, and the words it is
 * found by. Both are made from the newest published revision, see update-index.ts.
 *
 * - `listed_update` has what updates are sorted by, so that a page of a list is read along an index.
 * - `update_relation` has who supersedes, bundles or categorises whom, for the way back.
 * - `update_text` keeps the index alone, not the words: those are in the revisions.
 */
const STATEMENTS = [
  `CREATE TABLE listed_update (
     number INTEGER PRIMARY KEY,
     revision_id INTEGER NOT NULL,
     sort_title TEXT NOT NULL,
     imported_ms INTEGER NOT NULL,
     severity INTEGER NOT NULL)`,
  `CREATE INDEX listed_update_title ON listed_update (sort_title, number)`,
  `CREATE INDEX listed_update_imported ON listed_update (imported_ms, number)`,
  `CREATE TABLE update_relation (
     target INTEGER NOT NULL,
     kind INTEGER NOT NULL,
     number INTEGER NOT NULL,
     PRIMARY KEY (target, kind, number)) WITHOUT ROWID`,
  `CREATE INDEX update_relation_number ON update_relation (number)`,
  `CREATE VIRTUAL TABLE update_text USING fts5 (
     title, numbers, categories, drivers,
     content = '', contentless_delete = 1,
     tokenize = 'unicode61 remove_diacritics 2', prefix = '2 3')`,
  `CREATE INDEX approval_time ON approval (approved_ms, update_number, group_id)`,
  `CREATE INDEX file_name ON file (name, digest)`,
];

export const search: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
    await indexUpdates(db, 'all');
  },
};

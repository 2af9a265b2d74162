import type { DatabaseSync } from 'node:sqlite';

/** Problems that are listed; one is enough to restore a backup. */
const LISTED = 20;

/**
 * What is wrong with the database as SQLite sees it: pages, indexes and references between tables. Reads all of it,
 * about a second for each gigabyte.
 */
export function integrityProblems(database: DatabaseSync): string[] {
  const pages = database
    .prepare(`PRAGMA quick_check(${LISTED})`)
    .all()
    .map((row) => String(row.quick_check))
    .filter((text) => text !== 'ok');
  // A damaged tree cannot be followed.
  if (pages.length > 0) return pages;
  return database
    .prepare('PRAGMA foreign_key_check')
    .all()
    .slice(0, LISTED)
    .map(
      (row) => `row ${String(row.rowid)} of ${String(row.table)} names what is not in ${String(row.parent)}`,
    );
}

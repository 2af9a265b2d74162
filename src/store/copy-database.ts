import { backup, DatabaseSync } from 'node:sqlite';

/** 4 MiB with pages of 4 KiB: few enough to be stopped soon, enough that the way to the thread costs nothing. */
const PAGES_AT_ONCE = 1024;

export interface CopyOptions {
  /** Told after each step; whatever it throws ends the copy. */
  readonly onProgress?: (done: number, of: number) => void;
}

/**
 * Copies a database that others are writing, as it stood at one moment, and checks the copy.
 *
 * SQLite's online backup begins anew with every commit of another connection, and on a busy server never ends. A
 * read transaction that is open before it begins holds the moment; in the write-ahead log it hinders no writer.
 * What it costs: the log grows by what is written meanwhile. `VACUUM INTO` would be as consistent, half as fast,
 * and gives rows without a key of their own new rowids, which journals and the search index go by.
 *
 * The copy is one file: it is taken out of the write-ahead log, so that no second file belongs to it. It is not yet
 * synchronised with the disk.
 *
 * @throws Error when a file cannot be read or written, or the copy is not sound
 */
export async function copyDatabase(from: string, to: string, options: CopyOptions = {}): Promise<void> {
  const source = new DatabaseSync(from, { readOnly: true });
  try {
    source.exec('BEGIN; SELECT 1 FROM sqlite_master');
    await backup(source, to, {
      rate: PAGES_AT_ONCE,
      progress: ({ totalPages, remainingPages }) =>
        options.onProgress?.(totalPages - remainingPages, totalPages),
    });
  } finally {
    source.close();
  }
  const copy = new DatabaseSync(to);
  try {
    copy.exec('PRAGMA journal_mode = DELETE');
    checkDatabase(copy, 'quick_check');
  } finally {
    copy.close();
  }
}

/**
 * @param how `quick_check` reads every page once (about 1 GB/s); `integrity_check` also compares the indexes
 * @throws Error with the first thing that is wrong
 */
export function checkDatabase(database: DatabaseSync, how: 'quick_check' | 'integrity_check'): void {
  const [first] = database.prepare(`PRAGMA ${how}(1)`).all();
  const found = String(Object.values(first ?? {})[0] ?? 'nothing');
  if (found !== 'ok') throw new Error(`the database is damaged: ${found.replaceAll(/\s+/g, ' ')}`);
}

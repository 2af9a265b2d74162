import { existsSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { pathToFileURL } from 'node:url';
import { Kysely } from 'kysely';
import { OakumError } from '../errors/oakum-error.ts';
import { databasePath } from './connect.ts';
import { MIGRATIONS } from './migrations/index.ts';
import type { Database, Db } from './schema.ts';
import { nodeSqliteDialect } from './sqlite/node-sqlite-dialect.ts';

/** A store that is only looked at. */
export interface ReadOnlyStore extends Disposable {
  readonly db: Db;
  readonly database: DatabaseSync;
  /** Migrations that the next start will carry out: until then tables may be missing. */
  readonly pending: readonly string[];
  /** Migrations of a newer version, which this one cannot read. */
  readonly unknown: readonly string[];
}

const BUSY_TIMEOUT_MS = 10_000;

/**
 * Opens a store without creating, migrating or changing it, whether a server runs on it or not.
 *
 * @throws OakumError OAK_STORE_MISSING, OAK_STORE_UNUSABLE with the reason
 */
export function openReadOnlyStore(dataFolder: string): ReadOnlyStore {
  const path = databasePath(dataFolder);
  if (!existsSync(path)) throw new OakumError('OAK_STORE_MISSING', { detail: `${path} does not exist.` });
  using opened = new DisposableStack();
  try {
    const database = opened.use(openFile(path));
    const done = migrationsOf(database);
    const known = Object.keys(MIGRATIONS);
    opened.move();
    return {
      db: new Kysely<Database>({ dialect: nodeSqliteDialect(database) }),
      database,
      pending: known.filter((name) => !done.includes(name)),
      unknown: done.filter((name) => !known.includes(name)),
      [Symbol.dispose]: () => database.close(),
    };
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new OakumError('OAK_STORE_UNUSABLE', { detail: `${path}: ${reason}.`, cause });
  }
}

// Without a log beside it nobody has it open, and it can be read as a file that never changes: SQLite would
// otherwise make a log of its own and leave it behind.
function openFile(path: string): DatabaseSync {
  const url = pathToFileURL(path);
  if (!existsSync(`${path}-wal`)) url.searchParams.set('immutable', '1');
  return new DatabaseSync(url, { readOnly: true, timeout: BUSY_TIMEOUT_MS });
}

function migrationsOf(database: DatabaseSync): string[] {
  const table = database.prepare("SELECT 1 FROM sqlite_master WHERE name = 'kysely_migration'").get();
  if (table === undefined) throw new Error('it is not the store of an update server');
  return database
    .prepare('SELECT name FROM kysely_migration ORDER BY name')
    .all()
    .map((row) => String(row.name));
}

import { randomUUID } from 'node:crypto';
import { mkdirSync, statSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';
import { Kysely } from 'kysely';
import { Migrator } from 'kysely/migration';
import { OakumError } from '../errors/oakum-error.ts';
import { connect, databasePath } from './connect.ts';
import { MIGRATIONS } from './migrations/index.ts';
import { finishRestore, isRestorePending } from './pending-restore.ts';
import type { Database, Db } from './schema.ts';
import { seedServer } from './server-state.ts';
import { nodeSqliteDialect } from './sqlite/node-sqlite-dialect.ts';
import { holdStoreAlone, shareStore } from './store-hold.ts';

export interface Store {
  /** The one connection that writes; its transactions queue behind each other. */
  readonly db: Db;
  /** A second connection, read-only and synchronous, for hot prepared statements. Never blocked by writers. */
  readonly reader: DatabaseSync;
  close(): Promise<void>;
}

export interface OpenStoreOptions {
  /** The data folder. Created when missing. */
  readonly dataFolder: string;
  readonly now: () => number;
  /** Refuse to create a store: for whoever can do nothing with an empty one. */
  readonly mustExist?: boolean;
  /** Leaves the tables as an older version made them: for a backup, which is what one takes before an upgrade. */
  readonly asItIs?: boolean;
}

/**
 * Opens the embedded database, creating or migrating it as needed. As long as it is open nobody can put another
 * one in its place; a restore that was cut off is finished first.
 *
 * @throws OakumError OAK_STORE_UNUSABLE with the reason, when it cannot be opened or is not Oakum's;
 *   OAK_STORE_MISSING when there is none and one must exist; OAK_RESTORE_UNDER_WAY
 */
export async function openStore(options: OpenStoreOptions): Promise<Store> {
  const path = databasePath(options.dataFolder);
  if (isRestorePending(options.dataFolder)) completeRestore(options.dataFolder);
  if (options.mustExist === true && isMissing(path)) {
    throw new OakumError('OAK_STORE_MISSING', { detail: `${path} does not exist.` });
  }
  using opened = new DisposableStack();
  try {
    // Password hashes, keys and what computers run are in it: nobody else's business.
    mkdirSync(options.dataFolder, { recursive: true, mode: 0o700 });
    const hold = opened.use(shareStore(options.dataFolder));
    const writer = opened.use(connect(path, { readOnly: false, cacheMebibytes: 64 }));
    refuseNewer(writer);
    const db = new Kysely<Database>({ dialect: nodeSqliteDialect(writer) });
    if (options.asItIs !== true) {
      await migrate(db);
      await seedServer(db, { identity: randomUUID(), nowMs: options.now() });
    }
    const reader = opened.use(connect(path, { readOnly: true, cacheMebibytes: 8 }));
    opened.move();
    return {
      db,
      reader,
      close: async () => {
        reader.close();
        await db.destroy();
        hold[Symbol.dispose]();
      },
    };
  } catch (cause) {
    if (cause instanceof OakumError) throw cause;
    throw unusable(path, cause);
  }
}

function unusable(path: string, cause: unknown): OakumError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new OakumError('OAK_STORE_UNUSABLE', { detail: `${path}: ${reason.replace(/\.$/, '')}.`, cause });
}

/** Of several that start together one finishes it, and the others wait for that. */
function completeRestore(dataFolder: string): void {
  try {
    using _alone = holdStoreAlone(dataFolder);
    if (isRestorePending(dataFolder)) finishRestore(dataFolder);
  } catch (error) {
    if (!(error instanceof OakumError)) throw unusable(databasePath(dataFolder), error);
    shareStore(dataFolder)[Symbol.dispose]();
  }
}

/** What cannot even be looked at is not missing: opening it says why. */
function isMissing(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false }) === undefined;
  } catch {
    return false;
  }
}

/** Migrations this version does not know may have changed what the tables mean. */
function refuseNewer(database: DatabaseSync): void {
  const migrated = database.prepare("SELECT 1 FROM sqlite_master WHERE name = 'kysely_migration'").get();
  if (migrated === undefined) return;
  for (const { name } of database.prepare('SELECT name FROM kysely_migration').all()) {
    if (Object.hasOwn(MIGRATIONS, String(name))) continue;
    throw new Error(`a newer version of Oakum has changed it (migration ${String(name)})`);
  }
}

async function migrate(db: Db): Promise<void> {
  const migrator = new Migrator({ db, provider: { getMigrations: async () => ({ ...MIGRATIONS }) } });
  const { error } = await migrator.migrateToLatest();
  if (error !== undefined) throw error;
}

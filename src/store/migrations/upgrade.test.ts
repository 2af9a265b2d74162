import assert from 'node:assert/strict';
import type { DatabaseSync } from 'node:sqlite';
import { describe, test } from 'node:test';
import { Kysely, sql } from 'kysely';
import { Migrator, type Migration } from 'kysely/migration';
import { TempFolder } from '../../../test/support/temp-store.ts';
import { xpressEncode } from '../../soap/xpress.ts';
import { connect, databasePath } from '../connect.ts';
import { openStore } from '../open-store.ts';
import { pack } from '../packing.ts';
import { encodeRelations } from '../relations-codec.ts';
import { nodeSqliteDialect } from '../sqlite/node-sqlite-dialect.ts';
import { MIGRATIONS } from './index.ts';

/** A store of every version, with rows in every table it had, becomes one of this version. */

const NAMES = Object.keys(MIGRATIONS).sort();
/** Statistics that SQLite makes by itself, and Kysely's own record. */
const NOT_OURS = /^(?:sqlite_|kysely_)/;
const BODY = Buffer.from('<Update/>'.repeat(20));

type Row = Readonly<Record<string, unknown>>;

async function migrateTo(
  database: DatabaseSync,
  name: string,
  migrations: Readonly<Record<string, Migration>> = MIGRATIONS,
): Promise<unknown> {
  const db = new Kysely<unknown>({ dialect: nodeSqliteDialect(database) });
  const migrator = new Migrator({ db, provider: { getMigrations: async () => ({ ...migrations }) } });
  return (await migrator.migrateTo(name)).error;
}

/** Tables in an order in which each comes behind those it refers to. */
function tablesOf(database: DatabaseSync): string[] {
  const names = database
    .prepare(`SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table' ORDER BY name`)
    .all()
    .map((row) => String(row.name))
    .filter((name) => !NOT_OURS.test(name));
  const ordered: string[] = [];
  const visit = (name: string): void => {
    if (ordered.includes(name)) return;
    for (const { table } of database.prepare(`SELECT "table" FROM pragma_foreign_key_list(?)`).all(name)) {
      if (table !== name) visit(String(table));
    }
    ordered.push(name);
  };
  names.forEach(visit);
  return ordered;
}

/** What a column may hold besides anything of its type. Columns of later versions need an entry if they check theirs. */
const FITTING: Readonly<Record<string, (round: number) => unknown>> = {
  'fragment.body': () => BODY,
  'document.body': () => pack(BODY),
  'status.state': (round) => 2 + (round % 5),
  'revision.relations': () => encodeRelations({ prerequisites: [], bundled: [], superseded: [] }, () => 0),
  'revision.flags': () => 1,
  'revision.change': () => 1,
  'revision.category_type': () => null,
  'target_group.parent_id': () => null,
  'policy.id': () => 1,
};

interface Column {
  readonly name: string;
  readonly type: string;
  readonly notnull: number;
  readonly dflt_value: unknown;
}

/** A row with a value in each column; a column that refers to another table takes a value from there. */
function insertRow(database: DatabaseSync, table: string, round: number): void {
  const columns = database
    .prepare('SELECT name, type, "notnull", dflt_value FROM pragma_table_info(?)')
    .all(table) as unknown as Column[];
  const references = new Map(
    database
      .prepare(`SELECT "from", "table", "to" FROM pragma_foreign_key_list(?)`)
      .all(table)
      .map((row) => [String(row.from), row]),
  );
  const values = columns.map((column): unknown => {
    const fitting = FITTING[`${table}.${column.name}`];
    if (fitting !== undefined) return fitting(round);
    const reference = references.get(column.name);
    if (reference !== undefined) {
      const { table: to, to: key } = reference;
      const rows = database.prepare(`SELECT "${String(key)}" AS key FROM "${String(to)}" ORDER BY 1`).all();
      return rows[round % rows.length]?.key;
    }
    if (column.type === 'INTEGER') return round + 1;
    if (column.type === 'BLOB') return Buffer.from([round, 1, 2, 3]);
    return /^(?:body|feature_scores|requested_groups|replacement_strings|misc_data|before|after)$/.test(
      column.name,
    )
      ? '[]'
      : `${table} ${column.name} ${round}`;
  });
  const places = values.map(() => '?').join(', ');
  const names = columns.map((column) => `"${column.name}"`).join(', ');
  database
    .prepare(`INSERT OR IGNORE INTO "${table}" (${names}) VALUES (${places})`)
    .run(...(values as (string | number | Uint8Array | null)[]));
}

/** Sums, counters and what triggers and later migrations make from other rows: they may be counted anew. */
const DERIVED = new Set([
  ...['sequence', 'placement', 'category_set', 'computer_status', 'update_status', 'status'],
  ...['detection_count', 'arrival', 'listed_update', 'update_relation'],
]);

function fill(database: DatabaseSync): void {
  for (const table of tablesOf(database)) {
    // Rows that triggers make must be made by triggers.
    if (DERIVED.has(table)) continue;
    for (let round = 0; round < 3; round++) insertRow(database, table, round);
  }
}

function contents(database: DatabaseSync): Map<string, readonly Row[]> {
  return new Map(
    tablesOf(database)
      .filter((table) => !DERIVED.has(table))
      .map((table) => [table, database.prepare(`SELECT * FROM "${table}"`).all() as Row[]]),
  );
}

/** What the schema says, without how it is laid out. */
function schemaOf(database: DatabaseSync): string[] {
  return database
    .prepare(`SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY type, name`)
    .all()
    .filter((row) => !NOT_OURS.test(String(row.name)))
    .map((row) => `${String(row.type)} ${String(row.sql).replaceAll(/["\s]+/g, ' ')}`);
}

/** What a migration changes on purpose in rows that were there. */
const CHANGED: Readonly<Record<string, (rows: readonly Row[]) => readonly Row[]>> = {
  // 0003: from packed to the blocks they are sent in. The rows here are packed before and blocks after.
  fragment: (rows) => rows.map((row) => ({ ...row, body: undefined })),
};

function assertKept(before: Map<string, readonly Row[]>, after: Map<string, readonly Row[]>): void {
  for (const [table, old] of before) {
    const now = after.get(table);
    assert.ok(now !== undefined, `table ${table} is gone`);
    assert.equal(now.length, old.length, `rows of ${table}`);
    const columns = Object.keys(old[0] ?? {});
    const comparable = (rows: readonly Row[]): readonly Row[] => {
      const same = rows.map((row) => Object.fromEntries(columns.map((name) => [name, row[name]])));
      return CHANGED[table]?.(same) ?? same;
    };
    assert.deepEqual(comparable(now), comparable(old), `rows of ${table}`);
  }
}

/** Events about no update: 0004 keeps the latest of each kind, which these are. */
function makeOld(database: DatabaseSync, version: number): void {
  fill(database);
  const body = version < NAMES.indexOf('0003-fragment-blocks') ? pack(BODY) : xpressEncode(BODY);
  database.prepare('UPDATE fragment SET body = ?').run(body);
}

async function fresh(): Promise<string[]> {
  using folder = new TempFolder();
  const store = await openStore({ dataFolder: folder.path, now: () => 1 });
  const schema = schemaOf(store.reader);
  await store.close();
  return schema;
}

describe('a store', () => {
  for (const [version, name] of NAMES.entries()) {
    test(`of ${name} keeps everything when it is opened by this version`, async () => {
      using folder = new TempFolder();
      using old = connect(databasePath(folder.path), { readOnly: false, cacheMebibytes: 8 });
      assert.equal(await migrateTo(old, name), undefined);
      makeOld(old, version);
      const before = contents(old);
      for (const [table, rows] of before) assert.ok(rows.length > 0, `nothing could be put into ${table}`);

      const store = await openStore({ dataFolder: folder.path, now: () => 1 });
      const { reader } = store;
      const after = contents(reader);
      // The first start gives it an identity and the two groups, which these stores never had.
      const given = new Map(
        [...after].map(([table, rows]) => [table, rows.filter((row) => !isSeed(table, row))]),
      );
      assertKept(before, given);
      assert.deepEqual(reader.prepare('PRAGMA foreign_key_check').all(), []);
      assert.equal(reader.prepare('PRAGMA integrity_check').get()?.integrity_check, 'ok');
      assert.deepEqual(schemaOf(reader), await fresh());
      assert.deepEqual(
        reader
          .prepare('SELECT body FROM fragment')
          .all()
          .map((row) => Buffer.from(row.body as Uint8Array)),
        before.get('fragment')?.map(() => xpressEncode(BODY)),
      );
      await store.close();
    });
  }

  test('of any version is as it was when the next migration fails halfway', async () => {
    for (const [version, name] of NAMES.entries()) {
      using folder = new TempFolder();
      using old = connect(databasePath(folder.path), { readOnly: false, cacheMebibytes: 8 });
      await migrateTo(old, name);
      makeOld(old, version);
      const before = [schemaOf(old), contents(old)];
      const broken: Migration = {
        async up(db: Kysely<unknown>) {
          await sql`CREATE TABLE half (a TEXT)`.execute(db);
          await sql`DELETE FROM event`.execute(db);
          await sql`ALTER TABLE revision ADD COLUMN half TEXT`.execute(db);
          throw new Error('the power went');
        },
      };
      // Everything from the next version on, and then one that breaks: none of them may remain.
      const error = await migrateTo(old, '9999-broken', { ...MIGRATIONS, '9999-broken': broken });
      assert.match(String(error), /the power went/);
      assert.deepEqual([schemaOf(old), contents(old)], before);
    }
  });
});

function isSeed(table: string, row: Row): boolean {
  if (table === 'server') return row.key === 'identity' || row.key === 'configuration_changed_ms';
  return table === 'target_group' && /^(?:All|Unassigned) Computers$/.test(String(row.name));
}

import { copyFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync, type SQLInputValue } from 'node:sqlite';

type Row = Record<string, SQLInputValue>;

/**
 * Makes a store of so many revisions out of a smaller one, by repeating everything in it under other ids, below
 * a product that nobody has. A computer of the small store needs exactly the same of the large one. Documents and fragments of what it never asks for are left out: a million revisions take
 * half a minute instead of ten.
 */
export function growStore(smallFolder: string, largeFolder: string, revisions: number): void {
  mkdirSync(largeFolder, { recursive: true });
  for (const file of ['oakum.db', 'keys.json']) {
    copyFileSync(join(smallFolder, file), join(largeFolder, file));
  }
  using database = new DatabaseSync(join(largeFolder, 'oakum.db'));
  database.exec('PRAGMA synchronous = OFF; PRAGMA cache_size = -1048576; BEGIN');
  repeat(database, revisions);
  database.exec('COMMIT; PRAGMA wal_checkpoint(TRUNCATE)');
}

function repeat(database: DatabaseSync, wanted: number): void {
  const updates = database.prepare('SELECT * FROM update_entry').all() as Row[];
  const rows = database.prepare('SELECT * FROM revision WHERE change IS NOT NULL').all() as Row[];
  const addUpdate = inserter(database, 'update_entry', updates[0]);
  const addRevision = inserter(database, 'revision', rows[0]);
  const highest = (table: Row[], key: string): number =>
    table.reduce((most, row) => Math.max(most, Number(row[key])), 0);
  const span = highest(updates, 'number') + 1;
  let id = highest(rows, 'id') + 1;
  const product = span * Math.ceil(wanted / rows.length + 1);
  addUpdate({ ...updates[0], number: product, update_id: idOf('ffffffff', updates[0]) });
  for (let copy = 1, left = wanted - rows.length; left > 0; copy++) {
    const prefix = copy.toString(16).padStart(8, '0');
    const shift = copy * span;
    for (const row of updates) {
      addUpdate({ ...row, number: Number(row.number) + shift, update_id: idOf(prefix, row) });
    }
    for (const row of rows.slice(0, left)) {
      const relations = moved(row.relations as Uint8Array, shift, product);
      addRevision({ ...row, id: id++, update_number: Number(row.update_number) + shift, relations });
    }
    left -= rows.length;
  }
}

// Unlike those of the small store, whose GUIDs differ in what follows; as random as they are.
function idOf(prefix: string, row: Row): string {
  const text = row.update_id as string;
  const mixed = Math.imul(Number.parseInt(prefix, 16) ^ Number.parseInt(text.slice(0, 8), 16), 0x9e3779b1);
  return (mixed >>> 0).toString(16).padStart(8, '0') + text.slice(8, 23) + '-' + prefix + text.slice(32);
}

function inserter(database: DatabaseSync, table: string, like: Row): (row: Row) => void {
  const columns = Object.keys(like);
  const statement = database.prepare(
    `INSERT INTO ${table} (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')})`,
  );
  return (row) => void statement.run(...columns.map((column) => row[column]));
}

const intsOf = (bytes: Uint8Array): Int32Array => new Int32Array(bytes.slice().buffer);

/** The relations of a copy (see relations-codec.ts): to other copies, and without any prerequisite to the product. */
function moved(bytes: Uint8Array, shift: number, product: number): Uint8Array {
  const from = intsOf(bytes);
  const to = [...from];
  let at = 0;
  for (let clauses = from[at++]; clauses > 0; clauses--) {
    for (let count = from[at++] >> 1; count > 0; count--, at++) to[at] = from[at] + shift;
  }
  for (let clauses = from[at++]; clauses > 0; clauses--) {
    for (let count = from[at++]; count > 0; count--, at += 2) to[at] = from[at] + shift;
  }
  for (; at < from.length; at++) to[at] = from[at] + shift;
  if (from[0] === 0) to.splice(0, 1, 1, 3, product);
  return new Uint8Array(Int32Array.from(to).buffer);
}

/**
 * The least an import of update documents can cost in this runtime: reads each file of a folder, compresses it
 * and writes it into one table, in durable transactions. Knows nothing of what is in them.
 *
 *   node import-floor.ts FOLDER DATABASE
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { zstdCompressSync } from 'node:zlib';

const BATCH = 500;

const [folder, path] = process.argv.slice(2);
const database = new DatabaseSync(path);
database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE document (body BLOB)');
const insert = database.prepare('INSERT INTO document VALUES (?)');
const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
for (let at = 0; at < files.length; at += BATCH) {
  database.exec('BEGIN');
  for (const file of files.slice(at, at + BATCH))
    insert.run(zstdCompressSync(readFileSync(join(file.parentPath, file.name))));
  database.exec('COMMIT');
}
database.close();

import { Buffer } from 'node:buffer';
import { sql } from 'kysely';
import type { DbOrTx } from './schema.ts';

/** A file that some imported update names. */
export interface KnownFile {
  readonly sha1: Buffer;
  readonly sha256: Buffer | undefined;
  readonly name: string;
  readonly size: number;
}

export async function listFiles(db: DbOrTx): Promise<KnownFile[]> {
  const rows = await db.selectFrom('file').selectAll().orderBy('name').execute();
  return rows.map(knownFile);
}

/** Of a list by names, the place behind a file. */
export type FileKey = readonly [name: string, sha1: string];

/**
 * Files by their names, along an index; those of one name by their digests.
 *
 * @param after the key of the file before, digest in hexadecimal
 */
export async function filesByName(
  db: DbOrTx,
  page: { readonly descending: boolean; readonly after?: FileKey | undefined; readonly limit: number },
): Promise<KnownFile[]> {
  const { descending, after, limit } = page;
  const direction = descending ? 'desc' : 'asc';
  let query = db.selectFrom('file').selectAll().orderBy('name', direction).orderBy('digest', direction);
  if (after !== undefined) {
    const [name, sha1] = after;
    query = query.where(
      sql<boolean>`(name, digest) ${sql.raw(descending ? '<' : '>')} (${name}, unhex(${sha1}))`,
    );
  }
  return (await query.limit(limit).execute()).map(knownFile);
}

export async function findFile(db: DbOrTx, sha1: Uint8Array): Promise<KnownFile | undefined> {
  const row = await db.selectFrom('file').selectAll().where('digest', '=', sha1).executeTakeFirst();
  return row && knownFile(row);
}

function knownFile(row: {
  digest: Uint8Array;
  sha256: Uint8Array | null;
  name: string;
  size: number;
}): KnownFile {
  return {
    sha1: Buffer.from(row.digest),
    sha256: row.sha256 === null ? undefined : Buffer.from(row.sha256),
    name: row.name,
    size: row.size,
  };
}

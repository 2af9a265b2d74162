import { Buffer } from 'node:buffer';
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

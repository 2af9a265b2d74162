import { Buffer } from 'node:buffer';
import { hash } from 'node:crypto';
import type { DbOrTx } from './schema.ts';
import type { InstalledSet } from './write-command.ts';

/** WSUS stops at 400; whoever lists more than this tells nothing that explains anything. */
const IDS_KEPT = 4_000;

/**
 * Names sets of installed non-leaf revision ids. A fleet has few of them: each is stored once, by the digest of
 * its ids in ascending order, and the same list that comes again is known by its object.
 */
export class InstalledSetNames {
  readonly #named = new WeakMap<Int32Array, InstalledSet>();

  /** Undefined for a list that is too long to be kept. Takes some microseconds for a list not seen before. */
  of(installed: Int32Array): InstalledSet | undefined {
    if (installed.length > IDS_KEPT) return undefined;
    const known = this.#named.get(installed);
    if (known !== undefined) return known;
    const bytes = encodeIds(installed);
    const digest = hash('sha256', bytes, 'buffer').subarray(0, 16).toString('base64');
    const set = { digest, ids: bytes.toString('base64') };
    this.#named.set(installed, set);
    return set;
  }
}

function encodeIds(installed: Int32Array): Buffer {
  const ids = [...new Set(installed)].sort((one, other) => one - other);
  const bytes = Buffer.alloc(ids.length * 4);
  for (const [index, id] of ids.entries()) bytes.writeInt32LE(id, index * 4);
  return bytes;
}

/** The ids of a set, ascending; undefined when there is no such set. */
export async function readInstalledSet(db: DbOrTx, digest: Uint8Array): Promise<Int32Array | undefined> {
  const row = await db
    .selectFrom('installed_set')
    .select('ids')
    .where('digest', '=', digest)
    .executeTakeFirst();
  if (row === undefined) return undefined;
  const bytes = Buffer.from(row.ids);
  return Int32Array.from({ length: bytes.length >>> 2 }, (_, index) => bytes.readInt32LE(index * 4));
}

import { sql, type Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';
import { xpressEncode } from '../../soap/xpress.ts';
import { unpack } from '../packing.ts';

const ROWS_AT_ONCE = 100;

/** Fragments were kept packed with zstd; from here on they are kept as the xpress blocks they are sent in. */
export const fragmentBlocks: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (let after = 0; ;) {
      const { rows } = await sql<{ readonly id: number; readonly body: Uint8Array }>`
        SELECT rowid AS id, body FROM fragment WHERE rowid > ${after} ORDER BY rowid LIMIT ${ROWS_AT_ONCE}
      `.execute(db);
      if (rows.length === 0) return;
      for (const { id, body } of rows) {
        await sql`UPDATE fragment SET body = ${xpressEncode(unpack(body))} WHERE rowid = ${id}`.execute(db);
        after = id;
      }
    }
  },
};

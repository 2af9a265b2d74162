import { sql } from 'kysely';
import { closeDay } from './status-history.ts';
import { tellRelations } from './relations-codec.ts';
import { type DbOrTx, type Tx } from './schema.ts';
import { RevisionFlag } from './schema/catalogue-tables.ts';
import { advance, readSequence } from './sequence.ts';
import { updatesInPieces } from './updates-in-pieces.ts';

interface CandidateRow {
  readonly number: number;
  readonly declined: number;
  /** Of the latest published revision; null without one. */
  readonly flags: number | null;
  readonly relations: Uint8Array | null;
  /** Null for what does not count now. */
  readonly categorySet: number | null;
}

/**
 * Brings in line which updates count in compliance, and in which categories: those whose latest published
 * revision is explicitly deployable, unless they are declined. To be called in the transaction that declined or
 * undeclined updates, or published or deleted revisions of them; the sums follow by themselves.
 *
 * An update that begins to count is Unknown to every computer until its next scan.
 *
 * @param which numbers of updates, or all there are
 */
export async function recountUpdates(
  db: DbOrTx,
  which: readonly number[] | 'all',
  nowMs: number,
): Promise<void> {
  const counter = new Counter(db as Tx, nowMs);
  for await (const numbers of updatesInPieces(db as Tx, which)) await counter.some(numbers);
  await counter.finish();
}

class Counter {
  readonly #tx: Tx;
  readonly #nowMs: number;
  readonly #sets = new Map<string, number>();
  #fromMs: number | undefined;

  constructor(tx: Tx, nowMs: number) {
    this.#tx = tx;
    this.#nowMs = nowMs;
  }

  async some(numbers: readonly number[]): Promise<void> {
    const begin: (readonly [number: number, categorySet: number])[] = [];
    const move: (readonly [number: number, categorySet: number])[] = [];
    const end: number[] = [];
    for (const row of await this.#candidates(numbers)) {
      const counts =
        row.declined === 0 && row.flags !== null && (row.flags & RevisionFlag.ExplicitlyDeployable) !== 0;
      if (!counts) {
        if (row.categorySet !== null) end.push(row.number);
        continue;
      }
      const set = await this.#setOf(categoriesOf(row.relations!));
      if (row.categorySet === null) begin.push([row.number, set]);
      else if (row.categorySet !== set) move.push([row.number, set]);
    }
    if (begin.length + move.length + end.length === 0) return;
    await this.#begins();
    await this.#begin(begin);
    for (const [number, set] of move) {
      await sql`UPDATE update_status SET category_set = ${set} WHERE number = ${number}`.execute(this.#tx);
    }
    await sql`DELETE FROM update_status WHERE number IN
      (SELECT value FROM json_each(${JSON.stringify(end)}))`.execute(this.#tx);
  }

  /** Sets that nothing has any more, or that nothing came to have. */
  async finish(): Promise<void> {
    if (this.#fromMs === undefined) return;
    await sql`DELETE FROM category_set WHERE updates = 0`.execute(this.#tx);
  }

  async #candidates(numbers: readonly number[]): Promise<readonly CandidateRow[]> {
    const { rows } = await sql<CandidateRow>`
      SELECT update_entry.number, declined, revision.flags, revision.relations,
        update_status.category_set AS "categorySet"
      FROM json_each(${JSON.stringify([...new Set(numbers)])}) AS listed
      JOIN update_entry ON update_entry.number = listed.value
      LEFT JOIN update_status ON update_status.number = update_entry.number
      LEFT JOIN revision ON revision.update_number = update_entry.number AND revision.revision_number = (
        SELECT max(newest.revision_number) FROM revision AS newest
        WHERE newest.update_number = update_entry.number AND newest.change IS NOT NULL)`.execute(this.#tx);
    return rows;
  }

  /** Before the first change: what has to be known and noted once. */
  async #begins(): Promise<void> {
    if (this.#fromMs !== undefined) return;
    // Never before a detection that has been counted: nobody scanned for what came in this transaction.
    this.#fromMs = Math.max(this.#nowMs, await readSequence(this.#tx, 'last_detection'));
    await closeDay(this.#tx, this.#nowMs);
    await advance(this.#tx, 'counted_change');
  }

  async #begin(begin: readonly (readonly [number: number, categorySet: number])[]): Promise<void> {
    if (begin.length === 0) return;
    const listed = JSON.stringify(begin);
    // Rows that an earlier life of it left behind.
    await sql`DELETE FROM status WHERE update_number IN
      (SELECT value ->> 0 FROM json_each(${listed}))`.execute(this.#tx);
    await sql`INSERT INTO update_status (number, category_set, from_ms)
      SELECT value ->> 0, value ->> 1, ${this.#fromMs!} FROM json_each(${listed})`.execute(this.#tx);
  }

  async #setOf(categories: readonly number[]): Promise<number> {
    const key = categories.join(' ');
    const known = this.#sets.get(key);
    if (known !== undefined) return known;
    await sql`INSERT INTO category_set (categories) VALUES (${key}) ON CONFLICT DO NOTHING`.execute(this.#tx);
    const { rows } = await sql<{
      id: number;
    }>`SELECT id FROM category_set WHERE categories = ${key}`.execute(this.#tx);
    this.#sets.set(key, rows[0].id);
    return rows[0].id;
  }
}

/** Numbers of the categories (products, classifications…) that a revision is in, ascending. */
export function categoriesOf(relations: Uint8Array): number[] {
  const categories = new Set<number>();
  let clause: number[] = [];
  tellRelations(relations, {
    alternative: (number) => void clause.push(number),
    endClause: (isCategory) => {
      if (isCategory) for (const number of clause) categories.add(number);
      clause = [];
    },
    member: () => undefined,
    endMembers: () => undefined,
    superseded: () => undefined,
  });
  return [...categories].sort((one, other) => one - other);
}

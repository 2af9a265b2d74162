import { createHash } from 'node:crypto';
import { sql } from 'kysely';
import type { DbOrTx, Tx } from './schema.ts';

/** Something an administrator, or a rule or ring on their behalf, changed. */
export interface AuditEntry {
  readonly timeMs: number;
  /** On whose behalf it was done. */
  readonly caller: string;
  /** What was done, as `noun.verb`: `update.approve`, `group.move`. */
  readonly action: string;
  /** To what, so that everything about one thing can be found: an UpdateID, a group id, a client id, a rule's name. */
  readonly subject: string;
  /** What was, as plain data; left out for what was not there. */
  readonly before?: unknown;
  /** What is now; left out for what is gone. */
  readonly after?: unknown;
}

/** What the first entry follows. */
const NO_HASH = new Uint8Array(32);

/** An entry as it is stored. */
export interface StoredAuditEntry extends AuditEntry {
  /** 1, 2, 3… without a gap. */
  readonly number: number;
  /** SHA-256 over the hash of the entry before and this entry's canonical JSON, hexadecimal. */
  readonly hash: string;
}

/**
 * Writes down what is changed in this transaction. Each entry carries a hash over itself and the hash of the
 * one before, so that nobody can change or take out an old entry without touching all later ones. The table
 * refuses changes by itself.
 */
export function appendAudit(tx: Tx, entry: AuditEntry): Promise<void> {
  return appendAudits(tx, [entry]);
}

/** The same for many entries, with two statements for all of them. */
export async function appendAudits(tx: Tx, entries: readonly AuditEntry[]): Promise<void> {
  if (entries.length === 0) return;
  const last = await tx
    .selectFrom('audit')
    .select(['number', 'hash'])
    .orderBy('number', 'desc')
    .limit(1)
    .executeTakeFirst();
  let number = last?.number ?? 0;
  let hash: Uint8Array = last?.hash ?? NO_HASH;
  const rows = entries.map((entry) => {
    number++;
    const next = hashOf(hash, { ...entry, number });
    hash = next;
    const { timeMs, caller, action, subject, before, after } = entry;
    const texts = [jsonOrNull(before), jsonOrNull(after), next.toString('hex')];
    return [number, timeMs, caller, action, subject, ...texts];
  });
  await sql`
    INSERT INTO audit (number, time_ms, caller, action, subject, before, after, hash)
    SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5, value ->> 6,
      unhex(value ->> 7)
    FROM json_each(${JSON.stringify(rows)})`.execute(tx);
}

export interface AuditFilter {
  readonly caller?: string;
  /** The whole action, or what stands before its dot. */
  readonly action?: string;
  readonly subject?: string;
  readonly sinceMs?: number;
  /** At most this many, the newest. */
  readonly limit?: number;
}

/** Entries, newest first. */
export async function listAudit(db: DbOrTx, filter: AuditFilter): Promise<StoredAuditEntry[]> {
  let query = db.selectFrom('audit').selectAll().orderBy('number', 'desc');
  const { caller, action, subject, sinceMs } = filter;
  if (caller !== undefined) query = query.where('caller', '=', caller);
  if (subject !== undefined) query = query.where('subject', '=', subject);
  if (sinceMs !== undefined) query = query.where('time_ms', '>=', sinceMs);
  if (action !== undefined) {
    query = query.where((eb) =>
      eb.or([eb('action', '=', action), eb('action', 'like', `${action.replaceAll(/[%_]/g, '')}.%`)]),
    );
  }
  const rows = await query.limit(filter.limit ?? 1_000_000).execute();
  return rows.map(stored);
}

const ROWS_AT_ONCE = 10_000;

/**
 * Goes through the whole log and checks every hash.
 *
 * @returns the number of the first entry that is not what was written, or undefined when all are
 */
export async function firstForgedAudit(db: DbOrTx): Promise<number | undefined> {
  let previous: Uint8Array = NO_HASH;
  for (let number = 0; ;) {
    const rows = await db
      .selectFrom('audit')
      .selectAll()
      .where('number', '>', number)
      .orderBy('number')
      .limit(ROWS_AT_ONCE)
      .execute();
    for (const row of rows) {
      number++;
      const hash = hashOf(previous, stored(row));
      if (row.number !== number || !hash.equals(row.hash)) return number;
      previous = hash;
    }
    if (rows.length < ROWS_AT_ONCE) return undefined;
  }
}

interface AuditRow {
  readonly number: number;
  readonly time_ms: number;
  readonly caller: string;
  readonly action: string;
  readonly subject: string;
  readonly before: string | null;
  readonly after: string | null;
  readonly hash: Uint8Array;
}

function stored(row: AuditRow): StoredAuditEntry {
  return {
    number: row.number,
    timeMs: row.time_ms,
    caller: row.caller,
    action: row.action,
    subject: row.subject,
    ...(row.before === null ? {} : { before: JSON.parse(row.before) as unknown }),
    ...(row.after === null ? {} : { after: JSON.parse(row.after) as unknown }),
    hash: Buffer.from(row.hash).toString('hex'),
  };
}

function hashOf(previous: Uint8Array, entry: AuditEntry & { readonly number: number }): Buffer {
  const { number, timeMs, caller, action, subject, before, after } = entry;
  const text = canonicalJson({ number, timeMs, caller, action, subject, before, after });
  return createHash('sha256').update(previous).update(text).digest();
}

function jsonOrNull(value: unknown): string | null {
  return value === undefined ? null : canonicalJson(value);
}

/** JSON with the names of every object in one order, so that equal data is equal text. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_, one: unknown) =>
    typeof one === 'object' && one !== null && !Array.isArray(one)
      ? Object.fromEntries(Object.entries(one).sort(([left], [right]) => (left < right ? -1 : 1)))
      : one,
  );
}

import { createHash } from 'node:crypto';
import { sql, type RawBuilder, type SqlBool } from 'kysely';
import { keyset, partOf, type KeyColumns, type ListPage, type ListPart, type SortTable } from './keyset.ts';
import type { DbOrTx, Tx } from './schema.ts';
import { setServerValue } from './server-state.ts';

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

/** An entry by which the log up to it is known: nobody can change one of those without this one becoming another. */
export interface AuditHead {
  readonly number: number;
  readonly hash: string;
}

/** Where the newest entry is noted once more, so that it is noticed when it is cut off. */
const HEAD = 'audit_head';

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
  const last = await newestEntry(tx);
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
  await setServerValue(tx, HEAD, headText({ number, hash: Buffer.from(hash).toString('hex') }));
}

/** A head as people keep it: `NUMBER:HASH`. */
export function headText({ number, hash }: AuditHead): string {
  return `${number}:${hash}`;
}

/** What {@link headText} wrote; undefined for anything else. */
export function parseHead(text: string): AuditHead | undefined {
  const [, number, hash] = /^([1-9]\d{0,14}):([0-9a-f]{64})$/.exec(text) ?? [];
  return hash === undefined ? undefined : { number: Number(number), hash };
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

/** What entries can be sorted by. */
export const AUDIT_SORTS: SortTable = { usual: '-number', keys: { number: [sql`number`] } };

/** Entries, newest first. */
export async function listAudit(db: DbOrTx, filter: AuditFilter): Promise<StoredAuditEntry[]> {
  const { rows } = await sql<AuditRow>`
    SELECT * FROM audit WHERE ${fits(filter)} ORDER BY number DESC LIMIT ${filter.limit ?? -1}`.execute(db);
  return rows.map(stored);
}

/** Some of the entries that fit. Those about one subject are found by an index, others by looking at each. */
export async function pageOfAudit(
  db: DbOrTx,
  filter: AuditFilter,
  page: ListPage,
): Promise<ListPart<StoredAuditEntry>> {
  const { keys, behind, order, limit } = keyset(AUDIT_SORTS, page);
  const { rows } = await sql<AuditRow & KeyColumns>`
    SELECT audit.*, ${keys} FROM audit
    WHERE ${fits(filter)} AND ${behind} ORDER BY ${order} LIMIT ${limit}`.execute(db);
  return partOf(rows, page, stored);
}

function fits({ caller, action, subject, sinceMs }: AuditFilter): RawBuilder<SqlBool> {
  const conditions: RawBuilder<unknown>[] = [sql`TRUE`];
  if (caller !== undefined) conditions.push(sql`caller = ${caller}`);
  if (subject !== undefined) conditions.push(sql`subject = ${subject}`);
  if (sinceMs !== undefined) conditions.push(sql`time_ms >= ${sinceMs}`);
  if (action !== undefined)
    conditions.push(sql`(action = ${action} OR action LIKE ${`${action.replaceAll(/[%_]/g, '')}.%`})`);
  return sql<SqlBool>`${sql.join(conditions, sql` AND `)}`;
}

/** Entries behind a number, oldest first. */
export async function auditAfter(db: DbOrTx, number: number, limit: number): Promise<StoredAuditEntry[]> {
  const rows = await db
    .selectFrom('audit')
    .selectAll()
    .where('number', '>', number)
    .orderBy('number')
    .limit(limit)
    .execute();
  return rows.map(stored);
}

const ROWS_AT_ONCE = 10_000;

/** What can be said about the log. */
export interface AuditCheck {
  /** The first entry that is not what was written, or is missing; undefined when all are there. */
  readonly firstForged: number | undefined;
  /** The newest entry; undefined for an empty log. */
  readonly head: AuditHead | undefined;
  /** Whether the log holds the entry that was asked for, as it was. */
  readonly holds: boolean;
}

export interface AuditCheckOptions {
  /** An entry that somebody kept elsewhere: it must be there with this hash. */
  readonly kept?: AuditHead | undefined;
  readonly onProgress?: (done: number, of: number) => void;
}

/**
 * Goes through the whole log and checks every hash. By itself it cannot notice that somebody who may write to the
 * database wrote the log anew, or cut off its newest entries and the note of them: what is kept elsewhere can.
 */
export async function checkAudit(
  db: DbOrTx,
  { kept, onProgress }: AuditCheckOptions = {},
): Promise<AuditCheck> {
  const of = (await newestEntry(db))?.number ?? 0;
  let previous: Uint8Array = NO_HASH;
  let head: AuditHead | undefined;
  let firstForged: number | undefined;
  let holds = kept === undefined;
  let done = 0;
  for (;;) {
    const rows = await entriesAfter(db, head?.number ?? Number.MIN_SAFE_INTEGER);
    for (const row of rows) {
      const expected = hashOf(previous, stored(row));
      done++;
      head = { number: row.number, hash: hexadecimal(row.hash) };
      if (head.number !== done || head.hash !== expected.toString('hex')) firstForged ??= done;
      holds ||= head.number === kept?.number && head.hash === kept.hash;
      previous = expected;
    }
    onProgress?.(done, Math.max(done, of));
    if (rows.length < ROWS_AT_ONCE) break;
  }
  firstForged ??= await firstCutOff(db);
  return { firstForged, head, holds };
}

/** The number of the first entry that is not there any more, as far as the store remembers it. */
async function firstCutOff(db: DbOrTx): Promise<number | undefined> {
  // One statement: others append meanwhile.
  const { rows } = await sql<{ noted: string; number: number | null; hash: Uint8Array | null }>`
    SELECT value AS noted, newest.number, newest.hash FROM server
      LEFT JOIN (SELECT number, hash FROM audit ORDER BY number DESC LIMIT 1) AS newest
    WHERE key = ${HEAD}`.execute(db);
  // A store of an older version notes it with its next entry.
  if (rows.length === 0) return undefined;
  const [{ noted, number, hash }] = rows;
  const newest = number ?? 0;
  if (number !== null && noted === headText({ number, hash: hexadecimal(hash) })) return undefined;
  const expected = parseHead(noted)?.number ?? 0;
  // Entries that nobody noted were not written by this program, either.
  return newest === expected ? newest : Math.min(newest, expected) + 1;
}

/** Also of what somebody put into the database who wrote no hash. */
function hexadecimal(hash: unknown): string {
  return hash instanceof Uint8Array ? Buffer.from(hash).toString('hex') : '';
}

/**
 * Goes through the whole log and checks every hash.
 *
 * @returns the number of the first entry that is not what was written, or undefined when all are
 */
export async function firstForgedAudit(db: DbOrTx): Promise<number | undefined> {
  return (await checkAudit(db)).firstForged;
}

function entriesAfter(db: DbOrTx, number: number): Promise<AuditRow[]> {
  return db
    .selectFrom('audit')
    .selectAll()
    .where('number', '>', number)
    .orderBy('number')
    .limit(ROWS_AT_ONCE)
    .execute();
}

function newestEntry(db: DbOrTx): Promise<Pick<AuditRow, 'number' | 'hash'> | undefined> {
  return db
    .selectFrom('audit')
    .select(['number', 'hash'])
    .orderBy('number', 'desc')
    .limit(1)
    .executeTakeFirst();
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
    ...(row.before === null ? {} : { before: plainData(row.before) }),
    ...(row.after === null ? {} : { after: plainData(row.after) }),
    hash: hexadecimal(row.hash),
  };
}

/** What is no JSON was not written by this program: it is shown, and its hash is not that of the entry. */
function plainData(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
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

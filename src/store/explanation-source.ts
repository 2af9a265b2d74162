import { Buffer } from 'node:buffer';
import { sql } from 'kysely';
import { STATE_NAMES, type StateName } from '../fleet/status-state.ts';
import type { UpdateId } from '../metadata/update-identity.ts';
import type { KnownFile } from './files.ts';
import type { DbOrTx } from './schema.ts';

/** What the server knows of an update by its id alone. */
export interface KnownUpdate {
  readonly number: number;
  readonly updateId: UpdateId;
  /** Some revision of it waits for its import to finish. */
  readonly importing: boolean;
}

export async function findKnownUpdate(db: DbOrTx, updateId: UpdateId): Promise<KnownUpdate | undefined> {
  const { rows } = await sql<{ number: number; importing: number }>`
    SELECT number, EXISTS (
      SELECT 1 FROM revision WHERE update_number = number AND change IS NULL) AS importing
    FROM update_entry WHERE update_id = ${updateId}`.execute(db);
  const [row] = rows;
  return row && { number: row.number, updateId, importing: row.importing !== 0 };
}

/** The UpdateIDs and titles of update numbers; the title of the newest revision, or empty. */
export async function titlesOf(
  db: DbOrTx,
  numbers: readonly number[],
): Promise<Map<number, { readonly updateId: UpdateId; readonly title: string }>> {
  const { rows } = await sql<{ number: number; update_id: UpdateId; title: string | null }>`
    SELECT number, update_id, (
      SELECT title FROM revision WHERE update_number = number AND change IS NOT NULL
      ORDER BY revision_number DESC LIMIT 1) AS title
    FROM update_entry WHERE number IN (SELECT value FROM json_each(${JSON.stringify(numbers)}))`.execute(db);
  return new Map(rows.map((row) => [row.number, { updateId: row.update_id, title: row.title ?? '' }]));
}

export interface ReportedStatus {
  readonly state: StateName;
  /** Null where no event says so. */
  readonly sinceMs: number | null;
  readonly hresult: number;
}

/** What a computer reported of updates, by update number; without those that do not count in compliance. */
export async function statusOf(
  db: DbOrTx,
  clientId: string,
  updateNumbers: readonly number[],
): Promise<Map<number, ReportedStatus>> {
  const { rows } = await sql<{
    number: number;
    state: number | null;
    since_ms: number | null;
    hresult: number | null;
    early: number;
  }>`
    SELECT update_status.number, state, since_ms, hresult, from_ms > after_ms AS early
    FROM update_status
    JOIN computer_status ON computer_status.client_id = ${clientId}
    LEFT JOIN status ON status.computer = computer_status.number
      AND status.update_number = update_status.number
    WHERE update_status.number IN (SELECT value FROM json_each(${JSON.stringify(updateNumbers)}))`.execute(
    db,
  );
  return new Map(
    rows.map((row) => [
      row.number,
      {
        state: row.state === null ? (row.early === 0 ? 'notApplicable' : 'unknown') : STATE_NAMES[row.state],
        sinceMs: row.since_ms,
        hresult: row.hresult ?? 0,
      },
    ]),
  );
}

/** The files that revisions name, each once. */
export async function filesOf(db: DbOrTx, revisionIds: readonly number[]): Promise<KnownFile[]> {
  const { rows } = await sql<{ digest: Uint8Array; sha256: Uint8Array | null; name: string; size: number }>`
    SELECT DISTINCT file.* FROM revision_file JOIN file ON file.digest = revision_file.digest
    WHERE revision_id IN (SELECT value FROM json_each(${JSON.stringify(revisionIds)})) ORDER BY name`.execute(
    db,
  );
  return rows.map((row) => ({
    sha1: Buffer.from(row.digest),
    sha256: row.sha256 === null ? undefined : Buffer.from(row.sha256),
    name: row.name,
    size: row.size,
  }));
}

/** The hardware ids a driver is for. */
export async function hardwareIdsOf(db: DbOrTx, revisionId: number): Promise<string[]> {
  const rows = await db
    .selectFrom('driver')
    .select('hardware_id')
    .distinct()
    .where('revision_id', '=', revisionId)
    .orderBy('hardware_id')
    .execute();
  return rows.map((row) => row.hardware_id);
}

/** An update on its way through a ring that has not reached all groups. */
export interface OpenRollout {
  readonly ring: string;
  readonly state: string;
  /** The ring's definition when it began, JSON. */
  readonly body: string;
  /** How many steps were approved. */
  readonly step: number;
  readonly stepMs: number;
  readonly startedMs: number;
}

export async function openRollouts(db: DbOrTx, updateNumber: number): Promise<OpenRollout[]> {
  const rows = await db
    .selectFrom('rollout')
    .innerJoin('ring', 'ring.id', 'rollout.ring_id')
    .select([
      'ring.name',
      'rollout.state',
      'rollout.body',
      'rollout.step',
      'rollout.step_ms',
      'rollout.started_ms',
    ])
    .where('update_number', '=', updateNumber)
    .where('rollout.state', 'in', ['running', 'paused', 'halted'])
    .execute();
  return rows.map((row) => ({
    ring: row.name,
    state: row.state,
    body: row.body,
    step: row.step,
    stepMs: row.step_ms,
    startedMs: row.started_ms,
  }));
}

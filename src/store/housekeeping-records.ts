import { sql } from 'kysely';
import type { DbOrTx, Tx } from './schema.ts';

/** Records that nobody looks at any more, counted by what they are. */
export interface OldRecords {
  readonly findings: number;
  readonly identities: number;
  readonly installedSets: number;
  readonly runs: number;
  readonly notifications: number;
  /** Rows of the trend. */
  readonly trend: number;
}

const UNUSED_SET = sql`digest NOT IN (SELECT installed_set FROM computer WHERE installed_set IS NOT NULL)`;

export interface RecordLimits {
  /** Findings that last occurred before. */
  readonly findingsBeforeMs: number;
  /** Runs of housekeeping that began before. */
  readonly runsBeforeMs: number;
  /** Notifications of before, delivered or not. */
  readonly notificationsBeforeMs: number;
  /** The day before which nobody asks for trends, see dayOf. */
  readonly trendBeforeDay: number;
}

export async function countRecords(db: DbOrTx, limits: RecordLimits): Promise<OldRecords> {
  const { findingsBeforeMs, runsBeforeMs, notificationsBeforeMs, trendBeforeDay } = limits;
  const { rows } = await sql<OldRecords>`
    SELECT (SELECT count(*) FROM finding WHERE last_ms < ${findingsBeforeMs}) AS findings,
      (SELECT count(*) FROM computer_identity WHERE last_ms < ${findingsBeforeMs}) AS identities,
      (SELECT count(*) FROM installed_set WHERE ${UNUSED_SET}) AS "installedSets",
      (SELECT count(*) FROM housekeeping_run WHERE started_ms < ${runsBeforeMs}) AS runs,
      (SELECT count(*) FROM notification WHERE time_ms < ${notificationsBeforeMs}) AS notifications,
      (SELECT count(*) FROM status_history WHERE day < ${trendBeforeDay}) AS trend`.execute(db);
  return rows[0];
}

export async function deleteRecords(tx: Tx, limits: RecordLimits): Promise<void> {
  const { findingsBeforeMs, runsBeforeMs, notificationsBeforeMs, trendBeforeDay } = limits;
  await sql`DELETE FROM finding WHERE last_ms < ${findingsBeforeMs}`.execute(tx);
  await sql`DELETE FROM computer_identity WHERE last_ms < ${findingsBeforeMs}`.execute(tx);
  await sql`DELETE FROM installed_set WHERE ${UNUSED_SET}`.execute(tx);
  await sql`DELETE FROM housekeeping_run WHERE started_ms < ${runsBeforeMs}`.execute(tx);
  await sql`DELETE FROM notification WHERE time_ms < ${notificationsBeforeMs}`.execute(tx);
  await sql`DELETE FROM status_history WHERE day < ${trendBeforeDay}`.execute(tx);
}

/** A computer that was not in contact for long. */
export interface StaleComputer {
  readonly clientId: string;
  readonly name: string;
  readonly lastContactMs: number;
}

export async function staleComputers(
  db: DbOrTx,
  beforeMs: number,
  among?: readonly string[],
): Promise<StaleComputer[]> {
  let query = db
    .selectFrom('computer')
    .select(['client_id', 'dns_name', 'last_contact_ms'])
    .where('last_contact_ms', '<', beforeMs)
    .orderBy('last_contact_ms');
  if (among !== undefined) query = query.where('client_id', 'in', among);
  return (await query.execute()).map((row) => ({
    clientId: row.client_id,
    name: row.dns_name,
    lastContactMs: row.last_contact_ms,
  }));
}

/** Lets SQLite look at what its plans are based on, and brings its log back into the database without making anybody wait. */
export async function optimiseStore(db: DbOrTx): Promise<void> {
  await sql`PRAGMA analysis_limit = 400`.execute(db);
  await sql`PRAGMA optimize`.execute(db);
  await sql`PRAGMA wal_checkpoint(PASSIVE)`.execute(db);
}

import { sql } from 'kysely';
import type { DbOrTx } from './schema.ts';

/** When something happened last by the clock of this server, by what it was; without what never did. */
export async function readLatestTimes(db: DbOrTx): Promise<ReadonlyMap<string, number>> {
  const { rows } = await sql<{ what: string; ms: number | null }>`
    SELECT 'an event arrived' AS what, (SELECT received_ms FROM event ORDER BY rowid DESC LIMIT 1) AS ms
    UNION ALL SELECT 'a computer was in contact', (SELECT max(last_contact_ms) FROM computer)
    UNION ALL SELECT 'something was changed', (SELECT time_ms FROM audit ORDER BY number DESC LIMIT 1)
    UNION ALL SELECT 'an import ended', (SELECT max(finished_ms) FROM import)`.execute(db);
  return new Map(rows.flatMap((row) => (row.ms === null ? [] : [[row.what, row.ms] as const])));
}

/** An event and its arrival, by two clocks. */
export interface EventTimes {
  readonly clientId: string;
  readonly timeMs: number;
  readonly receivedMs: number;
}

/** The latest event of each of the computers that reported last. */
export async function readEventTimes(db: DbOrTx, computers: number): Promise<EventTimes[]> {
  const { rows } = await sql<{ client_id: string; time_ms: number; received_ms: number }>`
    SELECT client_id, time_ms, max(received_ms) AS received_ms
    FROM (SELECT client_id, time_ms, received_ms FROM event ORDER BY rowid DESC LIMIT ${computers * 20})
    GROUP BY client_id LIMIT ${computers}`.execute(db);
  return rows.map((row) => ({ clientId: row.client_id, timeMs: row.time_ms, receivedMs: row.received_ms }));
}

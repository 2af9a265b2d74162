import { hash } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import { stateAfterReport } from '../fleet/event-effects.ts';
import { StatusState } from '../fleet/status-state.ts';
import type { UpdateId } from '../metadata/update-identity.ts';

/** What reports and failures write about the states of updates, inside the transaction that is open. */
export interface StatusWrites {
  /** Notes a scan that succeeded. */
  detected(clientId: string, timeMs: number): void;
  /**
   * Makes the states of a computer exactly these; what is older than what is known changes nothing.
   *
   * @returns whether it names updates that were never here
   */
  reported(clientId: string, states: ReadonlyMap<UpdateId, StatusState>, timeMs: number): boolean;
  /** Makes one update failed on a computer; nothing for what does not count, as members of bundles. */
  failed(clientId: string, updateId: UpdateId, hresult: number, timeMs: number): void;
}

/** UpdateIDs whose numbers are remembered: the leaf updates a fleet reports. About 150 bytes each. */
const IDS_KEPT = 50_000;
const UNKNOWN = -1;
const NOT_COUNTED = 0;

interface StatusRow {
  readonly update_number: number;
  readonly state: StatusState;
  readonly since_ms: number;
}

/**
 * States change only here. A report that says what the last one said costs one read and one write of the
 * computer's row (12 µs); the sums are moved by triggers, see migration 0004.
 */
export function prepareStatusWrites(database: DatabaseSync): StatusWrites {
  const computerOf = database.prepare(
    `SELECT computer.number, last_report_ms, lists_digest
     FROM computer JOIN computer_status ON computer_status.number = computer.number
     WHERE computer.client_id = ?`,
  );
  const countedChange = database.prepare(`SELECT value FROM sequence WHERE name = 'counted_change'`);
  const updateOf = database.prepare(
    `SELECT update_entry.number, update_status.number AS counted FROM update_entry
     LEFT JOIN update_status ON update_status.number = update_entry.number WHERE update_id = ?`,
  );
  const detect = database.prepare(
    `UPDATE computer SET last_detection_ms = ?2
     WHERE client_id = ?1 AND (last_detection_ms IS NULL OR last_detection_ms < ?2)`,
  );
  const noteReport = database.prepare(`UPDATE computer SET last_report_ms = ? WHERE client_id = ?`);
  const noteDigest = database.prepare(`UPDATE computer_status SET lists_digest = ? WHERE number = ?`);
  const rowsOf = database.prepare(`SELECT update_number, state, since_ms FROM status WHERE computer = ?`);
  const rowOf = database.prepare(
    `SELECT update_number, state, since_ms FROM status WHERE computer = ? AND update_number = ?`,
  );
  const insert = database.prepare(`INSERT INTO status VALUES (?, ?, ?, ?, ?)`);
  const change = database.prepare(
    `UPDATE status SET state = ?, since_ms = ?, hresult = ? WHERE computer = ? AND update_number = ?`,
  );
  const remove = database.prepare(`DELETE FROM status WHERE computer = ? AND update_number = ?`);

  const known = new Map<UpdateId, number>();
  let knownAt = -1;

  /** Forgets what is remembered when other updates count than before; tells when that was. */
  const follow = (): number => {
    const at = Number(countedChange.get()?.value);
    if (at !== knownAt || known.size > IDS_KEPT) known.clear();
    knownAt = at;
    return at;
  };

  const numberOf = (updateId: UpdateId): number => {
    const remembered = known.get(updateId);
    if (remembered !== undefined) return remembered;
    const row = updateOf.get(updateId);
    if (row === undefined) return UNKNOWN;
    const number = row.counted === null ? NOT_COUNTED : Number(row.number);
    known.set(updateId, number);
    return number;
  };

  const apply = (computer: number, wanted: ReadonlyMap<number, StatusState>, timeMs: number): boolean => {
    let settled = true;
    const missing = new Map(wanted);
    for (const row of rowsOf.all(computer) as unknown as StatusRow[]) {
      const { update_number: update, state, since_ms: sinceMs } = row;
      const reported = missing.get(update);
      missing.delete(update);
      const next = reported === undefined ? undefined : stateAfterReport(state, reported);
      if (next === state) continue;
      // It failed after the scan that this report is about.
      if (sinceMs > timeMs) settled = false;
      else if (next === undefined) remove.run(computer, update);
      else change.run(next, timeMs, 0, computer, update);
    }
    for (const [update, state] of missing) insert.run(computer, update, state, timeMs, 0);
    return settled;
  };

  return {
    detected: (clientId, timeMs) => {
      detect.run(clientId, timeMs);
    },

    reported: (clientId, states, timeMs) => {
      const computer = computerOf.get(clientId);
      if (computer === undefined) return false;
      if (computer.last_report_ms !== null && Number(computer.last_report_ms) > timeMs) return false;
      noteReport.run(timeMs, clientId);
      const digest = digestOf(states, follow());
      if (digest === computer.lists_digest) return false;
      let strangers = false;
      const wanted = new Map<number, StatusState>();
      for (const [updateId, state] of states) {
        const update = numberOf(updateId);
        if (update === UNKNOWN) strangers = true;
        else if (update !== NOT_COUNTED) wanted.set(update, state);
      }
      const number = Number(computer.number);
      const settled = apply(number, wanted, timeMs);
      noteDigest.run(settled ? digest : null, number);
      return strangers;
    },

    failed: (clientId, updateId, hresult, timeMs) => {
      const computer = computerOf.get(clientId);
      if (computer === undefined) return;
      follow();
      const update = numberOf(updateId);
      if (update === UNKNOWN || update === NOT_COUNTED) return;
      const number = Number(computer.number);
      const row = rowOf.get(number, update) as StatusRow | undefined;
      const newestMs = row?.since_ms ?? Number(computer.last_report_ms ?? 0);
      // Told late: what is known since says more.
      if (timeMs < newestMs) return;
      if (row === undefined) insert.run(number, update, StatusState.Failed, timeMs, hresult);
      else change.run(StatusState.Failed, timeMs, hresult, number, update);
      noteDigest.run(null, number);
    },
  };
}

/** 48 bits in a number, of the lists and of which updates count. The order in which they list is of no account. */
function digestOf(states: ReadonlyMap<UpdateId, StatusState>, countedChange: number): number {
  const lists = Array.from(states, ([updateId, state]) => `${updateId}${state}`).sort();
  return hash('sha256', `${countedChange} ${lists.join()}`, 'buffer').readUIntBE(0, 6);
}

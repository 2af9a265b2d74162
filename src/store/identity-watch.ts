import type { DatabaseSync } from 'node:sqlite';
import { showsSharedId } from '../fleet/finding.ts';
import { IdentityKind } from './schema/fleet-tables.ts';

/** Enough to see who takes turns; whoever changes more often than this is watched by the latest. */
const IDENTITIES_KEPT = 16;

export interface IdentityWatch {
  /** To be called before the row of the computer changes. */
  readonly greeted: (clientId: string, dnsName: string, nowMs: number) => void;
  readonly registered: (clientId: string, hardware: readonly (string | undefined)[], nowMs: number) => void;
}

/**
 * Notices computers that share a client id, inside the transaction that is open. It costs nothing until an
 * identity changes: only then is the one before remembered, and one that comes back is a finding.
 *
 * Names are compared between greetings only, hardware between registrations only: what a computer says in
 * the one may differ from what it says in the other, always.
 */
export function prepareIdentityWatch(database: DatabaseSync): IdentityWatch {
  const known = database.prepare(
    `SELECT greeted_name, registered_ms, manufacturer, model, bios_name FROM computer WHERE client_id = ?`,
  );
  const earlier = database.prepare(`SELECT identity FROM computer_identity WHERE client_id = ? AND kind = ?`);
  const remember = database.prepare(
    `INSERT INTO computer_identity (client_id, kind, identity, last_ms) VALUES (?1, ?2, ?3, ?4)
     ON CONFLICT (client_id, kind, identity) DO UPDATE SET last_ms = ?4`,
  );
  const forget = database.prepare(
    `DELETE FROM computer_identity WHERE client_id = ?1 AND kind = ?2 AND identity NOT IN (
       SELECT identity FROM computer_identity WHERE client_id = ?1 AND kind = ?2
       ORDER BY last_ms DESC LIMIT ${IDENTITIES_KEPT})`,
  );
  const find = database.prepare(
    `INSERT INTO finding (kind, client_id, first_ms, last_ms, times) VALUES ('duplicate-id', ?1, ?2, ?2, 1)
     ON CONFLICT (kind, client_id) DO UPDATE SET last_ms = ?2, times = times + 1`,
  );
  const note = (clientId: string, kind: number, before: string, now: string, nowMs: number): void => {
    if (before === now) return;
    const identities = new Set(earlier.all(clientId, kind).map((row) => String(row.identity)));
    if (showsSharedId({ before, now, earlier: identities })) find.run(clientId, nowMs);
    remember.run(clientId, kind, before, nowMs);
    if (identities.size >= IDENTITIES_KEPT) forget.run(clientId, kind);
  };
  return {
    greeted: (clientId, dnsName, nowMs) => {
      const row = known.get(clientId);
      if (row === undefined || row.greeted_name === null) return;
      const before = String(row.greeted_name).toLowerCase();
      note(clientId, IdentityKind.Name, before, dnsName.toLowerCase(), nowMs);
    },
    registered: (clientId, hardware, nowMs) => {
      const row = known.get(clientId);
      if (row === undefined || row.registered_ms === null) return;
      const before = hardwareText([row.manufacturer, row.model, row.bios_name]);
      note(clientId, IdentityKind.Hardware, before, hardwareText(hardware), nowMs);
    },
  };
}

function hardwareText(parts: readonly unknown[]): string {
  return parts.map((part) => (typeof part === 'string' ? part.trim() : '')).join(' / ');
}

import type { DatabaseSync } from 'node:sqlite';
import { effectOf, REPORT_EVENT } from '../fleet/event-effects.ts';
import type { ClientEvent } from '../fleet/event-journal.ts';
import { prepareCloseDay } from './status-history.ts';
import { prepareStatusWrites } from './status-writes.ts';
import type { WriteCommands } from './write-command.ts';

/**
 * What a batch of events does to the store, inside the transaction that is open: everything that follows
 * from an event is decided here and is durable together with it.
 *
 * An event that its computer has delivered before, by its instance id, is not stored again. Of events that name
 * no update the latest of its kind is kept for each computer; a report of states (156) is kept as states.
 */
export function prepareAppendEvents(database: DatabaseSync): (batch: WriteCommands['appendEvents']) => void {
  const closeDay = prepareCloseDay(database);
  const status = prepareStatusWrites(database);
  const insert = database.prepare(
    `INSERT INTO event (
       instance_id, client_id, namespace_id, event_id, source_id, time_ms, received_ms,
       update_id, revision_number, hresult, app_name, replacement_strings, misc_data)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (client_id, instance_id) DO NOTHING`,
  );
  const deleteEarlier = database.prepare(
    `DELETE FROM event WHERE client_id = ? AND event_id = ? AND update_id IS NULL AND rowid < ?`,
  );
  const refuse = database.prepare(
    `INSERT INTO event_refusal (code, events, last_ms, last_client_id) VALUES (?1, 1, ?2, ?3)
     ON CONFLICT (code) DO UPDATE SET events = events + 1, last_ms = ?2, last_client_id = ?3`,
  );

  /** False for what was stored before. */
  const store = (event: ClientEvent, receivedMs: number): boolean => {
    const { changes, lastInsertRowid } = insert.run(
      event.instanceId,
      event.clientId,
      event.namespaceId,
      event.eventId,
      event.sourceId,
      event.timeMs,
      receivedMs,
      event.update?.updateId ?? null,
      event.update?.revisionNumber ?? null,
      event.hresult,
      event.appName,
      JSON.stringify(event.replacementStrings),
      JSON.stringify(event.miscData),
    );
    if (changes === 0) return false;
    if (event.update === undefined) deleteEarlier.run(event.clientId, event.eventId, lastInsertRowid);
    return true;
  };

  return ({ events, receivedMs, skewMs = 0 }) => {
    closeDay(receivedMs);
    for (const event of events) {
      const effect = effectOf(event);
      if (effect.kind === 'refused') {
        refuse.run(effect.code, receivedMs, event.clientId);
        continue;
      }
      if (event.eventId !== REPORT_EVENT && !store(event, receivedMs)) continue;
      // Nothing has happened yet that is told already, whatever a clock says.
      const timeMs = Math.min(event.timeMs + skewMs, receivedMs);
      if (effect.kind === 'detection') status.detected(event.clientId, timeMs);
      else if (effect.kind === 'failure')
        status.failed(event.clientId, event.update!.updateId, event.hresult, timeMs);
      else if (effect.kind === 'report' && status.reported(event.clientId, effect.states, timeMs))
        refuse.run('OAK_EVENT_UNKNOWN_UPDATE', receivedMs, event.clientId);
    }
  };
}

import type { DatabaseSync } from 'node:sqlite';
import type { WriteCommands } from './write-command.ts';

/**
 * What a batch of events does to the store, inside the transaction that is open: everything that follows
 * from an event is decided here and is durable together with it.
 *
 * An event that its computer has delivered before, by its instance id, is not stored again.
 */
export function prepareAppendEvents(database: DatabaseSync): (batch: WriteCommands['appendEvents']) => void {
  const insert = database.prepare(
    `INSERT INTO event (
       instance_id, client_id, namespace_id, event_id, source_id, time_ms, received_ms,
       update_id, revision_number, hresult, app_name, replacement_strings, misc_data)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (client_id, instance_id) DO NOTHING`,
  );
  return ({ events, receivedMs }) => {
    for (const event of events) {
      insert.run(
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
    }
  };
}

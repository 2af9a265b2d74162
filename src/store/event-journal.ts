import type { ClientEvent, EventJournal } from '../fleet/event-journal.ts';
import type { Db } from './schema.ts';

// SQLite binds at most 32,766 values per statement; an event takes thirteen.
const ROWS_PER_INSERT = 500;

/** Events in the database: one transaction per batch, an instance id once. */
export function createEventJournal(db: Db, now: () => number): EventJournal {
  return {
    async append(events) {
      if (events.length === 0) return;
      const receivedMs = now();
      await db.transaction().execute(async (tx) => {
        for (let at = 0; at < events.length; at += ROWS_PER_INSERT) {
          await tx
            .insertInto('event')
            .values(events.slice(at, at + ROWS_PER_INSERT).map((event) => row(event, receivedMs)))
            .onConflict((conflict) => conflict.column('instance_id').doNothing())
            .execute();
        }
      });
    },
  };
}

function row(event: ClientEvent, receivedMs: number) {
  return {
    instance_id: event.instanceId,
    client_id: event.clientId,
    namespace_id: event.namespaceId,
    event_id: event.eventId,
    source_id: event.sourceId,
    time_ms: event.timeMs,
    received_ms: receivedMs,
    update_id: event.update?.updateId ?? null,
    revision_number: event.update?.revisionNumber ?? null,
    hresult: event.hresult,
    app_name: event.appName,
    replacement_strings: JSON.stringify(event.replacementStrings),
    misc_data: JSON.stringify(event.miscData),
  };
}

import type { EventJournal } from '../fleet/event-journal.ts';
import type { Writer } from './writer.ts';

/** Events in the database: a batch as a whole, an instance id of a computer once. */
export function createEventJournal(writer: Writer, now: () => number): EventJournal {
  return {
    append: async (events, skewMs = 0) => {
      if (events.length > 0) await writer.execute('appendEvents', { receivedMs: now(), skewMs, events });
    },
  };
}

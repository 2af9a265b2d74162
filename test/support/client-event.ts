import type { ClientEvent } from '../../src/fleet/event-journal.ts';
import type { UpdateId } from '../../src/metadata/update-identity.ts';
import type { Guid } from '../../src/soap/simple-type.ts';

/** An event with an instance id of its own for each index. */
export function clientEvent(index: number, changes: Partial<ClientEvent> = {}): ClientEvent {
  return {
    instanceId: `10000000-0000-4000-8000-${String(index).padStart(12, '0')}` as Guid,
    clientId: 'client',
    namespaceId: 1,
    eventId: 183,
    sourceId: 101,
    timeMs: 1_000 + index,
    // Of events about no update, only the latest is kept.
    update: { updateId: '20000000-0000-4000-8000-000000000000' as UpdateId, revisionNumber: 1 },
    hresult: 0,
    appName: '',
    replacementStrings: [],
    miscData: [],
    ...changes,
  };
}

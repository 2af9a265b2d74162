import { parseUpdateId, type UpdateId } from '../metadata/update-identity.ts';
import type { ClientEvent, EventRefusal } from './event-journal.ts';
import { StatusState } from './status-state.ts';

/** What an event means for the states of its computer, besides being history. */
export type EventEffect =
  /** The states of all updates there are, by UpdateID: what is not listed is not applicable. Event 156. */
  | { readonly kind: 'report'; readonly states: ReadonlyMap<UpdateId, StatusState> }
  /** The update of the event failed. */
  | { readonly kind: 'failure' }
  /** The computer finished a scan; what applies to it comes with a report. */
  | { readonly kind: 'detection' }
  /** Nothing but history: states change with the next report. */
  | { readonly kind: 'history' }
  | { readonly kind: 'refused'; readonly code: EventRefusal };

export const REPORT_EVENT = 156;
const DETECTION_EVENT = 147;

/** Downloads and installations that failed. 203, which some lists name too, is a success (observed). */
const FAILURE_EVENTS: ReadonlySet<number> = new Set([161, 182, 195, 198, 204]);

/**
 * The lists of a report by their keys, which are case-sensitive ([MS-WUSP] 2.2.2.3.1). Only U and V are ever
 * seen; all are understood.
 */
const LISTS: ReadonlyMap<string, StatusState> = new Map([
  ['U', StatusState.Needed],
  ['V', StatusState.Installed],
  ['W', StatusState.PendingReboot],
  ['g', StatusState.Failed],
  ['h', StatusState.Downloaded],
]);

/** What follows from an event. Whatever it holds, this throws nothing. */
export function effectOf(event: ClientEvent): EventEffect {
  if (event.refused !== undefined) return { kind: 'refused', code: event.refused };
  if (event.eventId === REPORT_EVENT) return reportOf(event.miscData);
  if (event.eventId === DETECTION_EVENT) return { kind: 'detection' };
  if (FAILURE_EVENTS.has(event.eventId) && event.update !== undefined) return { kind: 'failure' };
  return { kind: 'history' };
}

/** Each list is one text of UpdateIDs with semicolons between them; a key that has none is left out (observed). */
function reportOf(miscData: readonly string[]): EventEffect {
  const states = new Map<UpdateId, StatusState>();
  for (const entry of miscData) {
    const state = entry[1] === '=' ? LISTS.get(entry[0]) : undefined;
    if (state === undefined) continue;
    for (const text of entry.slice(2).split(';')) {
      if (text === '') continue;
      const id = parseUpdateId(text);
      if (id === undefined) return { kind: 'refused', code: 'OAK_EVENT_CONTRADICTORY' };
      const other = states.get(id);
      if (other !== undefined && other !== state) return { kind: 'refused', code: 'OAK_EVENT_CONTRADICTORY' };
      states.set(id, state);
    }
  }
  return { kind: 'report', states };
}

/**
 * What becomes of a state when a report comes: a failure outlives reports that only say the update is still
 * needed, or downloaded, and ends when one says it is installed or leaves it out.
 */
export function stateAfterReport(before: StatusState, reported: StatusState): StatusState {
  const stillMissing = reported === StatusState.Needed || reported === StatusState.Downloaded;
  return before === StatusState.Failed && stillMissing ? StatusState.Failed : reported;
}

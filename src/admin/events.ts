import { nearestName } from '../errors/nearest-name.ts';
import { OakumError } from '../errors/oakum-error.ts';
import { ERRORS, type ErrorCode } from '../errors/catalogue.ts';
import { EVENT_NAMES, eventIdsNamed, eventName, FAILURE_EVENT_IDS } from '../fleet/event-names.ts';
import { describeResult, type DescribedResult } from '../fleet/result-codes.ts';
import { parseUpdateId } from '../metadata/update-identity.ts';
import {
  listEvents,
  listRefusals,
  type EventFilter,
  type EventRefusals,
  type ListedEvent,
} from '../store/event-list.ts';
import type { ListPage, ListPart } from '../store/keyset.ts';
import type { DbOrTx } from '../store/schema.ts';
import { findComputer } from './computers.ts';
import { findUpdate } from './updates.ts';

/** An event as administrators see it. Its texts are what a computer sent: text, and nothing else. */
export interface EventView extends ListedEvent {
  /** What happened. */
  readonly event: string;
  readonly result: DescribedResult;
}

export interface EventQuery extends ListPage {
  /** As people name them, see findComputer and findUpdate. */
  readonly computer?: string;
  readonly update?: string;
  /** A number, a name, or part of one. */
  readonly event?: string;
  /** Only those that tell of a failure. */
  readonly failures?: boolean;
  /** Received then or later. */
  readonly sinceMs?: number;
}

/**
 * Events that computers reported, the one received last first.
 *
 * @throws OakumError OAK_COMPUTER_UNKNOWN, OAK_UPDATE_UNKNOWN, OAK_UPDATE_AMBIGUOUS, OAK_EVENT_KIND_UNKNOWN
 */
export async function viewEvents(db: DbOrTx, query: EventQuery): Promise<ListPart<EventView>> {
  const named = query.event === undefined ? undefined : eventIds(query.event);
  const failing = query.failures === true ? FAILURE_EVENT_IDS : undefined;
  const ids = named === undefined ? failing : named.filter((id) => failing?.includes(id) ?? true);
  const filter: EventFilter = {
    ...(query.sinceMs === undefined ? {} : { sinceMs: query.sinceMs }),
    ...(query.computer === undefined ? {} : { clientId: await clientIdOf(db, query.computer) }),
    ...(query.update === undefined ? {} : { updateId: await updateIdOf(db, query.update) }),
    ...(ids === undefined ? {} : { eventIds: ids }),
  };
  const events = await listEvents(db, filter, query);
  const items = events.items.map((event) => ({
    ...event,
    event: eventName(event.eventId),
    result: describeResult(event.hresult),
  }));
  return { ...events, items };
}

/** Events outlive their computer: a whole client id needs none. */
async function clientIdOf(db: DbOrTx, name: string): Promise<string> {
  return parseUpdateId(name) ?? (await findComputer(db, name)).client_id;
}

/** Members of bundles report too, and updates this server never had. */
async function updateIdOf(db: DbOrTx, name: string): Promise<string> {
  return parseUpdateId(name) ?? (await findUpdate(db, name)).updateId;
}

function eventIds(name: string): readonly number[] {
  const ids = eventIdsNamed(name);
  if (ids.length > 0) return ids;
  if (/^\d{1,9}$/.test(name.trim())) return [Number(name)];
  const nearest = nearestName(name, EVENT_NAMES);
  const hint = nearest === undefined ? '' : ` Did you mean "${nearest}"?`;
  throw new OakumError('OAK_EVENT_KIND_UNKNOWN', { detail: `"${name}".${hint}` });
}

/** How often events were not taken as they were, and what that means. */
export interface RefusalView extends EventRefusals {
  readonly summary: string;
}

export async function viewRefusals(db: DbOrTx): Promise<RefusalView[]> {
  const refusals = await listRefusals(db);
  return refusals.map((one) => ({ ...one, summary: ERRORS[one.code as ErrorCode]?.summary ?? '' }));
}

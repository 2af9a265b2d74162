import type { Command } from 'commander';
import type { EventView } from '../admin/events.ts';
import { events } from '../api/operations/events.ts';
import { doorCommand, type CommonOptions } from './common.ts';
import { listing, printList, type ListOptions } from './list.ts';
import { parseSince } from './since.ts';
import { time } from './table.ts';
import { withDoor } from './with-door.ts';

interface EventsOptions extends ListOptions {
  readonly computer?: string;
  readonly update?: string;
  readonly event?: string;
  readonly since?: number;
  readonly failures?: boolean;
}

export function eventsCommand(): Command {
  const all = listing(doorCommand('events', 'List what computers reported, the latest first'))
    .option('--computer <computer>', 'of this one: client id or name')
    .option('--update <update>', 'about this one: an UpdateID, a KB number or words of the title')
    .option('--event <event>', 'of this kind: a number, or words such as "installation failed"')
    .option('--since <time>', 'received since: 7d, 12h, 30m, or 2026-12-31T22:00Z', parseSince)
    .option('--failures', 'only those that tell of a failure')
    .action(list);
  all.addCommand(
    doorCommand('refused', 'Count events that were not taken as they were, and why').action(refused),
  );
  return all;
}

async function list(options: EventsOptions): Promise<void> {
  const { computer, update, event, since, failures = false } = options;
  const filter = {
    failures,
    ...(computer === undefined ? {} : { computer }),
    ...(update === undefined ? {} : { update }),
    ...(event === undefined ? {} : { event }),
    ...(since === undefined ? {} : { sinceMs: since }),
  };
  const listed = await withDoor(options, (door) => door.list(events.list, filter, options.limit));
  printList(options, listed, ['TIME', 'COMPUTER', 'EVENT', 'RESULT', 'UPDATE'], listed.map(row));
}

function row(event: EventView): string[] {
  const { hex, name } = event.result;
  return [
    time(event.timeMs),
    event.computer ?? event.clientId,
    `${event.eventId} ${event.event}`,
    event.hresult === 0 ? '-' : `${hex} ${name}`.trim(),
    event.title ?? event.updateId ?? '-',
  ];
}

/** One for each code of the catalogue at most. */
const MOST_REFUSALS = 1_000;

async function refused(options: CommonOptions): Promise<void> {
  const refusals = await withDoor(options, (door) => door.list(events.refusals, {}, MOST_REFUSALS));
  const rows = refusals.map((one) => [
    one.code,
    String(one.events),
    time(one.lastMs),
    one.lastClientId,
    one.summary,
  ]);
  printList(options, refusals, ['CODE', 'EVENTS', 'LAST', 'LAST COMPUTER', 'WHAT'], rows);
}

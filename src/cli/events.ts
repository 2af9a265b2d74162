import type { Command } from 'commander';
import { viewEvents, viewRefusals, type EventView } from '../admin/events.ts';
import { command, withExistingStore, type CommonOptions } from './common.ts';
import { listing, printList, type ListOptions } from './list.ts';
import { parseSince } from './since.ts';
import { time } from './table.ts';

interface EventsOptions extends ListOptions {
  readonly computer?: string;
  readonly update?: string;
  readonly event?: string;
  readonly since?: number;
  readonly failures?: boolean;
}

export function eventsCommand(): Command {
  const events = listing(command('events', 'List what computers reported, the latest first'))
    .option('--computer <computer>', 'of this one: client id or name')
    .option('--update <update>', 'about this one: an UpdateID, a KB number or words of the title')
    .option('--event <event>', 'of this kind: a number, or words such as "installation failed"')
    .option('--since <time>', 'received since: 7d, 12h, 30m, or 2026-12-31T22:00Z', parseSince)
    .option('--failures', 'only those that tell of a failure')
    .action(list);
  events.addCommand(
    command('refused', 'Count events that were not taken as they were, and why').action(refused),
  );
  return events;
}

async function list(options: EventsOptions): Promise<void> {
  const events = await withExistingStore(options, (store) =>
    viewEvents(store.db, {
      limit: options.limit,
      failures: options.failures === true,
      ...(options.computer === undefined ? {} : { computer: options.computer }),
      ...(options.update === undefined ? {} : { update: options.update }),
      ...(options.event === undefined ? {} : { event: options.event }),
      ...(options.since === undefined ? {} : { sinceMs: options.since }),
    }),
  );
  printList(options, events, ['TIME', 'COMPUTER', 'EVENT', 'RESULT', 'UPDATE'], events.map(row));
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

async function refused(options: CommonOptions): Promise<void> {
  const refusals = await withExistingStore(options, (store) => viewRefusals(store.db));
  const rows = refusals.map((one) => [
    one.code,
    String(one.events),
    time(one.lastMs),
    one.lastClientId,
    one.summary,
  ]);
  printList(options, refusals, ['CODE', 'EVENTS', 'LAST', 'LAST COMPUTER', 'WHAT'], rows);
}

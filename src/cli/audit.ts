import type { Command } from 'commander';
import type { AuditVerdict } from '../admin/audit.ts';
import { audit as operations, type AnsweredEntry } from '../api/operations/audit.ts';
import { doorCommand, print, type CommonOptions } from './common.ts';
import { parseDeadline } from './deadline.ts';
import { table, time } from './table.ts';
import { parseCount } from './updates.ts';
import { withDoor } from './with-door.ts';

interface ListOptions extends CommonOptions {
  readonly caller?: string;
  readonly action?: string;
  readonly subject?: string;
  readonly since?: string;
  readonly limit: number;
}

export function auditCommand(): Command {
  const audit = listing(doorCommand('audit', 'What was changed, when and by whom'));
  audit.addCommand(listing(doorCommand('list', 'List changes, newest first')));
  audit.addCommand(
    doorCommand('verify', 'Check that nobody changed the log')
      .option('--head <number:hash>', 'that the log still holds this head, which was printed before')
      .action(verify),
  );
  return audit;
}

function listing(one: Command): Command {
  return one
    .option('--caller <name>', 'only by this one; rules and rings are callers too')
    .option('--action <action>', 'only this, such as update.approve, or update for all about updates')
    .option('--subject <id>', 'only about this UpdateID, group id, client id or name')
    .option('--since <time>', 'only since then: 2026-12-31T22:00Z')
    .option('--limit <count>', 'at most this many', parseCount, 100)
    .action(list);
}

async function list(options: ListOptions): Promise<void> {
  const { caller, action, subject, since, limit } = options;
  const filter = {
    ...(caller === undefined ? {} : { caller }),
    ...(action === undefined ? {} : { action }),
    ...(subject === undefined ? {} : { subject }),
    ...(since === undefined ? {} : { sinceMs: parseDeadline(since) }),
  };
  const entries = await withDoor(options, (door) => door.list(operations.list, filter, limit));
  print(options, entries, () =>
    table(['NUMBER', 'TIME', 'CALLER', 'ACTION', 'SUBJECT', 'NOW'], entries.map(row)),
  );
}

function row(entry: AnsweredEntry): string[] {
  const now = entry.after === undefined ? '-' : JSON.stringify(entry.after);
  const shown = now.length > 100 ? `${now.slice(0, 99)}…` : now;
  return [String(entry.number), time(entry.timeMs), entry.caller, entry.action, entry.subject, shown];
}

async function verify(options: CommonOptions & { readonly head?: string }): Promise<void> {
  const { head } = options;
  const verdict = await withDoor(options, (door) =>
    door.job(operations.verify, head === undefined ? {} : { head }),
  );
  if (!verdict.intact) process.exitCode = 1;
  print(options, verdict, () => told(verdict));
}

function told({ firstForged, head, holdsHead }: AuditVerdict): string {
  const lines = [
    firstForged === null ? 'the log is as it was written' : `entry ${firstForged} is not what was written`,
  ];
  if (holdsHead === true) lines.push('and holds the head that you gave');
  if (holdsHead === false)
    lines.push('the log does not hold the head that you gave: its end was cut off, or it was written anew');
  if (head !== null) lines.push(`head: ${head}`);
  return lines.join('\n');
}

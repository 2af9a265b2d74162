import type { Command } from 'commander';
import { verifyAudit, viewAudit } from '../admin/audit.ts';
import type { StoredAuditEntry } from '../store/audit.ts';
import { command, print, withExistingStore, type CommonOptions } from './common.ts';
import { parseDeadline } from './deadline.ts';
import { table, time } from './table.ts';
import { parseCount } from './updates.ts';

interface ListOptions extends CommonOptions {
  readonly caller?: string;
  readonly action?: string;
  readonly subject?: string;
  readonly since?: string;
  readonly limit: number;
}

export function auditCommand(): Command {
  const audit = listing(command('audit', 'What was changed, when and by whom'));
  audit.addCommand(listing(command('list', 'List changes, newest first')));
  audit.addCommand(command('verify', 'Check that nobody changed the log').action(verify));
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
  const entries = await withExistingStore(options, (store) =>
    viewAudit(store.db, {
      limit,
      ...(caller === undefined ? {} : { caller }),
      ...(action === undefined ? {} : { action }),
      ...(subject === undefined ? {} : { subject }),
      ...(since === undefined ? {} : { sinceMs: parseDeadline(since) }),
    }),
  );
  print(options, entries, () =>
    table(['NUMBER', 'TIME', 'CALLER', 'ACTION', 'SUBJECT', 'NOW'], entries.map(row)),
  );
}

function row(entry: StoredAuditEntry): string[] {
  const now = entry.after === undefined ? '-' : JSON.stringify(entry.after);
  const shown = now.length > 100 ? `${now.slice(0, 99)}…` : now;
  return [String(entry.number), time(entry.timeMs), entry.caller, entry.action, entry.subject, shown];
}

async function verify(options: CommonOptions): Promise<void> {
  const forged = await withExistingStore(options, (store) => verifyAudit(store.db));
  if (forged !== undefined) process.exitCode = 1;
  print(options, { intact: forged === undefined, firstForged: forged ?? null }, () =>
    forged === undefined ? 'the log is as it was written' : `entry ${forged} is not what was written`,
  );
}

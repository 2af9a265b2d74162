import type { Command } from 'commander';
import { resolve } from 'node:path';
import { restoreBackup, type RestoreReport } from '../admin/backup/restore-backup.ts';
import { localCaller } from './caller.ts';
import { command, dataFolder, print, type CommonOptions } from './common.ts';
import { time } from './table.ts';

interface RestoreOptions extends CommonOptions {
  readonly replace?: boolean;
  readonly keepIdentity?: boolean;
  readonly dryRun?: boolean;
}

export function restoreCommand(): Command {
  return command('restore', 'Put a backup in the place of a data folder that no server uses')
    .argument('<backup>', 'the folder with manifest.json')
    .option('--replace', 'move aside what is in the data folder')
    .option(
      '--keep-identity',
      'clients go on with what they know; only if nothing was imported, approved or declined since the backup',
    )
    .option('--dry-run', 'check everything and say what would be done')
    .action(run);
}

async function run(backup: string, options: RestoreOptions): Promise<void> {
  const report = await restoreBackup(localCaller(), {
    backup: resolve(backup),
    dataFolder: dataFolder(options),
    nowMs: Date.now(),
    replace: options.replace === true,
    keepIdentity: options.keepIdentity === true,
    dryRun: options.dryRun === true,
  });
  print(options, report, () => describe(report));
}

const BECAUSE: Readonly<Record<RestoreReport['identity']['because'], string>> = {
  unchanged: 'The server keeps its identity: no number was given since the backup. Clients notice nothing.',
  asked: 'The server keeps its identity, as you asked for.',
  'nothing-to-compare':
    'The server has a new identity, because what was done since the backup is not known. Clients refresh their caches by themselves.',
  'other-server':
    'The server has a new identity: another one was here. Clients refresh their caches by themselves.',
  'changed-since':
    'The server has a new identity, because the catalogue or approvals changed since the backup. Clients refresh their caches by themselves.',
};

function describe(report: RestoreReport): string {
  const { backup, content, aside, identity, firstForgedAudit } = report;
  const lines = [
    `${report.dryRun ? 'would restore' : 'restored'} the state of ${time(backup.timeMs)} (Oakum ${backup.oakumVersion})`,
    BECAUSE[identity.because],
    'Everybody must sign in again. Tokens and passwords are as they were then: revoke again what you revoked since.',
  ];
  if (content !== null)
    lines.push(`${content.copied} files of updates copied, ${content.present} were there.`);
  if (aside !== null) lines.push(`What was there before: ${aside}`);
  if (firstForgedAudit !== null) {
    lines.push(`The audit log is not what was written, from entry ${firstForgedAudit} on.`);
  }
  return lines.join('\n');
}

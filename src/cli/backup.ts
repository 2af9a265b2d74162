import { InvalidArgumentError, type Command } from 'commander';
import { resolve } from 'node:path';
import { createBackup, type BackupReport } from '../admin/backup/create-backup.ts';
import { backups } from '../api/operations/backups.ts';
import { OakumError } from '../errors/oakum-error.ts';
import { openStore } from '../store/open-store.ts';
import { localCaller } from './caller.ts';
import { dataFolder, doorCommand, print, type CommonOptions } from './common.ts';
import { withDoor } from './with-door.ts';
import { bytesText } from './bytes-text.ts';

interface BackupOptions extends CommonOptions {
  readonly content?: boolean;
  readonly exact?: boolean;
  readonly keep?: number;
}

export function backupCommand(): Command {
  return doorCommand('backup', 'Take a backup, also while the server runs')
    .argument(
      '[target]',
      'a folder that gets a new folder for each backup; with --server, none: it has its own',
    )
    .option('--content', 'also the files of updates; linked, not copied, where that is possible')
    .option('--keep <count>', 'delete older backups of this server beyond so many', parseKeep)
    .option('--exact', 'make the target itself the backup; it must not exist')
    .action(run);
}

function parseKeep(value: string): number {
  if (!/^[1-9]\d{0,4}$/.test(value)) throw new InvalidArgumentError('A number from 1 to 99999.');
  return Number(value);
}

async function run(target: string | undefined, options: BackupOptions): Promise<void> {
  if (options.server !== undefined) return runThere(target, options);
  if (target === undefined) throw new OakumError('OAK_BACKUP_TARGET', { detail: 'None was named.' });
  const store = await openStore({
    dataFolder: dataFolder(options),
    now: Date.now,
    mustExist: true,
    asItIs: true,
  });
  const stop = new AbortController();
  const interrupt = (): void => stop.abort(new Error('interrupted'));
  process.once('SIGINT', interrupt).once('SIGTERM', interrupt);
  try {
    const report = await createBackup(store.db, localCaller(), {
      dataFolder: dataFolder(options),
      target: resolve(target),
      nowMs: Date.now(),
      exact: options.exact === true,
      content: options.content === true,
      signal: stop.signal,
      ...(options.keep === undefined ? {} : { keep: options.keep }),
      ...(process.stderr.isTTY && options.json !== true ? { onProgress: progress } : {}),
    });
    print(options, report, () => describe(report));
  } catch (error) {
    if (!stop.signal.aborted) throw error;
    process.exitCode = 130;
  } finally {
    process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
    await store.close();
  }
}

async function runThere(target: string | undefined, options: BackupOptions): Promise<void> {
  if (target !== undefined || options.exact === true)
    throw new OakumError('OAK_BACKUP_TARGET', {
      detail: 'A server has its own: the setting backups.folder.',
    });
  const { content = false, keep } = options;
  const input = { content, ...(keep === undefined ? {} : { keep }) };
  const report = await withDoor(options, (door) => door.job(backups.create, input));
  print(options, report, () => describe(report));
}

function progress(what: string, done: number, of: number | undefined): void {
  const text = of === undefined ? `${done} files` : `${Math.floor((100 * done) / Math.max(1, of))} %`;
  process.stderr.write(`\r${what}: ${text}\u001B[K`);
}

function describe(report: Pick<BackupReport, 'path' | 'bytes' | 'content' | 'removed'>): string {
  const { content } = report;
  const lines = [report.path, `  ${bytesText(report.bytes)}`];
  if (content !== null) {
    lines.push(
      `  ${content.files} files of updates, ${bytesText(content.bytes)}; ${content.linked} of them linked`,
    );
  }
  for (const one of report.removed) lines.push(`  deleted ${one}`);
  return lines.join('\n');
}

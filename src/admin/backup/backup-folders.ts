import { createHash } from 'node:crypto';
import { existsSync, lstatSync, readdirSync, realpathSync, rmSync } from 'node:fs';
import { basename, dirname, join, resolve, sep } from 'node:path';
import { OakumError } from '../../errors/oakum-error.ts';
import { readManifest, type BackupManifest } from './backup-manifest.ts';
import { BACKUPS_FOLDER } from './data-files.ts';

const NAME = /^oakum-\d{4}-\d{2}-\d{2}T\d{2}-\d{2}-\d{2}Z$/;

export interface FoundBackup {
  readonly path: string;
  readonly manifest: BackupManifest;
}

/** The name of a backup: in the order of time, and allowed in every file system. */
export function backupName(timeMs: number): string {
  return `oakum-${new Date(timeMs).toISOString().slice(0, 19).replaceAll(':', '-')}Z`;
}

/** Where a backup is put together: one place for each data folder, so that the next one removes what a killed one left. */
export function partialName(dataFolder: string, identity: string): string {
  const key = createHash('sha256')
    .update(`${identity} ${realpathSync(dataFolder)}`)
    .digest('hex');
  return `.oakum-${key.slice(0, 16)}.partial`;
}

/** Complete backups of one server in a folder, the newest first. Whatever else lies there is passed over. */
export function completeBackups(target: string, identity: string): FoundBackup[] {
  if (!existsSync(target)) return [];
  return readdirSync(target)
    .filter((name) => NAME.test(name))
    .sort()
    .reverse()
    .flatMap((name) => {
      try {
        const path = join(target, name);
        const manifest = readManifest(path);
        return manifest.store.identity === identity ? [{ path, manifest }] : [];
      } catch {
        return [];
      }
    });
}

/** Deletes all but the newest complete backups of one server; returns what is gone. */
export function removeOldBackups(target: string, identity: string, keep: number): string[] {
  const old = completeBackups(target, identity).slice(keep);
  for (const { path } of old) rmSync(path, { recursive: true, force: true });
  return old.map((one) => one.path);
}

/**
 * Refuses to write into what is backed up.
 *
 * @throws OakumError OAK_BACKUP_TARGET
 */
export function requireTarget(dataFolder: string, target: string): void {
  const refused = (detail: string): OakumError => new OakumError('OAK_BACKUP_TARGET', { detail });
  const from = realpathSync(dataFolder);
  const to = realPathOf(target);
  if (to === from) throw refused('It is the data folder itself.');
  if (to.startsWith(from + sep)) {
    const [first] = to.slice(from.length + 1).split(sep);
    if (first !== BACKUPS_FOLDER) throw refused(`${target} is a part of the data folder.`);
  }
  const stats = lstatSync(to, { throwIfNoEntry: false });
  if (stats !== undefined && !stats.isDirectory()) throw refused(`${target} is not a folder.`);
}

/** Where a path leads that may not be there yet. */
function realPathOf(path: string): string {
  const absolute = resolve(path);
  if (existsSync(absolute)) return realpathSync(absolute);
  const above = dirname(absolute);
  return above === absolute ? absolute : join(realPathOf(above), basename(absolute));
}

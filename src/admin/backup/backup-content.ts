import { copyFile as copyWhole, link, mkdir, open, stat } from 'node:fs/promises';
import { constants, existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ContentFolder } from '../../content/content-folder.ts';
import { isAbsent } from '../../content/store-error.ts';
import type { ContentFile } from './backup-manifest.ts';
import { CONTENT_FOLDER } from './data-files.ts';

export interface ContentBackupOptions {
  /** The backup before this one in the same place, if any. */
  readonly previous?: string;
  readonly onFile?: (files: number) => void;
}

export interface ContentBackup {
  readonly files: readonly ContentFile[];
  /** How many took no space, because another folder has them already. */
  readonly linked: number;
}

/**
 * Puts the files of updates into a backup. Their names are their digests and they never change, so a file that is
 * already in the backup before, or lies on the same disk, is linked and not copied. A file that goes meanwhile is
 * left out: nothing needed it any more.
 */
export async function backUpContent(
  dataFolder: string,
  backup: string,
  options: ContentBackupOptions = {},
): Promise<ContentBackup> {
  const live = new ContentFolder(join(dataFolder, CONTENT_FOLDER));
  const target = new ContentFolder(join(backup, CONTENT_FOLDER));
  const before =
    options.previous === undefined ? undefined : new ContentFolder(join(options.previous, CONTENT_FOLDER));
  const files: ContentFile[] = [];
  const folders = new Set<string>();
  let linked = 0;
  // A data folder need not have any file of an update.
  if (!existsSync(join(dataFolder, CONTENT_FOLDER))) return { files, linked };
  for await (const sha1 of live.addresses()) {
    const to = target.pathOf(sha1);
    if (!folders.has(dirname(to))) {
      await mkdir(dirname(to), { recursive: true, mode: 0o700 });
      folders.add(dirname(to));
    }
    const from = live.pathOf(sha1);
    const bytes = await sizeOf(from);
    if (bytes === undefined) continue;
    const older = before?.pathOf(sha1);
    const usable = older !== undefined && (await sizeOf(older)) === bytes;
    if ((usable && (await isLinked(older, to))) || (await isLinked(from, to))) linked++;
    else if (!(await isCopied(usable ? older : from, to))) continue;
    files.push({ sha1, bytes });
    options.onFile?.(files.length);
  }
  return { files: files.sort((one, other) => (one.sha1 < other.sha1 ? -1 : 1)), linked };
}

async function sizeOf(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if (isAbsent(error)) return undefined;
    throw error;
  }
}

/** Not across file systems, and not where there are no links. */
async function isLinked(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch {
    return false;
  }
}

/** False when the file went meanwhile. */
async function isCopied(from: string, to: string): Promise<boolean> {
  try {
    await copyWhole(from, to, constants.COPYFILE_EXCL);
  } catch (error) {
    if (isAbsent(error)) return false;
    throw error;
  }
  await using file = await open(to, 'r+');
  await file.sync();
  return true;
}

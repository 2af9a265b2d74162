import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { isOfRestore } from '../../store/pending-restore.ts';

/** The one place in a data folder where backups may be. */
export const BACKUPS_FOLDER = 'backups';
export const DATABASE_FILE = 'oakum.db';
/** Where files wait that were sent to be imported: nobody misses them. */
export const UPLOADS_FOLDER = 'uploads';
/** Where the files of updates lie, in a data folder as in a backup. */
export const CONTENT_FOLDER = 'content';
export const MANIFEST_FILE = 'manifest.json';

const DEEPEST = 8;

/**
 * The files of a data folder that belong into a backup besides the database: settings, keys, certificates, the
 * self-update files. What is left out is named here, so that a file that comes with a later version is not
 * forgotten: the database and its log, locks, files being written, and the files of updates, which are a choice.
 *
 * @returns paths from the data folder, with slashes
 */
export function dataFiles(dataFolder: string): string[] {
  return below(dataFolder, '', 0).sort();
}

/** Whether something at the top of a data folder is neither the store nor a part of it. */
export function isForeign(name: string): boolean {
  return (
    name.startsWith('.') ||
    name === BACKUPS_FOLDER ||
    name === UPLOADS_FOLDER ||
    name === 'lost+found' ||
    isOfRestore(name) ||
    // A backup that was copied into the data folder by hand does not become part of the next one.
    name === MANIFEST_FILE ||
    /\.(?:lock|lock-journal|new|log|pid|sock)$/.test(name)
  );
}

/** Whether a path is one that {@link dataFiles} may name. */
export function isDataFile(path: string): boolean {
  const [first, ...rest] = path.split('/');
  return isPart(first) && !rest.some(isForeign);
}

function isPart(name: string): boolean {
  const isDatabase = name === DATABASE_FILE || name.startsWith(`${DATABASE_FILE}-`);
  return !isForeign(name) && !isDatabase && name !== CONTENT_FOLDER;
}

function below(dataFolder: string, folder: string, depth: number): string[] {
  return readdirSync(join(dataFolder, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
    if (depth === 0 ? !isPart(entry.name) : isForeign(entry.name)) return [];
    if (entry.isDirectory()) return depth < DEEPEST ? below(dataFolder, path, depth + 1) : [];
    // A settings file or a certificate may be a link to where the system keeps it.
    return statSync(join(dataFolder, path), { throwIfNoEntry: false })?.isFile() === true ? [path] : [];
  });
}

import { join } from 'node:path';
import { isAbsent } from '../../content/store-error.ts';
import { ContentFolder } from '../../content/content-folder.ts';
import type { BackupFile, ContentFile } from './backup-manifest.ts';
import { CONTENT_FOLDER } from './data-files.ts';
import { copyFile, digestFile, type CopiedFile } from './copy-file.ts';
import { damaged } from './file-trouble.ts';

/**
 * Copies a file out of a backup; what arrives is what the manifest promises.
 *
 * @throws OakumError OAK_BACKUP_DAMAGED
 */
export async function copyOut(backup: string, file: BackupFile, folder: string): Promise<void> {
  const from = join(backup, file.path);
  compare(
    file.path,
    file.bytes,
    file.sha256,
    await present(file.path, copyFile(from, join(folder, file.path))),
  );
}

/** Where a file of an update lies in a backup. */
export function contentPath(backup: string, file: ContentFile): string {
  return new ContentFolder(join(backup, CONTENT_FOLDER)).pathOf(file.sha1);
}

/** @throws OakumError OAK_BACKUP_DAMAGED */
export async function checkContentFile(backup: string, file: ContentFile): Promise<void> {
  const read = await present(file.sha1, digestFile(contentPath(backup, file), 'sha1'));
  compare(file.sha1, file.bytes, file.sha1.toLowerCase(), read);
}

/** Copying writes, too: only what concerns the backup's own file is its damage. */
async function present(path: string, read: Promise<CopiedFile>): Promise<CopiedFile> {
  try {
    return await read;
  } catch (cause) {
    if (isAbsent(cause)) throw damaged(path, 'it is missing', cause);
    throw cause;
  }
}

function compare(path: string, bytes: number, digest: string, read: CopiedFile): void {
  if (read.bytes !== bytes) throw damaged(path, `it has ${read.bytes} bytes instead of ${bytes}`);
  if (read.digest !== digest) throw damaged(path, 'its digest is another one');
}

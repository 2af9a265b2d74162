import { readServerState } from '../../store/server-state.ts';
import type { DbOrTx } from '../../store/schema.ts';
import { completeBackups } from './backup-folders.ts';

/** A complete backup. */
export interface BackupView {
  readonly path: string;
  readonly timeMs: number;
  readonly oakumVersion: string;
  readonly catalogChange: number;
  /** Of everything but the files of updates. */
  readonly bytes: number;
  /** Null for a backup without them. */
  readonly contentFiles: number | null;
}

/** The complete backups of this server in a folder, the newest first. */
export async function viewBackups(db: DbOrTx, folder: string): Promise<BackupView[]> {
  const { identity } = await readServerState(db);
  return completeBackups(folder, identity).map(({ path, manifest }) => ({
    path,
    timeMs: manifest.timeMs,
    oakumVersion: manifest.oakumVersion,
    catalogChange: manifest.store.catalogChange,
    bytes: manifest.files.reduce((sum, file) => sum + file.bytes, 0),
    contentFiles: manifest.content?.length ?? null,
  }));
}

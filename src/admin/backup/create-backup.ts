import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { isAbsent } from '../../content/store-error.ts';
import { OakumError } from '../../errors/oakum-error.ts';
import { appendAudit } from '../../store/audit.ts';
import { databasePath } from '../../store/connect.ts';
import { copyDatabase } from '../../store/copy-database.ts';
import { syncFolder } from '../../store/folder-sync.ts';
import { holdProcessLock } from '../../store/process-lock.ts';
import type { Db } from '../../store/schema.ts';
import { hasAuditLog, noteBackup, readStoreFacts } from '../../store/store-facts.ts';
import type { Caller } from '../caller.ts';
import { inTransaction } from '../dry-run.ts';
import { backUpContent, type ContentBackup } from './backup-content.ts';
import {
  backupName,
  completeBackups,
  partialName,
  removeOldBackups,
  requireTarget,
} from './backup-folders.ts';
import { writeManifest, type BackupFile, type BackupManifest } from './backup-manifest.ts';
import { copyFile, digestFile } from './copy-file.ts';
import { DATABASE_FILE, dataFiles } from './data-files.ts';
import { writing } from './file-trouble.ts';
import { oakumVersion } from './oakum-version.ts';

export interface BackupRequest {
  readonly dataFolder: string;
  /** A folder that gets a folder for each backup, unless `exact`. Created when missing. */
  readonly target: string;
  /** The target is the backup's own folder, which must not exist. */
  readonly exact?: boolean;
  /** Also the files of updates. */
  readonly content?: boolean;
  /** Afterwards only so many backups of this server stay in the target; at least 1. */
  readonly keep?: number;
  readonly nowMs: number;
  readonly signal?: AbortSignal;
  /** Pages of the database, then files of updates; the number of these is not known before. */
  readonly onProgress?: (what: 'database' | 'content', done: number, of: number | undefined) => void;
}

export interface BackupReport {
  readonly path: string;
  readonly manifest: Omit<BackupManifest, 'content'>;
  /** Bytes of everything but the files of updates. */
  readonly bytes: number;
  readonly content: { readonly files: number; readonly bytes: number; readonly linked: number } | null;
  /** Backups that were deleted because of `keep`. */
  readonly removed: readonly string[];
}

/**
 * Takes a backup while servers and commands go on working. It is put together under a hidden name, synchronised
 * and renamed last: whatever ends this in between leaves nothing that looks like a backup.
 *
 * @param db the store of the data folder, which is told of the backup when it stands
 * @throws OakumError OAK_BACKUP_TARGET, OAK_BACKUP_BUSY, OAK_FILE_UNWRITABLE, OAK_STORE_DAMAGED; the reason of
 *   the signal
 */
export async function createBackup(db: Db, caller: Caller, request: BackupRequest): Promise<BackupReport> {
  const { dataFolder, nowMs } = request;
  const exact = request.exact === true;
  const target = exact ? dirname(resolve(request.target)) : resolve(request.target);
  requireTarget(dataFolder, request.target);
  const path = exact ? resolve(request.target) : join(target, backupName(nowMs));
  if (existsSync(path)) throw new OakumError('OAK_BACKUP_TARGET', { detail: `${path} exists already.` });
  using lock = holdProcessLock(dataFolder, 'backup.lock');
  if (lock === undefined) throw new OakumError('OAK_BACKUP_BUSY');
  const { identity } = orDamaged(() => readStoreFacts(databasePath(dataFolder)));
  const partial = join(target, partialName(dataFolder, identity));
  try {
    return await writing(async () => {
      mkdirSync(target, { recursive: true, mode: 0o700 });
      rmSync(partial, { recursive: true, force: true });
      mkdirSync(partial, { mode: 0o700 });
      const { manifest, content } = await fill(partial, request, completeBackups(target, identity)[0]?.path);
      request.signal?.throwIfAborted();
      renameSync(partial, path);
      syncFolder(target);
      const report = reportOf(path, manifest, content);
      await tellStore(db, caller, report);
      const removed =
        exact || request.keep === undefined
          ? []
          : removeOldBackups(target, identity, Math.max(1, request.keep));
      return { ...report, removed };
    });
  } finally {
    rmSync(partial, { recursive: true, force: true });
  }
}

interface FilledBackup {
  readonly manifest: BackupManifest;
  readonly content: ContentBackup | undefined;
}

async function fill(
  partial: string,
  request: BackupRequest,
  previous: string | undefined,
): Promise<FilledBackup> {
  const { dataFolder, signal, onProgress } = request;
  const timeMs = request.nowMs;
  const database = await databaseOf(partial, request);
  const files: BackupFile[] = [database];
  for (const path of dataFiles(dataFolder)) {
    signal?.throwIfAborted();
    const copied = await copyFile(join(dataFolder, path), join(partial, path)).catch(unlessAbsent);
    // One that went since it was listed is no part of the data folder any more.
    if (copied !== undefined) files.push({ path, bytes: copied.bytes, sha256: copied.digest });
  }
  // After the database: what it names was there before it, so it is here.
  const content =
    request.content === true
      ? await backUpContent(dataFolder, partial, {
          ...(previous === undefined ? {} : { previous }),
          onFile: (done) => {
            signal?.throwIfAborted();
            onProgress?.('content', done, undefined);
          },
        })
      : undefined;
  const manifest: BackupManifest = {
    format: 1,
    oakumVersion: oakumVersion(),
    timeMs,
    store: readStoreFacts(join(partial, DATABASE_FILE)),
    files,
    content: content === undefined ? null : [...content.files],
  };
  writeManifest(partial, manifest);
  syncFolders(partial);
  return { manifest, content };
}

function unlessAbsent(error: unknown): undefined {
  if (!isAbsent(error)) throw error;
}

async function databaseOf(partial: string, request: BackupRequest): Promise<BackupFile> {
  const to = join(partial, DATABASE_FILE);
  try {
    await copyDatabase(databasePath(request.dataFolder), to, {
      onProgress: (done, of) => {
        request.signal?.throwIfAborted();
        request.onProgress?.('database', done, of);
      },
    });
  } catch (cause) {
    if (request.signal?.aborted === true) throw cause;
    throw storeTrouble(cause);
  }
  // SQLite makes its files readable for all whom the umask lets.
  await ownedOnly(to);
  const { bytes, digest } = await digestFile(to, 'sha256');
  return { path: DATABASE_FILE, bytes, sha256: digest };
}

function orDamaged<T>(read: () => T): T {
  try {
    return read();
  } catch (cause) {
    throw storeTrouble(cause);
  }
}

/** What SQLite says of a damaged page; everything else is about the place where the copy goes. */
function storeTrouble(cause: unknown): OakumError {
  const { message } = cause as Error;
  const code = /malformed|not a database|damaged/.test(message) ? 'OAK_STORE_DAMAGED' : 'OAK_FILE_UNWRITABLE';
  return new OakumError(code, { detail: `${message}.`, cause });
}

async function ownedOnly(path: string): Promise<void> {
  await using file = await open(path, 'r+');
  await file.chmod(0o600);
  await file.sync();
}

function syncFolders(folder: string): void {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.isDirectory()) syncFolders(join(folder, entry.name));
  }
  syncFolder(folder);
}

function reportOf(
  path: string,
  { content: files, ...manifest }: BackupManifest,
  content: ContentBackup | undefined,
): Omit<BackupReport, 'removed'> {
  const sum = (all: readonly { readonly bytes: number }[]): number =>
    all.reduce((total, one) => total + one.bytes, 0);
  return {
    path,
    manifest,
    bytes: sum(manifest.files) + statSync(join(path, 'manifest.json')).size,
    content:
      content === undefined || files === null
        ? null
        : { files: files.length, bytes: sum(files), linked: content.linked },
  };
}

/** A backup may be of a store that an older version made, which cannot remember it. */
async function tellStore(db: Db, caller: Caller, report: Omit<BackupReport, 'removed'>): Promise<void> {
  const { timeMs } = report.manifest;
  await inTransaction(db, false, async (tx) => {
    await noteBackup(tx, timeMs);
    if (!(await hasAuditLog(tx))) return;
    await appendAudit(tx, {
      timeMs,
      caller: caller.name,
      action: 'backup.create',
      subject: report.path,
      after: {
        bytes: report.bytes,
        content: report.content,
        catalogChange: report.manifest.store.catalogChange,
      },
    });
  });
}

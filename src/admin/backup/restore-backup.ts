import { randomUUID } from 'node:crypto';
import { createReadStream, existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { ContentStore } from '../../content/content-store.ts';
import { openFolderContentStore } from '../../content/folder-content-store.ts';
import { OakumError } from '../../errors/oakum-error.ts';
import { appendAudit, firstForgedAudit } from '../../store/audit.ts';
import { connect, databasePath } from '../../store/connect.ts';
import { checkDatabase } from '../../store/copy-database.ts';
import { syncFolder } from '../../store/folder-sync.ts';
import { MIGRATIONS } from '../../store/migrations/index.ts';
import { openStore } from '../../store/open-store.ts';
import {
  commitRestore,
  discardStaging,
  finishRestore,
  isRestorePending,
  prepareStaging,
} from '../../store/pending-restore.ts';
import {
  endAllSessions,
  noteBackup,
  readStoreFacts,
  replaceIdentity,
  type StoreFacts,
} from '../../store/store-facts.ts';
import { holdStoreAlone } from '../../store/store-hold.ts';
import type { Caller } from '../caller.ts';
import { inTransaction } from '../dry-run.ts';
import { backupName } from './backup-folders.ts';
import { readManifest, type BackupManifest, type ContentFile } from './backup-manifest.ts';
import { CONTENT_FOLDER, DATABASE_FILE, isForeign } from './data-files.ts';
import { damaged, writing } from './file-trouble.ts';
import { restoredIdentity, type IdentityVerdict } from './restored-identity.ts';
import { checkContentFile, contentPath, copyOut } from './verify-backup.ts';

export interface RestoreRequest {
  /** The folder with manifest.json. */
  readonly backup: string;
  readonly dataFolder: string;
  /** Move aside what is there. */
  readonly replace?: boolean;
  /** Keep the server's identity although it cannot be known that clients' numbers still mean the same. */
  readonly keepIdentity?: boolean;
  /** Check everything and say what would be done. */
  readonly dryRun?: boolean;
  readonly nowMs: number;
}

export interface RestoreReport {
  readonly dryRun: boolean;
  readonly backup: { readonly timeMs: number; readonly oakumVersion: string; readonly files: number };
  readonly identity: IdentityVerdict & { readonly before: string; readonly now: string };
  /** Files of updates that were copied; null when the backup has none. */
  readonly content: { readonly copied: number; readonly present: number } | null;
  /** Where the old files are now; null when there were none. */
  readonly aside: string | null;
  /** The first entry of the audit log that is not what was written; null when all are. */
  readonly firstForgedAudit: number | null;
}

/**
 * Puts a backup in the place of a data folder, in which nobody else may be at work. Everything is copied beside
 * the old files, checked, migrated and synchronised before the first of them is touched; from the decision on the
 * restore is completed even when this process is killed, by the next one that opens the store.
 *
 * @throws OakumError OAK_BACKUP_MISSING, OAK_BACKUP_DAMAGED, OAK_BACKUP_VERSION, OAK_RESTORE_OCCUPIED,
 *   OAK_STORE_IN_USE, OAK_FILE_UNWRITABLE
 */
export async function restoreBackup(caller: Caller, request: RestoreRequest): Promise<RestoreReport> {
  const backup = resolve(request.backup);
  const dataFolder = resolve(request.dataFolder);
  const manifest = readManifest(backup);
  requireKnownSchema(manifest);
  return await writing(async () => {
    mkdirSync(dataFolder, { recursive: true, mode: 0o700 });
    using _alone = holdStoreAlone(dataFolder);
    if (isRestorePending(dataFolder)) finishRestore(dataFolder);
    const verdict = restoredIdentity(manifest.store, liveFacts(dataFolder), request.keepIdentity === true);
    // Looking into the old database has left a log beside it: it goes, too.
    const occupied = occupants(dataFolder);
    if (occupied.length > 0 && request.replace !== true) {
      throw new OakumError('OAK_RESTORE_OCCUPIED', { detail: `It has ${occupied.slice(0, 3).join(', ')}.` });
    }
    const identity = {
      ...verdict,
      before: manifest.store.identity,
      now: verdict.kept ? manifest.store.identity : randomUUID(),
    };
    const staging = prepareStaging(dataFolder);
    try {
      for (const file of manifest.files) await copyOut(backup, file, staging);
      checkStaged(staging);
      const content = await restoreContent(backup, manifest.content, request);
      const aside = occupied.length > 0 ? backupName(request.nowMs).replace('oakum', 'replaced') : null;
      const report = {
        dryRun: request.dryRun === true,
        backup: {
          timeMs: manifest.timeMs,
          oakumVersion: manifest.oakumVersion,
          files: manifest.files.length,
        },
        identity,
        content,
        aside: aside === null ? null : join(dataFolder, aside),
      };
      const forged = await settle(staging, caller, request, report);
      await tidy(staging);
      if (request.dryRun !== true) {
        commitRestore(dataFolder, { aside: aside ?? 'replaced', names: occupied });
      }
      return { ...report, firstForgedAudit: forged ?? null };
    } finally {
      discardStaging(dataFolder);
    }
  });
}

function requireKnownSchema({ oakumVersion, store }: BackupManifest): void {
  if (Object.hasOwn(MIGRATIONS, store.schema)) return;
  throw new OakumError('OAK_BACKUP_VERSION', { detail: `It is of Oakum ${oakumVersion}.` });
}

/** What is in a data folder that a restore would replace. Files of updates stay: their names are their digests. */
function occupants(dataFolder: string): string[] {
  return readdirSync(dataFolder).filter((name) => !isForeign(name) && name !== CONTENT_FOLDER);
}

/** A store that cannot be read is no reason not to restore: it may be the reason why. */
function liveFacts(dataFolder: string): StoreFacts | undefined {
  if (!existsSync(databasePath(dataFolder))) return undefined;
  try {
    return readStoreFacts(databasePath(dataFolder));
  } catch {
    return undefined;
  }
}

/** The digests are right already: what is wrong now was so when the backup was taken. */
function checkStaged(staging: string): void {
  try {
    using database = connect(databasePath(staging), { readOnly: false, cacheMebibytes: 64 });
    checkDatabase(database, 'integrity_check');
    const orphan = database.prepare('PRAGMA foreign_key_check').get();
    if (orphan !== undefined) throw new Error(`a row of ${String(orphan.table)} refers to nothing`);
  } catch (cause) {
    throw damaged(DATABASE_FILE, (cause as Error).message, cause);
  }
}

/** Copies files of updates that the data folder lacks. One more than a store names harms nobody. */
async function restoreContent(
  backup: string,
  files: readonly ContentFile[] | null,
  { dataFolder, dryRun }: RestoreRequest,
): Promise<RestoreReport['content']> {
  if (files === null) return null;
  let present = 0;
  const store = dryRun === true ? undefined : await openFolderContentStore(join(dataFolder, CONTENT_FOLDER));
  for (const file of files) {
    if ((await store?.stat(Buffer.from(file.sha1, 'hex')))?.size === file.bytes) present++;
    else if (store === undefined) await checkContentFile(backup, file);
    else await addFile(store, backup, file);
  }
  return { copied: files.length - present, present };
}

async function addFile(store: ContentStore, backup: string, file: ContentFile): Promise<void> {
  const path = contentPath(backup, file);
  if (!existsSync(path)) throw damaged(file.sha1, 'it is missing');
  const writer = store.writer({ sha1: Buffer.from(file.sha1, 'hex'), size: file.bytes });
  try {
    for await (const chunk of createReadStream(path)) await writer.write(chunk as Buffer);
    await writer.commit();
  } catch (cause) {
    if (cause instanceof OakumError && cause.code === 'OAK_CONTENT_DIGEST_MISMATCH') {
      throw damaged(file.sha1, 'its digest is another one', cause);
    }
    throw cause;
  } finally {
    await writer.cancel();
  }
}

/** Makes the staged store what will be served: migrated, with its identity, and with the restore in its log. */
async function settle(
  staging: string,
  caller: Caller,
  request: RestoreRequest,
  report: Omit<RestoreReport, 'firstForgedAudit'>,
): Promise<number | undefined> {
  const store = await openStore({ dataFolder: staging, now: () => request.nowMs, mustExist: true });
  try {
    const forged = await firstForgedAudit(store.db);
    await inTransaction(store.db, false, async (tx) => {
      if (!report.identity.kept) await replaceIdentity(tx, report.identity.now);
      await noteBackup(tx, report.backup.timeMs);
      await endAllSessions(tx);
      await appendAudit(tx, {
        timeMs: request.nowMs,
        caller: caller.name,
        action: 'backup.restore',
        subject: resolve(request.backup),
        before: { identity: report.identity.before },
        after: { identity: report.identity.now, because: report.identity.because, backup: report.backup },
      });
    });
    return forged;
  } finally {
    await store.close();
  }
}

/** Only what belongs to the store goes into the data folder, on disk and readable for its owner only. */
async function tidy(staging: string): Promise<void> {
  const database = connect(databasePath(staging), { readOnly: false, cacheMebibytes: 8 });
  // Takes the log into the database, and away.
  database.exec('PRAGMA journal_mode = DELETE');
  database.close();
  for (const name of readdirSync(staging)) if (isForeign(name)) rmSync(join(staging, name));
  await using file = await open(databasePath(staging), 'r+');
  await file.chmod(0o600);
  await file.sync();
  syncFolder(staging);
}

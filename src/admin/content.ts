import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { digestHex } from '../content/digest-hex.ts';
import type { ContentStore } from '../content/content-store.ts';
import { OakumError } from '../errors/oakum-error.ts';
import { filesByName, findFile, type FileKey } from '../store/files.ts';
import type { DbOrTx } from '../store/schema.ts';
import type { Caller } from './caller.ts';

export interface ContentView {
  readonly sha1: string;
  readonly name: string;
  readonly size: number;
  readonly stored: boolean;
}

interface ContentQuery {
  /** Only what is stored, or only what is missing. */
  readonly stored?: boolean;
  /** By name, those of one name by digest. */
  readonly descending: boolean;
  readonly after?: FileKey | undefined;
  readonly limit: number;
}

const FILES_AT_ONCE = 1000;

/** Files that imported updates name, and whether they are stored, which costs a look at the folder for each. */
export async function viewContent(
  db: DbOrTx,
  content: ContentStore,
  { stored: wanted, limit, ...query }: ContentQuery = { descending: false, limit: Number.MAX_SAFE_INTEGER },
): Promise<ContentView[]> {
  const views: ContentView[] = [];
  let { after } = query;
  while (views.length < limit) {
    const most = wanted === undefined ? Math.min(FILES_AT_ONCE, limit - views.length) : FILES_AT_ONCE;
    const files = await filesByName(db, { descending: query.descending, after, limit: most });
    for (const file of files) {
      if (views.length === limit) break;
      const stored = (await content.stat(file.sha1)) !== undefined;
      after = [file.name, digestHex(file.sha1)];
      if (wanted === undefined || stored === wanted)
        views.push({ sha1: digestHex(file.sha1), name: file.name, size: file.size, stored });
    }
    if (files.length < most) break;
  }
  return views;
}

/**
 * Stores a file that some imported update names, found by its digest. It becomes visible to clients only
 * after size, SHA-1 and SHA-256 agree with the metadata.
 *
 * @throws OakumError OAK_CONTENT_UNNAMED, OAK_CONTENT_DIGEST_MISMATCH, OAK_FILE_UNREADABLE
 */
export async function addContent(
  db: DbOrTx,
  content: ContentStore,
  _caller: Caller,
  path: string,
): Promise<ContentView> {
  await using source = await openFile(path);
  const sha1 = createHash('sha1');
  for await (const chunk of chunksOf(source)) sha1.update(chunk);
  const digest = sha1.digest();
  const file = await findFile(db, digest);
  if (file === undefined) {
    throw new OakumError('OAK_CONTENT_UNNAMED', { detail: `${path} has the SHA-1 ${digestHex(digest)}.` });
  }
  const writer = content.writer({
    sha1: file.sha1,
    size: file.size,
    modified: (await source.stat()).mtime,
    ...(file.sha256 === undefined ? {} : { sha256: file.sha256 }),
  });
  try {
    for await (const chunk of chunksOf(source)) await writer.write(chunk);
    await writer.commit();
  } catch (error) {
    await writer.cancel();
    throw error;
  }
  return { sha1: digestHex(digest), name: file.name, size: file.size, stored: true };
}

/** Opened once for both readings, and without waiting: a pipe would otherwise block until somebody writes. */
async function openFile(path: string): Promise<FileHandle> {
  // Windows has no such flag and no such pipes.
  const nonBlocking = (constants as { readonly O_NONBLOCK?: number }).O_NONBLOCK ?? 0;
  const handle = await open(path, constants.O_RDONLY | nonBlocking).catch(unreadable);
  const isFile = await handle.stat().then((stats) => stats.isFile(), unreadable);
  if (isFile) return handle;
  await handle.close();
  throw new OakumError('OAK_FILE_UNREADABLE', { detail: `"${path}" is not a file.` });
}

async function* chunksOf(source: FileHandle): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of source.createReadStream({ start: 0, autoClose: false }))
      yield chunk as Uint8Array;
  } catch (error) {
    unreadable(error);
  }
}

function unreadable(cause: unknown): never {
  const reason = cause instanceof Error ? cause.message : String(cause);
  throw new OakumError('OAK_FILE_UNREADABLE', { detail: `${reason}.`, cause });
}

export interface ContentVerdict {
  readonly sha1: string;
  readonly size: number;
  /** What is wrong; the file is quarantined then. */
  readonly problem?: string;
}

/** Reads every stored file and compares it with its digests. */
export async function* verifyContent(db: DbOrTx, content: ContentStore): AsyncGenerator<ContentVerdict> {
  for await (const { digest, size } of content.list()) {
    const file = await findFile(db, digest);
    const verdict = { sha1: digestHex(digest), size };
    try {
      await content.verify(
        digest,
        file === undefined ? undefined : { size: file.size, ...(file.sha256 && { sha256: file.sha256 }) },
      );
      yield verdict;
    } catch (error) {
      if (!(error instanceof OakumError)) throw error;
      yield { ...verdict, problem: error.message };
    }
  }
}

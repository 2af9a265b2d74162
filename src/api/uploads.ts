import { createHash, randomUUID } from 'node:crypto';
import { readdirSync, statSync } from 'node:fs';
import { mkdir, open, readdir, rename, rm, stat, statfs } from 'node:fs/promises';
import { join, sep } from 'node:path';
import type { Readable } from 'node:stream';
import { UPLOADS_FOLDER } from '../admin/backup/data-files.ts';
import { OakumError } from '../errors/oakum-error.ts';
import type { OperationContext } from './operation.ts';

/** Files that nobody used within a day are of no use to anybody. */
const KEPT_MS = 24 * 3_600_000;
/** The room that is left is looked at this often. */
const CHECK_DISK_BYTES = 16 * 1024 * 1024;
const MOST_NAME_CHARACTERS = 100;
const UPLOAD = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const UPLOAD_CHARACTERS = 36;
const PART = '.part';

/** A file that was sent, and what it is called from now on. */
interface StoredUpload {
  readonly upload: string;
  readonly bytes: number;
  /** Hexadecimal. */
  readonly sha256: string;
}

interface UploadRequest {
  /** What the sender calls it; what it ends with says what it is. */
  readonly name: string;
  readonly stream: Readable;
  readonly maxBytes: number;
  /** What must stay free on the disk: the store is on it, too. Nothing unless given. */
  readonly minFreeBytes?: number;
  readonly signal?: AbortSignal;
}

/** Where files lie between being sent and being used. Each has a folder of its own, which its id names. */
export function uploadsFolder(dataFolder: string): string {
  return join(dataFolder, UPLOADS_FOLDER);
}

/**
 * Keeps a file that is sent until a job uses it, a day at the longest. It is there as a whole or not at all, and
 * survives a power cut once this returns. The rest of a file that is refused is left to the caller.
 *
 * @throws OakumError OAK_BODY_TOO_LARGE, OAK_DISK_FULL, OAK_BODY_MALFORMED when it ends too early, OAK_FILE_UNWRITABLE
 */
export async function storeUpload(dataFolder: string, request: UploadRequest): Promise<StoredUpload> {
  const folder = uploadsFolder(dataFolder);
  const upload = randomUUID();
  const part = join(folder, upload + PART);
  // A sender that goes away before the first byte is read would otherwise be nobody's error.
  request.stream.on('error', () => undefined);
  try {
    await mkdir(part, { recursive: true, mode: 0o700 });
    await sweep(folder);
    const written = await write(join(part, safeName(request.name)), request);
    await rename(part, join(folder, upload));
    return { upload, ...written };
  } catch (cause) {
    // Why it could not be written is what the sender asks, not why it could not be cleared away.
    await rm(part, { recursive: true, force: true }).catch(() => undefined);
    if (cause instanceof OakumError) throw cause;
    const { code, message, path } = cause as NodeJS.ErrnoException;
    // What the system says names the place; the log tells it to those whom it concerns.
    const isOurs = cause instanceof Error && 'syscall' in cause && path !== undefined;
    throw new OakumError(isOurs ? 'OAK_FILE_UNWRITABLE' : 'OAK_BODY_MALFORMED', {
      detail: `${isOurs ? code : message}.`,
      cause,
    });
  }
}

async function write(
  path: string,
  { stream, maxBytes, minFreeBytes = 0, signal }: UploadRequest,
): Promise<{ readonly bytes: number; readonly sha256: string }> {
  const hash = createHash('sha256');
  let bytes = 0;
  let checkAt = 0;
  await using file = await open(path, 'wx', 0o600);
  for await (const chunk of stream.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    signal?.throwIfAborted();
    bytes += chunk.length;
    if (bytes > maxBytes)
      throw new OakumError('OAK_BODY_TOO_LARGE', { detail: `At most ${maxBytes} bytes are taken.` });
    if (bytes > checkAt) {
      // Others fill the disk meanwhile.
      checkAt = bytes + CHECK_DISK_BYTES;
      await requireRoom(path, minFreeBytes);
    }
    hash.update(chunk);
    await file.writeFile(chunk);
  }
  await file.sync();
  return { bytes, sha256: hash.digest('hex') };
}

async function requireRoom(path: string, wantedBytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(path);
  if (bavail * bsize >= wantedBytes) return;
  throw new OakumError('OAK_DISK_FULL', { detail: `${bavail * bsize} bytes are free.` });
}

/** No name from outside leads anywhere, or means anything to a shell or a file system. */
function safeName(name: string): string {
  const last = name.split(/[/\\]/).at(-1) ?? '';
  const plain = last.replaceAll(/[^\w.-]/g, '_').replace(/^[.-]+/, '');
  return plain === '' ? 'upload' : plain.slice(-MOST_NAME_CHARACTERS).replace(/^[.-]+/, '_');
}

async function sweep(folder: string): Promise<void> {
  const before = Date.now() - KEPT_MS;
  for (const name of await readdir(folder)) {
    const path = join(folder, name);
    const modifiedMs = await stat(path).then(
      (stats) => stats.mtimeMs,
      () => Infinity,
    );
    if (modifiedMs < before) await rm(path, { recursive: true, force: true });
  }
}

type Resolving = Pick<OperationContext, 'principal' | 'house'>;

/**
 * The file that an upload's name means. Whoever works on the data folder itself names files by their paths.
 *
 * @throws OakumError OAK_UPLOAD_UNKNOWN
 */
export function resolveUpload({ principal, house }: Resolving, name: string): string {
  if (principal.kind === 'local') return name;
  if (!UPLOAD.test(name)) throw new OakumError('OAK_UPLOAD_UNKNOWN');
  const folder = join(uploadsFolder(house.dataFolder), name);
  try {
    const [file] = readdirSync(folder);
    const path = join(folder, file ?? '');
    if (file !== undefined && statSync(path).isFile()) return path;
  } catch (cause) {
    throw new OakumError('OAK_UPLOAD_UNKNOWN', { detail: `"${name}".`, cause });
  }
  throw new OakumError('OAK_UPLOAD_UNKNOWN', { detail: `"${name}".` });
}

/** Deletes what was sent, after it was used; what somebody named by its path is theirs. */
export async function removeUpload({ principal, house }: Resolving, name: string): Promise<void> {
  if (principal.kind === 'local' || !UPLOAD.test(name)) return;
  await rm(join(uploadsFolder(house.dataFolder), name), { recursive: true, force: true });
}

/** Text about uploaded files without where they lie here. */
export function withoutUploadsFolder({ house }: Pick<OperationContext, 'house'>, text: string): string {
  const [first = '', ...rest] = text.split(uploadsFolder(house.dataFolder) + sep);
  return first + rest.map((part) => part.slice(UPLOAD_CHARACTERS + 1)).join('');
}

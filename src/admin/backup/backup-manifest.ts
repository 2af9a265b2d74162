import { createHash } from 'node:crypto';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Type, type Static } from 'typebox';
import { Value } from 'typebox/value';
import { OakumError } from '../../errors/oakum-error.ts';
import { canonicalJson } from '../../store/audit.ts';
import { DATABASE_FILE, isDataFile, MANIFEST_FILE } from './data-files.ts';
import { damaged } from './file-trouble.ts';

const FORMAT = 1;
/** A manifest names each file of updates with 60 bytes; a million of them are more than any server has. */
const MANIFEST_BYTES = 64 * 1024 * 1024;

const strict = <T extends Type.TProperties>(properties: T): Type.TObject<T> =>
  Type.Object(properties, { additionalProperties: false });
const count = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER });
// No segment leads out of a folder or to a stream or device of it.
const segment = String.raw`(?!\.{1,2}(?:/|$))[^/\\:\x00-\x1f]{1,255}`;

const BACKUP_FILE = strict({
  /** From the folder of the backup, with slashes. */
  path: Type.String({ pattern: `^${segment}(?:/${segment}){0,15}$`, maxLength: 4096 }),
  bytes: count,
  sha256: Type.String({ pattern: '^[0-9a-f]{64}$' }),
});
const CONTENT_FILE = strict({ sha1: Type.String({ pattern: '^[0-9A-F]{40}$' }), bytes: count });

const MANIFEST = strict({
  format: Type.Literal(FORMAT),
  oakumVersion: Type.String({ pattern: String.raw`^[\w.+-]{1,64}$` }),
  /** When the database was copied. */
  timeMs: count,
  store: strict({
    identity: Type.String({ pattern: '^[0-9a-fA-F-]{36}$' }),
    schema: Type.String({ pattern: String.raw`^[\w-]{1,100}$` }),
    catalogChange: count,
    deploymentId: count,
    highestRevisionId: count,
    lastAuditNumber: count,
    lastAuditHash: Type.Union([Type.Null(), Type.String({ pattern: '^[0-9a-f]{64}$' })]),
  }),
  files: Type.Array(BACKUP_FILE, { minItems: 1, maxItems: 100_000 }),
  /** Files of updates, by digest; null when they were left out. */
  content: Type.Union([Type.Null(), Type.Array(CONTENT_FILE, { maxItems: 1_000_000 })]),
});

/** What a backup holds and what it was made from. Its last act is to be written: without it there is no backup. */
export type BackupManifest = Static<typeof MANIFEST>;
export type BackupFile = Static<typeof BACKUP_FILE>;
export type ContentFile = Static<typeof CONTENT_FILE>;

/** Writes it, with a digest over itself. */
export function writeManifest(folder: string, manifest: BackupManifest): void {
  const text = JSON.stringify({ ...manifest, digest: digestOf(manifest) }, null, 2);
  writeFileSync(join(folder, MANIFEST_FILE), `${text}\n`, { mode: 0o600, flush: true });
}

/**
 * Reads the manifest of a backup. What it promises of other files is not yet checked.
 *
 * @throws OakumError OAK_BACKUP_MISSING, OAK_BACKUP_DAMAGED, OAK_BACKUP_VERSION
 */
export function readManifest(folder: string): BackupManifest {
  const path = join(folder, MANIFEST_FILE);
  const text = readBounded(path);
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (cause) {
    throw damaged(MANIFEST_FILE, 'it is not JSON', cause);
  }
  if (typeof parsed !== 'object' || parsed === null) throw damaged(MANIFEST_FILE, 'it is no manifest');
  const { digest, ...manifest } = parsed as { readonly digest?: unknown; readonly format?: unknown };
  if (digest !== digestOf(manifest)) throw damaged(MANIFEST_FILE, 'its digest is another one');
  if (typeof manifest.format === 'number' && manifest.format > FORMAT) {
    const { oakumVersion } = manifest as { readonly oakumVersion?: unknown };
    throw new OakumError('OAK_BACKUP_VERSION', { detail: `It is of Oakum ${String(oakumVersion)}.` });
  }
  if (!Value.Check(MANIFEST, manifest)) {
    const [first] = Value.Errors(MANIFEST, manifest);
    throw damaged(MANIFEST_FILE, `${first?.instancePath ?? ''} ${first?.message ?? 'is not valid'}`.trim());
  }
  requireDataFiles(manifest);
  return manifest;
}

/** Its digest keeps accidents out; a manifest that somebody wrote names what a backup never holds. */
function requireDataFiles({ files }: BackupManifest): void {
  const paths = new Set(files.map((file) => file.path));
  if (paths.size < files.length) throw damaged(MANIFEST_FILE, 'it names a file twice');
  if (!paths.has(DATABASE_FILE)) throw damaged(MANIFEST_FILE, 'it names no database');
  const stranger = files.find(({ path }) => path !== DATABASE_FILE && !isDataFile(path));
  if (stranger !== undefined) throw damaged(stranger.path, 'it is no part of a data folder');
}

function readBounded(path: string): string {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats?.isFile() !== true)
    throw new OakumError('OAK_BACKUP_MISSING', { detail: `There is no ${path}.` });
  if (stats.size > MANIFEST_BYTES) throw damaged(MANIFEST_FILE, `it has ${stats.size} bytes`);
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new OakumError('OAK_FILE_UNREADABLE', { detail: `${(cause as Error).message}.`, cause });
  }
}

function digestOf(manifest: object): string {
  return createHash('sha256').update(canonicalJson(manifest)).digest('hex');
}

import type { Buffer } from 'node:buffer';
import type { Guid } from '../../soap/simple-type.ts';
import type { Watermark } from '../../catalog/scan.ts';
import { ownBytes } from '../../soap/own-bytes.ts';
import type { KeyRing } from './key-ring.ts';
import type { ProtocolVersion } from '../protocol-version.ts';
import { RecordReader, RecordWriter } from './record.ts';
import { SealedMemory } from './sealed-memory.ts';

const PURPOSE = 2;

/**
 * What the server remembers of a client, kept by the client ([MS-WUSP] 2.2.3.5, 3.1.5.4): so that any
 * server process can answer any request.
 */
export interface ClientCookie {
  readonly serverIdentity: Guid;
  readonly clientId: string;
  readonly protocolVersion: ProtocolVersion;
  /** Fixed when GetCookie issues it: later cookies of the same session keep it. */
  readonly expiresMs: number;
  /** The configuration the client knows. */
  readonly configurationMs: number;
  /** Where the client was told that files are, see {@link ServiceSettings.fileBase}. */
  readonly fileBase: string;
  /** Whose decisions the client was last told of: the key of its audience then. */
  readonly audienceKey: string;
  /** What the client was told, for each kind of synchronisation: they see different updates. */
  readonly watermarks: Watermarks;
}

/** The kinds of synchronisation a client does, each with a memory of its own ([MS-WUSP] 2.2.3.5). */
const SYNC_KINDS = ['software', 'category', 'driver', 'printer'] as const;
export type SyncKind = (typeof SYNC_KINDS)[number];
export type Watermarks = Readonly<Record<SyncKind, Watermark>>;

const NOTHING_KNOWN: Watermark = { change: 0, key: '' };

/** The memory of a client that was never told anything. */
export const NO_WATERMARKS: Watermarks = Object.freeze({
  software: NOTHING_KNOWN,
  category: NOTHING_KNOWN,
  driver: NOTHING_KNOWN,
  printer: NOTHING_KNOWN,
});

const opened = new SealedMemory<ClientCookie>();
const sealedForms = new WeakMap<ClientCookie, Buffer>();

/** The cookie as the client keeps it. One that was just opened is not sealed again, unless the key is old. */
export function sealClientCookie(keys: KeyRing, cookie: ClientCookie): Buffer {
  const known = sealedForms.get(cookie);
  if (known !== undefined && keys.isCurrent(known)) return known;
  const record = new RecordWriter()
    .text(cookie.serverIdentity)
    .text(cookie.clientId)
    .number(cookie.protocolVersion.major)
    .number(cookie.protocolVersion.minor)
    .number(cookie.expiresMs)
    .number(cookie.configurationMs)
    .text(cookie.fileBase)
    .text(cookie.audienceKey);
  for (const kind of SYNC_KINDS)
    record.number(cookie.watermarks[kind].change).text(cookie.watermarks[kind].key);
  const sealed = keys.seal(PURPOSE, record.toBuffer());
  remember(keys, sealed, cookie);
  return sealed;
}

/** Undefined for anything that is not an intact cookie sealed with one of these keys. */
export function openClientCookie(keys: KeyRing, sealed: Buffer): ClientCookie | undefined {
  const known = opened.find(keys, sealed);
  if (known !== undefined) return known;
  const plain = keys.open(PURPOSE, sealed);
  if (plain === undefined) return undefined;
  const record = new RecordReader(plain);
  const watermark = (): Watermark => ({ change: record.number(), key: record.text() });
  const cookie: ClientCookie = {
    serverIdentity: record.text() as Guid,
    clientId: record.text(),
    protocolVersion: { major: record.number(), minor: record.number() },
    expiresMs: record.number(),
    configurationMs: record.number(),
    fileBase: record.text(),
    audienceKey: record.text(),
    watermarks: { software: watermark(), category: watermark(), driver: watermark(), printer: watermark() },
  };
  remember(keys, sealed, cookie);
  return cookie;
}

function remember(keys: KeyRing, sealed: Buffer, cookie: ClientCookie): void {
  opened.remember(keys, sealed, cookie);
  sealedForms.set(cookie, ownBytes(sealed));
}

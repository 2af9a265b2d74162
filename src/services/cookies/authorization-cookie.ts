import type { Buffer } from 'node:buffer';
import type { Guid } from '../../soap/simple-type.ts';
import type { KeyRing } from './key-ring.ts';
import { RecordReader, RecordWriter } from './record.ts';
import { SealedMemory } from './sealed-memory.ts';

const PURPOSE = 1;

/** What GetAuthorizationCookie establishes ([MS-WUSP] 2.2.3.4): who the client says it is, and when. */
export interface AuthorizationCookie {
  readonly serverIdentity: Guid;
  readonly clientId: string;
  readonly expiresMs: number;
}

// A client brings it back in its next call.
const issued = new SealedMemory<AuthorizationCookie>();

export function sealAuthorizationCookie(keys: KeyRing, cookie: AuthorizationCookie): Buffer {
  const record = new RecordWriter()
    .text(cookie.serverIdentity)
    .text(cookie.clientId)
    .number(cookie.expiresMs);
  const sealed = keys.seal(PURPOSE, record.toBuffer());
  issued.remember(keys, sealed, cookie);
  return sealed;
}

/** Undefined for anything that is not an intact authorization cookie sealed with one of these keys. */
export function openAuthorizationCookie(keys: KeyRing, sealed: Buffer): AuthorizationCookie | undefined {
  const known = issued.find(keys, sealed);
  if (known !== undefined) return known;
  const plain = keys.open(PURPOSE, sealed);
  if (plain === undefined) return undefined;
  const record = new RecordReader(plain);
  return { serverIdentity: record.text() as Guid, clientId: record.text(), expiresMs: record.number() };
}

import { Buffer } from 'node:buffer';
import { createCipheriv, createHash } from 'node:crypto';
import { fileSpecOf, type FileSpec } from '../metadata/authoring/file-spec.ts';

/** A file of the sample catalogue with its bytes. */
export interface Payload {
  readonly file: FileSpec;
  readonly content: Buffer;
}

type PatchingSpec = Pick<FileSpec, 'patchingType' | 'patchingTypePreferred'>;

const MODIFIED = '2026-01-12T09:00:00Z';
const BLOCK_BYTES = 16;

/**
 * A file of bytes that look random and are always the same for the same name: the key stream of AES in
 * counter mode. Nothing that could be run, and nothing that compresses.
 */
export function payload(name: string, bytes: number, patching: PatchingSpec = {}): Payload {
  const key = createHash('sha256').update(`oakum sample ${name}`).digest().subarray(0, BLOCK_BYTES);
  const cipher = createCipheriv('aes-128-ctr', key, Buffer.alloc(BLOCK_BYTES));
  return withContent(name, cipher.update(Buffer.alloc(bytes)), patching);
}

/** A file of text, such as a licence. */
export function textPayload(name: string, text: string): Payload {
  return withContent(name, Buffer.from(text));
}

function withContent(name: string, content: Buffer, patching: PatchingSpec = {}): Payload {
  return { file: { ...fileSpecOf(name, content, MODIFIED), ...patching }, content };
}

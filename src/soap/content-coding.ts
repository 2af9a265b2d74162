import type { Buffer } from 'node:buffer';
import { gunzipSync, gzipSync } from 'node:zlib';
import { OakumError } from '../errors/oakum-error.ts';
import type { Piece, XmlWriter } from '../xml/writer.ts';
import { blocksOf } from './passage.ts';
import { xpressDecode, xpressEncode, xpressStore } from './xpress.ts';

export type ContentCoding = 'xpress' | 'gzip' | 'identity';

/**
 * How answers are compressed with xpress. Spliced: what is kept compressed goes out as it is kept, and only
 * the rest is compressed. Whole: everything is compressed together, which takes a third of the bytes where
 * much is alike in an answer, and ten times the work.
 */
export const XPRESS_MODES = ['spliced', 'whole'] as const;
export type XpressMode = (typeof XPRESS_MODES)[number];

/**
 * The coding of an answer ([MS-WUSP] 2.1): xpress where the client lists it, as every Windows Update Agent
 * does, else gzip where it lists that. Never anything the client did not ask for.
 */
export function negotiateCoding(
  acceptEncoding: string | undefined,
  offered: readonly ContentCoding[],
): ContentCoding {
  const accepted = new Set<string>();
  for (const item of (acceptEncoding ?? '').toLowerCase().split(',')) {
    const [name = '', ...parameters] = item.split(';').map((part) => part.trim());
    if (!parameters.some((parameter) => /^q=0(\.0*)?$/.test(parameter))) accepted.add(name);
  }
  return offered.find((coding) => accepted.has(coding)) ?? 'identity';
}

/** The bytes of an answer in a coding, as pieces that follow each other. */
export function encodeBody(
  coding: ContentCoding,
  body: XmlWriter,
  mode: XpressMode = 'spliced',
): readonly Uint8Array[] {
  switch (coding) {
    case 'xpress':
      return mode === 'spliced' ? body.pieces().map(spliced) : [xpressEncode(body.toBuffer())];
    case 'gzip':
      return [gzipSync(body.toBuffer())];
    case 'identity':
      return [body.toBuffer()];
  }
}

/** What compressing a short piece saves, mostly a random cookie, is not worth a fifth of the time of a call. */
const STORED_BYTES = 2048;

function spliced(piece: Piece): Uint8Array {
  const isShort = piece instanceof Uint8Array && piece.length < STORED_BYTES;
  return isShort ? xpressStore(piece) : blocksOf(piece);
}

/**
 * The bytes of a request as they were before coding. Agents send them as they are; a proxy may not.
 *
 * @throws OakumError OAK_HTTP_CODING for a coding nobody here knows, OAK_HTTP_TOO_LARGE for a bomb,
 *   OAK_XPRESS_INVALID or OAK_XPRESS_LIMIT
 */
export function decodeBody(contentEncoding: string | undefined, body: Buffer, maxBytes: number): Buffer {
  switch (contentEncoding?.trim().toLowerCase() ?? 'identity') {
    case '':
    case 'identity':
      return body;
    case 'xpress':
      return xpressDecode(body, maxBytes);
    case 'gzip':
    case 'x-gzip':
      return gunzip(body, maxBytes);
    default:
      throw new OakumError('OAK_HTTP_CODING');
  }
}

function gunzip(body: Buffer, maxBytes: number): Buffer {
  try {
    return gunzipSync(body, { maxOutputLength: maxBytes });
  } catch (cause) {
    const tooLarge = (cause as { readonly code?: string }).code === 'ERR_BUFFER_TOO_LARGE';
    throw new OakumError(tooLarge ? 'OAK_HTTP_TOO_LARGE' : 'OAK_HTTP_CODING', { cause });
  }
}

import type { Buffer } from 'node:buffer';
import { gunzipSync, gzipSync } from 'node:zlib';
import { OakumError } from '../errors/oakum-error.ts';
import { xpressDecode, xpressEncode } from './xpress.ts';

export type ContentCoding = 'xpress' | 'gzip' | 'identity';

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

export function encodeBody(coding: ContentCoding, body: Buffer): Buffer {
  switch (coding) {
    case 'xpress':
      return xpressEncode(body);
    case 'gzip':
      return gzipSync(body);
    case 'identity':
      return body;
  }
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

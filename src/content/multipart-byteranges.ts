import type { ByteRange } from './byte-ranges.ts';

/** A body of type multipart/byteranges, but for the bytes of the file. */
export interface MultipartByteranges {
  readonly contentType: string;
  /** Bytes of the complete body. */
  readonly contentLength: number;
  /** Each followed by the bytes of its range. */
  readonly parts: readonly { readonly head: Buffer; readonly range: ByteRange }[];
  readonly tail: Buffer;
}

/**
 * Lays out the answer to a request for several ranges (RFC 9110, 14.6 and 15.3.7.2; RFC 2046, 5.1.1). The length is
 * known beforehand, so the answer needs no chunked transfer coding.
 *
 * @param hex the digest of the file in hexadecimal. It makes the boundary, which must not occur in the body: a file
 * that contains its own digest cannot be made.
 * @param size bytes of the whole file.
 */
export function multipartByteranges(
  hex: string,
  size: number,
  ranges: readonly ByteRange[],
): MultipartByteranges {
  const boundary = `oakum-${hex}`;
  const parts = ranges.map((range, index) => ({
    range,
    head: Buffer.from(
      `${index === 0 ? '' : '\r\n'}--${boundary}\r\n` +
        `Content-Type: application/octet-stream\r\n` +
        `Content-Range: ${contentRange(range, size)}\r\n\r\n`,
      'latin1',
    ),
  }));
  const tail = Buffer.from(`\r\n--${boundary}--\r\n`, 'latin1');
  return {
    contentType: `multipart/byteranges; boundary=${boundary}`,
    contentLength: parts.reduce(
      (sum, { head, range }) => sum + head.length + range.end - range.start,
      tail.length,
    ),
    parts,
    tail,
  };
}

/** The Content-Range of one range (RFC 9110, 14.4): the last position is inclusive on the wire. */
export function contentRange({ start, end }: ByteRange, size: number): string {
  return `bytes ${start}-${end - 1}/${size}`;
}

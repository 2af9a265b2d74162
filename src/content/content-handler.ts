import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ErrorCode } from '../errors/catalogue.ts';
import { ERRORS } from '../errors/catalogue.ts';
import { OakumError } from '../errors/oakum-error.ts';
import { parseRange } from './byte-ranges.ts';
import type { ContentStore, StoredContent } from './content-store.ts';
import { parseContentPath } from './content-url.ts';
import { digestHex } from './digest-hex.ts';
import { contentRange, multipartByteranges, type MultipartByteranges } from './multipart-byteranges.ts';
import { evaluatePreconditions, rangeApplies, type Validators } from './preconditions.ts';
import { itsTurn, sendChunk } from './response-body.ts';

/** In wire order, which an object keeps. */
type Headers = Readonly<Record<string, string | number>>;

/**
 * The type of every file. Real names such as `.wim` and `.psf` have no registered type, and an update server that
 * refused to send what it has no type for made clients fail (0x80190194).
 */
const FILE_TYPE = 'application/octet-stream';

export interface ContentHandlerOptions {
  /** Told of failures of the server itself (status 500 and above), for the log. Default: nobody. */
  readonly onFailure?: (error: OakumError, request: IncomingMessage) => void;
}

/**
 * Serves the files of updates under /Content to Delivery Optimization, BITS and downstream servers: GET and HEAD with
 * ranges and conditions (RFC 9110, 13 and 14). The promise settles when the answer was handed to the system or the
 * connection was lost, and never rejects.
 *
 * Answers are never content-coded, chunked or marked for caches, and their headers come in the observed order: that
 * is how WSUS answers, and a byte that is not at its offset would fail the digest.
 *
 * A connection holds one chunk of the store at a time, 256 KiB where many do, however large the file and however slow
 * its reader.
 */
export function createContentHandler(
  store: ContentStore,
  options: ContentHandlerOptions = {},
): (req: IncomingMessage, res: ServerResponse) => Promise<void> {
  return async (req, res) => {
    try {
      if (await itsTurn(req, res)) await answer(store, req, res);
    } catch (error) {
      const failure = error instanceof OakumError ? error : new OakumError('OAK_INTERNAL', { cause: error });
      if (failure.definition.status >= 500) options.onFailure?.(failure, req);
      // In the middle of a body only a broken connection tells the client that the rest is missing.
      if (res.headersSent) res.destroy();
      else refuse(res, failure.code);
    }
  };
}

async function answer(store: ContentStore, req: IncomingMessage, res: ServerResponse): Promise<void> {
  if (req.method !== 'GET' && req.method !== 'HEAD') {
    // Closing spares reading a body of any length that nobody wants.
    refuse(res, 'OAK_CONTENT_METHOD', { Allow: 'GET, HEAD', Connection: 'close' });
    return;
  }
  const path = parseContentPath(targetPath(req.url ?? ''));
  if (path.kind !== 'file') {
    refuse(res, path.kind === 'no-extension' ? 'OAK_CONTENT_EXTENSION' : 'OAK_CONTENT_NOT_FOUND');
    return;
  }
  const stored = await store.stat(path.digest);
  if (stored === undefined) {
    refuse(res, 'OAK_CONTENT_NOT_FOUND');
    return;
  }
  const file: StoredFile = { digest: path.digest, etag: `"${digestHex(path.digest)}"`, ...stored };
  const verdict = evaluatePreconditions(req.headers, file);
  if (verdict === 'failed') refuse(res, 'OAK_CONTENT_PRECONDITION');
  else if (verdict === 'not modified') res.writeHead(304, validatorHeaders(file)).end();
  // WSUS was seen to answer a HEAD with Range by 416. RFC 9110, 14.2 orders to ignore Range in every method but GET,
  // and no client that was observed sends the two together, so the specification is followed.
  else if (req.method === 'HEAD') res.writeHead(200, fileHeaders(file)).end();
  else await answerGet(store, file, req, res);
}

/** What is needed of a stored file to answer for it. */
interface StoredFile extends StoredContent, Validators {
  readonly digest: Buffer;
}

async function answerGet(
  store: ContentStore,
  file: StoredFile,
  req: IncomingMessage,
  res: ServerResponse,
): Promise<void> {
  const { digest, size } = file;
  // Node.js joins or drops repeated headers, but its types know no If-Range.
  const ifRange = req.headers['if-range']?.toString();
  const selection = parseRange(rangeApplies(ifRange, file) ? req.headers.range : undefined, size);
  if (selection.kind === 'unsatisfiable') {
    refuse(res, 'OAK_CONTENT_RANGE', { 'Content-Range': `bytes */${size}` });
    return;
  }
  if (selection.kind === 'whole') {
    await send(res, 200, fileHeaders(file), store.open(digest, 0, size, { lend: true }));
    return;
  }
  const [range, ...others] = selection.ranges;
  if (range === undefined || others.length > 0) {
    const multipart = multipartByteranges(digestHex(digest), size, selection.ranges);
    const headers = fileHeaders(file, multipart.contentType, multipart.contentLength);
    await send(res, 206, headers, multipartBody(store, digest, multipart));
    return;
  }
  const { start, end } = range;
  const headers = {
    ...fileHeaders(file, FILE_TYPE, end - start),
    'Content-Range': contentRange(range, size),
  };
  await send(res, 206, headers, store.open(digest, start, end, { lend: true }));
}

function validatorHeaders({ etag, modified }: Validators): Headers {
  return { 'Last-Modified': modified.toUTCString(), 'Accept-Ranges': 'bytes', ETag: etag };
}

function fileHeaders(file: StoredFile, type: string = FILE_TYPE, length: number = file.size): Headers {
  return { 'Content-Type': type, ...validatorHeaders(file), 'Content-Length': length };
}

/** The path of a request target in origin form or, as proxies send it, absolute form (RFC 9112, 3.2). */
function targetPath(target: string): string {
  const path = /^(?:https?:\/\/[^/?]*)?([^?]*)/i.exec(target)?.[1];
  return path ?? '';
}

async function* multipartBody(
  store: ContentStore,
  digest: Buffer,
  { parts, tail }: MultipartByteranges,
): AsyncGenerator<Uint8Array> {
  for (const { head, range } of parts) {
    yield head;
    yield* store.open(digest, range.start, range.end, { lend: true });
  }
  yield tail;
}

async function send(
  res: ServerResponse,
  status: number,
  headers: Headers,
  body: AsyncIterable<Uint8Array>,
): Promise<void> {
  // A store that yields too much or too little would shift the next answer on this connection.
  res.strictContentLength = true;
  for await (const chunk of body) {
    // Only now: a file that vanished since it was looked up can still be answered with 404.
    if (!res.headersSent) res.writeHead(status, headers);
    if (!(await sendChunk(res, chunk))) return;
  }
  if (!res.headersSent) res.writeHead(status, headers);
  res.end();
}

/** Answers with the error's status and its code as text, nothing else: neither path nor product. */
function refuse(res: ServerResponse, code: ErrorCode, headers: Headers = {}): void {
  const body = `${code}\n`;
  const description = { 'Content-Type': 'text/plain; charset=utf-8', 'Content-Length': body.length };
  res.writeHead(ERRORS[code].status, { ...description, ...headers });
  res.end(body);
}

import { readFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import { OakumError } from '../errors/oakum-error.ts';
import { storedCabinet } from '../metadata/cab/stored-cabinet.ts';

const SEGMENT = /^[a-z0-9_-][a-z0-9._-]{0,63}$/;

const IUIDENT = storedCabinet('iuident.txt', Buffer.from('[IUServer]\r\n'));
const SERVER_VERSION = Buffer.from(
  '<?xml version="1.0" encoding="utf-8"?><ServerVersion>3.2</ServerVersion>',
);

/**
 * The probes of monitors and of clients up to Windows 8.1 ([MS-WUSP] 3.1.5.1). `iuident.cab` and
 * `wusserverversion.xml` are answered by small files. The self-update tree itself must be signed by
 * Microsoft: it is served from the folder `selfupdate` of the data folder where an administrator put it.
 *
 * @param path normalised: lower case, single slashes
 */
export async function answerSelfUpdate(
  dataFolder: string,
  path: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.setHeader('Allow', 'GET, HEAD');
    throw new OakumError('OAK_HTTP_METHOD', { detail: 'Use GET.' });
  }
  const [body, type] = await probe(dataFolder, path);
  response.writeHead(200, { 'Content-Type': type, 'Content-Length': body.length });
  response.end(request.method === 'HEAD' ? undefined : body);
}

/** Whether a path is one of these probes. */
export function isSelfUpdatePath(path: string): boolean {
  return (
    path.startsWith('/selfupdate/') ||
    path === '/iuident.cab' ||
    path === '/clientwebservice/wusserverversion.xml'
  );
}

async function probe(dataFolder: string, path: string): Promise<[Buffer, string]> {
  if (path.endsWith('/wusserverversion.xml')) return [SERVER_VERSION, 'text/xml'];
  const supplied = await suppliedFile(dataFolder, path);
  if (supplied !== undefined) return [supplied, 'application/octet-stream'];
  if (path.endsWith('/iuident.cab')) return [IUIDENT, 'application/octet-stream'];
  throw new OakumError('OAK_HTTP_NOT_FOUND');
}

async function suppliedFile(dataFolder: string, path: string): Promise<Buffer | undefined> {
  const segments = path.split('/').slice(2);
  // Each segment is one plain name: nothing a client sends can leave the folder.
  if (segments.length === 0 || segments.length > 8 || !segments.every((one) => SEGMENT.test(one)))
    return undefined;
  try {
    return await readFile(join(dataFolder, 'selfupdate', ...segments));
  } catch {
    return undefined;
  }
}

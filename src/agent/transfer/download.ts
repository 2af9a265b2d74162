import { Buffer } from 'node:buffer';
import { createHash } from 'node:crypto';
import { Agent } from 'node:http';
import { Agent as SecureAgent } from 'node:https';
import { AgentFailure } from '../agent-failure.ts';
import type { ExtendedFile } from '../extended-fragment.ts';
import { httpGet, requireStatus, type GetAnswer } from './http-get.ts';

/** Delivery Optimization since Windows 10; BITS before. */
export type Downloader = 'delivery-optimization' | 'bits';

export interface DownloadOptions {
  readonly downloader: Downloader;
  /** What the downloader calls itself; that of the newest system unless given. */
  readonly userAgent?: string;
  /** Connections for one file: real agents were seen to use 1 to 3 per file, 3 to 7 in all. */
  readonly connections: number;
  /** Begins the correlation vector. */
  readonly correlation: string;
  readonly timeoutMs: number;
  /** A number in [0, 1), for the order of pieces. */
  readonly random: () => number;
  /** Authorities in PEM that are trusted over https instead of the public ones. */
  readonly ca?: string;
}

export interface DownloadReport {
  readonly bytes: number;
  readonly requests: number;
}

/** Files are held whole until they are checked; larger ones are not simulated. */
const MAX_FILE_BYTES = 2 ** 31;

/** Delivery Optimization asks for pieces of exactly this size (observed). */
const PIECE_BYTES = 1_048_576;

/**
 * Fetches a file the way the agent's downloader does, and checks size, SHA-1 and SHA-256.
 *
 * @throws AgentFailure; OakumError OAK_PEER_UNREACHABLE or OAK_PEER_ANSWER for a transfer that came to nothing
 */
export async function downloadFile(
  url: string,
  file: ExtendedFile,
  options: DownloadOptions,
): Promise<DownloadReport> {
  const target = parseUrl(url);
  if (file.size > MAX_FILE_BYTES) {
    throw new AgentFailure('E_OUTOFMEMORY', `${file.name} is said to have ${file.size} bytes`);
  }
  const agent = agentFor(target, options);
  try {
    const content = Buffer.alloc(file.size);
    const requests =
      options.downloader === 'bits'
        ? await fetchByBits(target, content, agent, options)
        : await fetchByPieces(target, content, agent, options);
    verify(content, file);
    return { bytes: content.length, requests };
  } finally {
    agent.destroy();
  }
}

function agentFor({ protocol }: URL, { connections, ca }: DownloadOptions): Agent {
  const common = { keepAlive: true, maxSockets: connections };
  if (protocol === 'http:') return new Agent(common);
  return new SecureAgent({ ...common, ...(ca !== undefined && { ca }) });
}

function parseUrl(url: string): URL {
  if (!URL.canParse(url))
    throw new AgentFailure('WU_E_INVALID_FORMAT', `"${url.slice(0, 200)}" is no address`);
  const target = new URL(url);
  if (target.protocol !== 'http:' && target.protocol !== 'https:')
    throw new AgentFailure('WU_E_INVALID_FORMAT', `${target.protocol} is not supported`);
  return target;
}

interface Piece {
  readonly start: number;
  /** Inclusive, as it is sent. */
  readonly end: number;
}

/** Closed ranges only, shuffled, several at a time; no HEAD, nothing conditional (observed in 646 requests). */
async function fetchByPieces(
  url: URL,
  content: Buffer,
  agent: Agent,
  options: DownloadOptions,
): Promise<number> {
  const pieces = shuffled(piecesOf(content.length), options.random);
  const total = pieces.length;
  let sequence = 0;
  const worker = async (): Promise<void> => {
    for (let piece = pieces.pop(); piece !== undefined; piece = pieces.pop()) {
      const headers = [
        ...['Connection', 'Keep-Alive'],
        ...['Accept', '*/*'],
        ...['Range', `bytes=${piece.start}-${piece.end}`],
        ...['User-Agent', options.userAgent ?? 'Microsoft-Delivery-Optimization/10.1'],
        ...['MS-CV', `${options.correlation}.2.0.0.8.1.1.3.1.1.${++sequence}`],
        // On a GET, as the agent does.
        ...['Content-Length', '0'],
        ...['Host', url.host],
      ];
      await fetchPiece(url, headers, piece, content, agent, options);
    }
  };
  try {
    await Promise.all(Array.from({ length: Math.min(options.connections, total) }, worker));
  } finally {
    // Whoever still works on a piece when one has failed finds no further one.
    pieces.length = 0;
  }
  return total;
}

/** HEAD first, then ranges; needs Content-Length and an ETag that stays. */
async function fetchByBits(
  url: URL,
  content: Buffer,
  agent: Agent,
  options: DownloadOptions,
): Promise<number> {
  const common = [
    'Accept',
    '*/*',
    'User-Agent',
    options.userAgent ?? 'Microsoft BITS/7.8',
    'Host',
    url.host,
    'Connection',
    'Keep-Alive',
  ];
  const head = await httpGet({
    url,
    method: 'HEAD',
    headers: common,
    agent,
    maxBytes: 0,
    timeoutMs: options.timeoutMs,
  });
  requireStatus(head, 200);
  if (Number(head.headers['content-length']) !== content.length) {
    throw new AgentFailure('WU_E_DM_NOTDOWNLOADED', 'the server names another size than the metadata');
  }
  const pieces = piecesOf(content.length);
  for (const piece of pieces) {
    const headers = [...common, 'Accept-Encoding', 'identity', 'Range', `bytes=${piece.start}-${piece.end}`];
    const { etag } = (await fetchPiece(url, headers, piece, content, agent, options)).headers;
    if (etag !== head.headers.etag) {
      throw new AgentFailure('WU_E_DM_NOTDOWNLOADED', 'the file changed while it was fetched');
    }
  }
  return pieces.length + 1;
}

async function fetchPiece(
  url: URL,
  headers: readonly string[],
  piece: Piece,
  content: Buffer,
  agent: Agent,
  options: DownloadOptions,
): Promise<GetAnswer> {
  const length = piece.end - piece.start + 1;
  const answer = await httpGet({
    url,
    method: 'GET',
    headers,
    agent,
    maxBytes: length,
    timeoutMs: options.timeoutMs,
  });
  requireStatus(answer, 206);
  const expected = `bytes ${piece.start}-${piece.end}/${content.length}`;
  if (answer.headers['content-range'] !== expected || answer.body.length !== length) {
    throw new AgentFailure(
      'WU_E_DM_NOTDOWNLOADED',
      `asked for ${expected}, got ${String(answer.headers['content-range'] ?? 'no range')} and ${answer.body.length} bytes`,
    );
  }
  answer.body.copy(content, piece.start);
  return answer;
}

function piecesOf(size: number): Piece[] {
  const pieces: Piece[] = [];
  for (let start = 0; start < size; start += PIECE_BYTES)
    pieces.push({ start, end: Math.min(start + PIECE_BYTES, size) - 1 });
  return pieces;
}

function shuffled<T>(list: T[], random: () => number): T[] {
  for (let last = list.length - 1; last > 0; last--) {
    const other = Math.floor(random() * (last + 1));
    [list[last], list[other]] = [list[other], list[last]];
  }
  return list;
}

/** [MS-WUSP] note 26: SHA-1 names the file, SHA-256 must agree too since Windows 8. */
function verify(content: Buffer, file: ExtendedFile): void {
  if (createHash('sha1').update(content).digest('base64') !== file.digest) {
    throw new AgentFailure('TRUST_E_BAD_DIGEST', `${file.name} does not have its SHA-1`);
  }
  if (file.sha256 === undefined)
    throw new AgentFailure('TRUST_E_BAD_DIGEST', `${file.name} has no SHA-256 in its metadata`);
  if (createHash('sha256').update(content).digest('base64') !== file.sha256) {
    throw new AgentFailure('TRUST_E_BAD_DIGEST', `${file.name} does not have its SHA-256`);
  }
}

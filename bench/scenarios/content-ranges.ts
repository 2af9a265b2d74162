import { createHash } from 'node:crypto';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { contentPath } from '../../src/content/content-url.ts';
import { openFolderContentStore } from '../../src/content/folder-content-store.ts';
import { clientService, GetConfig } from '../../src/protocol/wusp/client.ts';
import { wireBytes } from '../support/against-floor.ts';
import type { Child } from '../support/child.ts';
import { startOakum, type BenchContext } from '../support/context.ts';
import { startStorm } from '../support/download-storm.ts';
import { Histogram, type LatencySummary } from '../support/histogram.ts';
import { closedLoop, requireLoopback } from '../support/load.ts';
import { freshComputer } from '../support/prepared-computer.ts';
import { RangeReader } from '../support/range-reader.ts';
import type { BenchResult } from '../support/results.ts';

const PIECE = 1_048_576;
const PIECES = 64;

/** Scenario (b): shuffled 1 MiB ranges of one file, as Delivery Optimization asks for them, against nginx. */
export async function* contentRanges(context: BenchContext): AsyncGenerator<Omit<BenchResult, 'scenario'>> {
  const data = join(context.folder, 'content-data');
  const file = Buffer.alloc(PIECE * PIECES, 'oakum');
  const digest = createHash('sha1').update(file).digest();
  const writer = (await openFolderContentStore(join(data, 'content'))).writer({ sha1: digest });
  await writer.write(file);
  await writer.commit();
  const path = contentPath(digest, '.exe');
  await using server = await startOakum(context, data);
  yield await againstNginx(context, server, path, file);
  yield await smallRequests(context, server, path);
  yield await stalledReaders(context, server, path);
}

/** What the ranges cost, and how fast they come. */
async function againstNginx(
  context: BenchContext,
  server: Child,
  path: string,
  file: Buffer,
): Promise<Omit<BenchResult, 'scenario'>> {
  const count = context.quick ? 256 : 4096;
  const rounds = context.quick ? 1 : 3;
  await using nginx = await startNginx(context, path, file);
  const all: { readonly oakum: Measured; readonly nginx: Measured | undefined }[] = [];
  for (let round = 0; round < rounds; round++) {
    all.push({
      oakum: await measured(server.url, path, count, () => server.cpuSeconds()),
      nginx: nginx && (await measured(nginx.url, path, count, () => nginx.cpuSeconds())),
    });
  }
  const cpuRatio = (one: (typeof all)[number]): number =>
    (one.nginx?.cpuMicroseconds ?? 0) / one.oakum.cpuMicroseconds;
  const middle = all.toSorted((one, other) => cpuRatio(one) - cpuRatio(other))[rounds >> 1];
  const { oakum, nginx: reference } = middle;
  return {
    name: '1 MiB ranges, 6 connections',
    unit: reference === undefined ? 'nginx is not installed' : 'of nginx',
    ...(reference === undefined ? {} : { ratio: cpuRatio(middle) }),
    details: {
      'ranges/s': oakum.perSecond,
      'nginx ranges/s': reference?.perSecond ?? 0,
      'of nginx ranges/s': reference === undefined ? 0 : oakum.perSecond / reference.perSecond,
      'cpu µs': oakum.cpuMicroseconds,
      'nginx cpu µs': reference?.cpuMicroseconds ?? 0,
      'p99 ms': oakum.latency.p99,
      'nginx p99 ms': reference?.latency.p99 ?? 0,
      'peak MB': server.memory().peak / 1e6,
    },
  };
}

/** How long a scanning computer waits while others download all they can. */
async function smallRequests(
  context: BenchContext,
  server: Child,
  path: string,
): Promise<Omit<BenchResult, 'scenario'>> {
  const { url } = server;
  const count = context.quick ? 200 : 2000;
  const computer = await freshComputer(url);
  const requests = [wireBytes(computer.prepare(clientService, GetConfig, { protocolVersion: '2.90' }))];
  const alone = await closedLoop({ url, requests, connections: 1, count });
  await using _storm = await startStorm({ url, requests: rangeRequests(url, path), connections: 64 });
  const during = await closedLoop({ url, requests, connections: 1, count });
  return {
    name: 'GetConfig while 64 connections download',
    unit: '',
    details: {
      'p50 ms': during.latency.p50,
      'p99 ms': during.latency.p99,
      'max ms': during.latency.max,
      'alone p50 ms': alone.latency.p50,
      'alone p99 ms': alone.latency.p99,
      'peak MB': server.memory().peak / 1e6,
    },
  };
}

/** What clients hold that ask for much and take nothing. */
async function stalledReaders(
  context: BenchContext,
  server: Child,
  path: string,
): Promise<Omit<BenchResult, 'scenario'>> {
  const connections = context.quick ? 50 : 400;
  const before = server.memory().resident;
  const request = Buffer.from(`GET ${path} HTTP/1.1\r\nHost: ${new URL(server.url).host}\r\n\r\n`);
  const readers = await Promise.all(Array.from({ length: connections }, () => RangeReader.open(server.url)));
  for (const reader of readers) reader.stall(request);
  // Somebody else's downloads come through meanwhile, and give the stalled ones time to be read for.
  await measured(server.url, path, 256, () => server.cpuSeconds());
  const held = server.memory().resident - before;
  for (const reader of readers) reader[Symbol.dispose]();
  return {
    name: `${connections} stalled downloads`,
    unit: '',
    details: { 'KB each': held / 1e3 / connections, 'peak MB': server.memory().peak / 1e6 },
  };
}

interface Measured {
  readonly perSecond: number;
  readonly latency: LatencySummary;
  readonly cpuMicroseconds: number;
}

async function measured(
  url: string,
  path: string,
  count: number,
  cpuSeconds: () => number,
): Promise<Measured> {
  const requests = rangeRequests(url, path);
  await readRanges(url, requests, PIECES);
  const before = cpuSeconds();
  const { seconds, latency } = await readRanges(url, requests, count);
  return { perSecond: count / seconds, latency, cpuMicroseconds: ((cpuSeconds() - before) / count) * 1e6 };
}

/** Each megabyte of the file once, in no order. */
function rangeRequests(url: string, path: string): Buffer[] {
  return Array.from({ length: PIECES }, (_, index) => {
    const piece = (index * 37) % PIECES;
    const range = `bytes=${piece * PIECE}-${(piece + 1) * PIECE - 1}`;
    return Buffer.from(
      `GET ${path} HTTP/1.1\r\nConnection: Keep-Alive\r\nAccept: */*\r\nRange: ${range}\r\n` +
        `User-Agent: Microsoft-Delivery-Optimization/10.1\r\nContent-Length: 0\r\nHost: ${new URL(url).host}\r\n\r\n`,
    );
  });
}

/** Closed loop over 6 connections. */
async function readRanges(
  url: string,
  requests: readonly Buffer[],
  count: number,
): Promise<{ readonly seconds: number; readonly latency: LatencySummary }> {
  requireLoopback(url);
  const readers = await Promise.all(Array.from({ length: 6 }, () => RangeReader.open(url)));
  const histogram = new Histogram();
  let next = 0;
  const started = performance.now();
  const drive = async (reader: RangeReader): Promise<void> => {
    while (next < count) {
      const request = requests[next++ % requests.length];
      const sent = performance.now();
      await reader.fetch(request);
      histogram.record(performance.now() - sent);
    }
  };
  await Promise.all(readers.map(drive));
  const seconds = (performance.now() - started) / 1000;
  for (const reader of readers) reader[Symbol.dispose]();
  return { seconds, latency: histogram.summary() };
}

interface Nginx extends AsyncDisposable {
  readonly url: string;
  readonly cpuSeconds: () => number;
}

async function startNginx(context: BenchContext, path: string, file: Buffer): Promise<Nginx | undefined> {
  if (spawnSync('nginx', ['-v']).error !== undefined) return undefined;
  const root = join(context.folder, 'nginx');
  mkdirSync(join(root, path, '..'), { recursive: true });
  writeFileSync(join(root, path), file);
  const port = await freePort();
  const config = join(root, 'nginx.conf');
  writeFileSync(
    config,
    `daemon off; ${process.getuid?.() === 0 ? 'user root; ' : ''}worker_processes 1; pid ${root}/pid; error_log ${root}/error.log; events {}\n` +
      `http { access_log off; sendfile on; keepalive_requests 1000000; client_body_temp_path ${root}; proxy_temp_path ${root};` +
      ` fastcgi_temp_path ${root}; uwsgi_temp_path ${root}; scgi_temp_path ${root};` +
      ` server { listen 127.0.0.1:${port}; root ${root}; } }\n`,
  );
  const nginx = spawn('nginx', ['-c', config, '-p', root], { stdio: 'ignore' });
  await reachable(port);
  return {
    url: `http://127.0.0.1:${port}`,
    cpuSeconds: () => cpuOfGroup(nginx.pid ?? 0),
    [Symbol.asyncDispose]: async () => {
      nginx.kill('SIGTERM');
      await once(nginx, 'exit');
    },
  };
}

/** CPU seconds of a process and its children: nginx works in a child. */
function cpuOfGroup(pid: number): number {
  let ticks = 0;
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry) || !existsSync(`/proc/${entry}/stat`)) continue;
    const stat = readFileSync(`/proc/${entry}/stat`, 'latin1');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (Number(entry) === pid || Number(fields[1]) === pid) ticks += Number(fields[11]) + Number(fields[12]);
  }
  return ticks / 100;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

async function reachable(port: number): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt++) {
    const socket = connect(port, '127.0.0.1');
    const connected = await new Promise<boolean>((resolve) => {
      socket.once('connect', () => resolve(true));
      socket.once('error', () => resolve(false));
    });
    socket.destroy();
    if (connected) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error('nginx did not start');
}

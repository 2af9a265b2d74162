import { createHash } from 'node:crypto';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { contentPath } from '../../src/content/content-url.ts';
import { openFolderContentStore } from '../../src/content/folder-content-store.ts';
import { closedLoop, type LoadResult } from '../support/load.ts';
import type { BenchResult } from '../support/results.ts';
import { startOakum, type BenchContext } from '../support/context.ts';

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
  const count = context.quick ? 256 : 4096;
  await using server = await startOakum(context, data);
  const oakum = await measured(server.url, path, count, () => server.cpuSeconds());
  const memory = server.memory();
  const nginx = await measureNginx(context, path, file, count);
  yield {
    name: '1 MiB ranges, 6 connections',
    unit: nginx === undefined ? 'nginx is not installed' : 'of nginx',
    ...(nginx === undefined ? {} : { ratio: nginx.cpuMicroseconds / oakum.cpuMicroseconds }),
    details: {
      'req/s': oakum.load.perSecond,
      'nginx req/s': nginx?.load.perSecond ?? 0,
      'cpu µs': oakum.cpuMicroseconds,
      'nginx cpu µs': nginx?.cpuMicroseconds ?? 0,
      'p99 ms': oakum.load.latency.p99,
      'peak MB': memory.peak / 1e6,
    },
  };
}

interface Measured {
  readonly load: LoadResult;
  readonly cpuMicroseconds: number;
}

async function measured(
  url: string,
  path: string,
  count: number,
  cpuSeconds: () => number,
): Promise<Measured> {
  const requests = Array.from({ length: PIECES }, (_, index) => {
    const piece = (index * 37) % PIECES;
    const range = `bytes=${piece * PIECE}-${(piece + 1) * PIECE - 1}`;
    return Buffer.from(
      `GET ${path} HTTP/1.1\r\nConnection: Keep-Alive\r\nAccept: */*\r\nRange: ${range}\r\n` +
        `User-Agent: Microsoft-Delivery-Optimization/10.1\r\nContent-Length: 0\r\nHost: ${new URL(url).host}\r\n\r\n`,
    );
  });
  await closedLoop({ url, requests, connections: 6, count: PIECES });
  const before = cpuSeconds();
  const load = await closedLoop({ url, requests, connections: 6, count });
  const errors = Object.keys(load.errors);
  if (errors.length > 0) throw new Error(`${url} answered ${errors.join(', ')}`);
  return { load, cpuMicroseconds: ((cpuSeconds() - before) / count) * 1e6 };
}

async function measureNginx(
  context: BenchContext,
  path: string,
  file: Buffer,
  count: number,
): Promise<Measured | undefined> {
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
  try {
    await reachable(port);
    return await measured(`http://127.0.0.1:${port}`, path, count, () => cpuOfGroup(nginx.pid ?? 0));
  } finally {
    nginx.kill('SIGTERM');
    await once(nginx, 'exit');
  }
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

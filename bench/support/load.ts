import type { Buffer } from 'node:buffer';
import { setTimeout } from 'node:timers/promises';
import { Histogram, type LatencySummary } from './histogram.ts';
import { RawClient } from './raw-client.ts';

export interface LoadOptions {
  readonly url: string;
  /** Sent in turn. */
  readonly requests: readonly Buffer[];
  readonly connections: number;
  /** Requests in all. */
  readonly count: number;
  /** Requests that are sent in a second, at most; without it, each as soon as its connection is free. */
  readonly perSecond?: number;
}

export interface LoadResult {
  readonly count: number;
  readonly seconds: number;
  readonly perSecond: number;
  readonly latency: LatencySummary;
  /** Answers by status other than 200 and 206. */
  readonly errors: Readonly<Record<string, number>>;
}

/** Closed loop: every connection sends its next request as soon as it has its answer, and it is time. */
export async function closedLoop({
  url,
  requests,
  connections,
  count,
  perSecond = Number.POSITIVE_INFINITY,
}: LoadOptions): Promise<LoadResult> {
  requireLoopback(url);
  const clients = await Promise.all(Array.from({ length: connections }, () => RawClient.open(url)));
  const histogram = new Histogram();
  const errors: Record<string, number> = {};
  let next = 0;
  const started = performance.now();
  const drive = async (client: RawClient): Promise<void> => {
    while (next < count) {
      const early = started + (next * 1000) / perSecond - performance.now();
      const request = requests[next++ % requests.length];
      if (early > 0) await setTimeout(early);
      const sent = performance.now();
      const { status } = await client.exchange(request);
      histogram.record(performance.now() - sent);
      if (status !== 200 && status !== 206) errors[status] = (errors[status] ?? 0) + 1;
    }
  };
  try {
    await Promise.all(clients.map(drive));
  } finally {
    for (const client of clients) client[Symbol.dispose]();
  }
  const seconds = (performance.now() - started) / 1000;
  return { count, seconds, perSecond: count / seconds, latency: histogram.summary(), errors };
}

/** Load is only ever put on this machine. */
export function requireLoopback(url: string): void {
  const { hostname } = new URL(url);
  const isLoopback = hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(hostname);
  if (!isLoopback) throw new Error(`${hostname} is not this machine; load is refused`);
}

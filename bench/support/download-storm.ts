import { Buffer } from 'node:buffer';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { RangeReader } from './range-reader.ts';

interface StormOptions {
  readonly url: string;
  /** Sent in turn by every connection, each beginning at another one. */
  readonly requests: readonly Uint8Array[];
  readonly connections: number;
}

/** Downloads without end from a thread of its own, so that what is measured meanwhile does not wait for them. */
export async function startStorm(options: StormOptions): Promise<AsyncDisposable> {
  const worker = new Worker(fileURLToPath(import.meta.url), { workerData: options });
  await once(worker, 'message');
  return { [Symbol.asyncDispose]: async () => void (await worker.terminate()) };
}

async function storm({ url, requests, connections }: StormOptions): Promise<void> {
  const sent = requests.map((request) => Buffer.from(request));
  const readers = await Promise.all(Array.from({ length: connections }, () => RangeReader.open(url)));
  await Promise.all(readers.map((reader, index) => reader.fetch(sent[index % sent.length])));
  // An empty list of what is handed over, because one argument looks like a window's method to the linter.
  parentPort?.postMessage('running', []);
  await Promise.all(
    readers.map(async (reader, index) => {
      for (let next = index; ; next++) await reader.fetch(sent[next % sent.length]);
    }),
  );
}

if (!isMainThread) await storm(workerData as StormOptions);

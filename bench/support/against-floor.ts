import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Child } from './child.ts';
import { closedLoop, type LoadResult } from './load.ts';
import { RawClient } from './raw-client.ts';

const FLOOR = fileURLToPath(new URL('floor.ts', import.meta.url));

/** A prepared request: what follows the request line, so that both servers get the same. */
export interface Prepared {
  readonly path: string;
  /** Headers with their CRLFs, without the request line and the blank line. */
  readonly headers: string;
  readonly body: Buffer;
}

export function wireBytes(prepared: Prepared, path = prepared.path): Buffer {
  return Buffer.concat([
    Buffer.from(`POST ${path} HTTP/1.1\r\n${prepared.headers}\r\n`, 'latin1'),
    prepared.body,
  ]);
}

export interface FloorComparison {
  /** CPU time of the floor per request divided by Oakum's: 1 would be nothing but the runtime. */
  readonly ofFloor: number;
  /** What Oakum answers in a second when it is asked as fast as it can answer. */
  readonly fastestPerSecond: number;
  readonly cpuMicroseconds: { readonly oakum: number; readonly floor: number };
  readonly oakum: LoadResult;
  readonly floor: LoadResult;
  readonly requestBytes: number;
  readonly answerBytes: number;
}

export interface FloorOptions {
  readonly connections: number;
  readonly count: number;
  /** Times the two are measured in turn; the median ratio counts. */
  readonly repeats: number;
  /**
   * For operations that notice a repetition: makes new requests for each measurement, all answered like the
   * recorded ones.
   */
  readonly renew?: (count: number) => readonly Prepared[];
}

/** Of what Oakum can answer in a second: what is left keeps both servers from ever being behind. */
const EASE = 0.6;

/**
 * Measures a server against the floor, in turn within one run, so that a machine that slows down slows
 * both, and at the same rate: a server that is asked as fast as it can answer finds its clients awake and
 * its system calls shared, which halves its cost, and only the floor would get there.
 */
export async function againstFloor(
  server: Child,
  requests: readonly Prepared[],
  options: FloorOptions,
): Promise<FloorComparison> {
  const folder = mkdtempSync(join(tmpdir(), 'oakum-floor-'));
  try {
    const answerBytes = await recordAnswers(server, requests, folder);
    await using floor = await Child.start(FLOOR, [folder]);
    const measure = async (child: Child, count: number, perSecond?: number): Promise<Measured> => {
      const atFloor = child === floor;
      const prepared = options.renew?.(count) ?? requests;
      const bytes = prepared.map((one, index) =>
        wireBytes(one, atFloor ? `/${index % requests.length}` : one.path),
      );
      const before = child.cpuSeconds();
      const load = await closedLoop({
        url: child.url,
        requests: bytes,
        connections: options.connections,
        count,
        ...(perSecond === undefined ? {} : { perSecond }),
      });
      return { load, cpuMicroseconds: ((child.cpuSeconds() - before) / count) * 1e6 };
    };
    // Both warm: compiled code, filled caches.
    const fastest = await measure(server, options.count);
    await measure(floor, options.count);
    const rate = fastest.load.perSecond * EASE;
    const pairs: { readonly oakum: Measured; readonly floor: Measured; readonly ratio: number }[] = [];
    for (let repeat = 0; repeat < options.repeats; repeat++) {
      const oakum = await measure(server, options.count, rate);
      const bare = await measure(floor, options.count, rate);
      pairs.push({ oakum, floor: bare, ratio: bare.cpuMicroseconds / oakum.cpuMicroseconds });
    }
    const median = pairs.sort((one, other) => one.ratio - other.ratio)[Math.floor(pairs.length / 2)];
    return {
      fastestPerSecond: fastest.load.perSecond,
      ofFloor: median.ratio,
      cpuMicroseconds: { oakum: median.oakum.cpuMicroseconds, floor: median.floor.cpuMicroseconds },
      oakum: median.oakum.load,
      floor: median.floor.load,
      requestBytes: Math.round(requests.reduce((sum, one) => sum + one.body.length, 0) / requests.length),
      answerBytes,
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Measured {
  readonly load: LoadResult;
  readonly cpuMicroseconds: number;
}

/** Asks the server once for each answer and lays them down for the floor. */
async function recordAnswers(server: Child, requests: readonly Prepared[], folder: string): Promise<number> {
  using client = await RawClient.open(server.url);
  let bytes = 0;
  for (const [index, request] of requests.entries()) {
    const { status, head, body } = await settledAnswer(client, request);
    if (status !== 200)
      throw new Error(`request ${index} was answered ${status}: ${body.toString('utf8', 0, 500)}`);
    bytes += body.length;
    const headers = head
      .split('\r\n')
      .slice(1)
      .flatMap((line) =>
        /^(date|connection|keep-alive):/i.test(line)
          ? []
          : [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trim()],
      );
    writeFileSync(join(folder, `${index}.body`), body);
    writeFileSync(join(folder, `${index}.json`), JSON.stringify(headers));
  }
  return Math.round(bytes / requests.length);
}

/** What a fleet gets: an answer that is asked for again is packed more tightly after a while. */
async function settledAnswer(client: RawClient, request: Prepared): ReturnType<RawClient['exchange']> {
  const bytes = wireBytes(request);
  let answer = await client.exchange(bytes);
  for (let asked = 1, same = 0; asked < 50 && same < 3; asked++) {
    await setTimeout(5);
    const next = await client.exchange(bytes);
    same = next.body.length === answer.body.length ? same + 1 : 0;
    answer = next;
  }
  return answer;
}

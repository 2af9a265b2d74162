import { setTimeout as pause } from 'node:timers/promises';

const PATIENCE_MS = 10_000;
const INTERVAL_MS = 10;

/** Asks again and again until the answer is neither false nor undefined; fails when that never happens. */
export async function until<T>(
  what: string,
  ask: () => T | Promise<T>,
): Promise<Exclude<T, false | undefined>> {
  const deadline = performance.now() + PATIENCE_MS;
  for (;;) {
    const answer = await ask();
    if (answer !== false && answer !== undefined) return answer as Exclude<T, false | undefined>;
    if (performance.now() > deadline) throw new Error(`waited in vain: ${what}`);
    await pause(INTERVAL_MS);
  }
}

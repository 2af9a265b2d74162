const MINUTE_MS = 60_000;
const LONGEST_MS = 6 * 3_600_000;
const ATTEMPTS = 20;
const GIVE_UP_MS = 3 * 86_400_000;
/** Receivers that come back are not met by everybody at once. */
const SPREAD = 0.2;

/**
 * When a delivery is tried again: after about a minute, then twice as long each time, up to six hours; given up after
 * 20 attempts or three days.
 *
 * @param attempts made so far, the one that has just failed with them
 * @param random from 0 to 1
 * @returns undefined when it is given up
 */
export function nextAttemptMs(
  {
    attempts,
    queuedMs,
    nowMs,
  }: { readonly attempts: number; readonly queuedMs: number; readonly nowMs: number },
  random: number,
): number | undefined {
  if (attempts >= ATTEMPTS || nowMs - queuedMs >= GIVE_UP_MS) return undefined;
  const pauseMs = Math.min(LONGEST_MS, MINUTE_MS * 2 ** (attempts - 1));
  return nowMs + Math.round(pauseMs * (1 - SPREAD + 2 * SPREAD * random));
}

import { InvalidArgumentError } from 'commander';
import { parseDeadline } from './deadline.ts';

const UNITS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };

/** A time in the past: so many minutes, hours, days or weeks ago, or a date with its zone. In milliseconds. */
export function parseSince(text: string): number {
  const ago = /^(\d{1,5})([mhdw])$/.exec(text.trim());
  if (ago !== null) return Date.now() - Number(ago[1]) * UNITS[ago[2]];
  try {
    return parseDeadline(text);
  } catch {
    throw new InvalidArgumentError('It must be as 7d, 12h, 30m, or 2026-12-31T22:00Z.');
  }
}

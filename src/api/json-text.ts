import { inertJson } from '../errors/inert-text.ts';

/** A value as JSON that is safe to look at. The same value comes out of it: what is live is escaped. */
export function jsonText(value: unknown): string {
  return inertJson(JSON.stringify(value, undefined, 2));
}

/** The same on one line, for programs; in a page that quotes it, nothing begins an element either. */
export function jsonLine(value: unknown): string {
  return inertJson(JSON.stringify(value)).replaceAll('<', '\\u003c');
}

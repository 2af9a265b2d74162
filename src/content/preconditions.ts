import type { IncomingHttpHeaders } from 'node:http';
import { parseHttpDate } from './http-date.ts';

/** What identifies the stored file to caches and downloaders. */
export interface Validators {
  /** A strong entity tag with its quotation marks. */
  readonly etag: string;
  /** For Last-Modified; only whole seconds count. */
  readonly modified: Date;
}

/**
 * Evaluates the conditions of a GET or HEAD request in the order of RFC 9110, 13.2.2. Conditions whose date is
 * invalid are ignored (13.1.3, 13.1.4). Never throws.
 */
export function evaluatePreconditions(
  headers: IncomingHttpHeaders,
  validators: Validators,
): 'proceed' | 'not modified' | 'failed' {
  const modified = wholeSeconds(validators.modified);
  const ifMatch = headers['if-match'];
  if (ifMatch !== undefined) {
    // Step 1, strong comparison (13.1.1).
    if (!matches(ifMatch, validators.etag, 'strong')) return 'failed';
  } else {
    // Step 2.
    const since = date(headers['if-unmodified-since']);
    if (since !== undefined && modified > since) return 'failed';
  }
  const ifNoneMatch = headers['if-none-match'];
  if (ifNoneMatch !== undefined) {
    // Step 3, weak comparison (13.1.2).
    if (matches(ifNoneMatch, validators.etag, 'weak')) return 'not modified';
  } else {
    // Step 4.
    const since = date(headers['if-modified-since']);
    if (since !== undefined && modified <= since) return 'not modified';
  }
  return 'proceed';
}

/**
 * Whether a Range header is to be honoured (RFC 9110, 13.1.5 and step 5 of 13.2.2): without If-Range always; with an
 * entity tag on strong equality; with a date only when it is exactly the Last-Modified, which is a strong validator
 * here because a stored file never changes.
 */
export function rangeApplies(ifRange: string | undefined, validators: Validators): boolean {
  if (ifRange === undefined) return true;
  if (ifRange.includes('"')) return ifRange.trim() === validators.etag;
  return date(ifRange) === wholeSeconds(validators.modified);
}

function matches(list: string, etag: string, comparison: 'strong' | 'weak'): boolean {
  if (list.trim() === '*') return true;
  for (const [tag] of list.matchAll(/(?:W\/)?"[^"]*"/g)) {
    if (tag === etag) return true;
    if (comparison === 'weak' && tag === `W/${etag}`) return true;
  }
  return false;
}

function date(text: string | undefined): number | undefined {
  return text === undefined ? undefined : parseHttpDate(text);
}

function wholeSeconds(time: Date): number {
  return Math.floor(time.getTime() / 1000) * 1000;
}

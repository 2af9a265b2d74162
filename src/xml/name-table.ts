import type { Buffer } from 'node:buffer';

/** A name as written, split at its colon. `prefix` is empty for an unprefixed name. */
export interface XmlName {
  readonly raw: string;
  readonly prefix: string;
  readonly local: string;
}

// XML 1.0 (fifth edition) 2.3, without the colon, which Namespaces in XML keeps for prefixes.
const START = String.raw`A-Z_a-z\u00C0-\u00D6\u00D8-\u00F6\u00F8-\u02FF\u0370-\u037D\u037F-\u1FFF\u200C-\u200D\u2070-\u218F\u2C00-\u2FEF\u3001-\uD7FF\uF900-\uFDCF\uFDF0-\uFFFD\u{10000}-\u{EFFFF}`;
const REST = String.raw`${START}\-.0-9\u00B7\u0300-\u036F\u203F-\u2040`;
const NC_NAME = new RegExp(`^[${START}][${REST}]*$`, 'u');

const SLOTS = 2048;

/**
 * Turns the bytes of a name into strings, once per distinct name rather than once per element: a request
 * of 20,000 ids has ten different names. Direct-mapped, so hostile input can evict names but never grow
 * the table.
 */
export class NameTable {
  readonly #bytes: (Uint8Array | undefined)[] = new Array<Uint8Array | undefined>(SLOTS).fill(undefined);
  readonly #names: (XmlName | undefined)[] = new Array<XmlName | undefined>(SLOTS).fill(undefined);

  /** The name in `source[start, end)`, or undefined when it is not a qualified name. */
  lookup(source: Buffer, start: number, end: number): XmlName | undefined {
    let hash = end - start;
    for (let at = start; at < end; at++) hash = (Math.imul(hash, 31) + source[at]) | 0;
    const slot = (hash ^ (hash >>> 11)) & (SLOTS - 1);
    const known = this.#bytes[slot];
    if (known !== undefined && same(known, source, start, end)) return this.#names[slot];
    const name = splitName(source.toString('utf8', start, end));
    if (name !== undefined) {
      this.#bytes[slot] = Uint8Array.prototype.slice.call(source, start, end);
      this.#names[slot] = name;
    }
    return name;
  }
}

function same(known: Uint8Array, source: Buffer, start: number, end: number): boolean {
  if (known.length !== end - start) return false;
  for (let at = 0; at < known.length; at++) if (known[at] !== source[start + at]) return false;
  return true;
}

function splitName(raw: string): XmlName | undefined {
  const colon = raw.indexOf(':');
  const prefix = colon < 0 ? '' : raw.slice(0, colon);
  const local = colon < 0 ? raw : raw.slice(colon + 1);
  if (!NC_NAME.test(local) || (colon >= 0 && !NC_NAME.test(prefix))) return undefined;
  return Object.freeze({ raw, prefix, local });
}

import { Buffer } from 'node:buffer';
import { crc32 } from 'node:zlib';

/** A request that was seen before, but for its credential. */
export interface KnownRequest {
  /** Its decoded children, without the credential. The same object each time the request is seen. */
  readonly content: Readonly<Record<string, unknown>>;
}

interface Entry extends KnownRequest {
  readonly prefix: Buffer;
  readonly suffix: Buffer;
}

/** Requests with the same checksum are told apart by their bytes; more than this many are not kept. */
const ALIKE = 8;
/** Stretches of a long request that its checksum is made of: five of 1 KiB at equal distances. */
const STRETCHES = 4;
const STRETCH_BYTES = 1024;
const SEEN_ONCE = 65_536;

/**
 * Recognises requests by their bytes. Most of what a fleet sends is what another computer, or the same one an
 * hour ago, has sent before: a list of 1,400 ids costs 3 µs to recognise and ten times that to decode and compare. The credential in
 * the middle differs, so what stands before it and after it is compared. Only what comes a second time is
 * kept, so a crowd of requests that never come back cannot push out those that do.
 */
export class RequestMemory {
  readonly #maxBytes: number;
  readonly #entries = new Map<number, Entry[]>();
  readonly #seenOnce = new Uint32Array(SEEN_ONCE);
  #bytes = 0;

  /** @param maxBytes how much the kept requests may take; 0 keeps none */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** The request with these bytes around its credential, which stands from `start` to `end`. */
  find(bytes: Buffer, start: number, end: number): KnownRequest | undefined {
    if (this.#entries.size === 0) return undefined;
    const checksum = checksumOf(bytes, end);
    const entries = this.#entries.get(checksum);
    const found = entries?.find((entry) => isAlike(entry, bytes, start, end));
    if (entries !== undefined && found !== undefined) {
      // A Map iterates in the order of insertion: putting it back makes it the youngest.
      this.#entries.delete(checksum);
      this.#entries.set(checksum, entries);
    }
    return found;
  }

  /** Keeps a request that has been decoded, if it was here before. */
  remember(bytes: Buffer, start: number, end: number, content: KnownRequest['content']): KnownRequest {
    const checksum = checksumOf(bytes, end);
    const slot = checksum % SEEN_ONCE;
    if (this.#seenOnce[slot] !== checksum) {
      this.#seenOnce[slot] = checksum;
      return { content };
    }
    const entry: Entry = {
      content,
      prefix: Buffer.from(bytes.subarray(0, start)),
      suffix: Buffer.from(bytes.subarray(end)),
    };
    // Whoever makes up requests with one checksum replaces his own only.
    const entries = [entry, ...(this.#entries.get(checksum) ?? [])];
    this.#forget(checksum);
    this.#entries.set(checksum, entries.slice(0, ALIKE));
    this.#bytes += bytesOf(entries.slice(0, ALIKE));
    for (const oldest of this.#entries.keys()) {
      if (this.#bytes <= this.#maxBytes) break;
      this.#forget(oldest);
    }
    return entry;
  }

  #forget(checksum: number): void {
    this.#bytes -= bytesOf(this.#entries.get(checksum) ?? []);
    this.#entries.delete(checksum);
  }
}

/** Of the whole, it would cost more than all the rest of recognising. */
function checksumOf(bytes: Buffer, from: number): number {
  const length = bytes.length - from;
  if (length <= (STRETCHES + 1) * STRETCH_BYTES) return crc32(bytes.subarray(from), length);
  const distance = (length - STRETCH_BYTES) / STRETCHES;
  let checksum = length;
  for (let stretch = 0; stretch <= STRETCHES; stretch++) {
    const start = from + Math.floor(stretch * distance);
    checksum = crc32(bytes.subarray(start, start + STRETCH_BYTES), checksum);
  }
  return checksum;
}

function isAlike({ prefix, suffix }: Entry, bytes: Buffer, start: number, end: number): boolean {
  return (
    prefix.length === start &&
    suffix.length === bytes.length - end &&
    bytes.compare(prefix, 0, start, 0, start) === 0 &&
    bytes.compare(suffix, 0, suffix.length, end) === 0
  );
}

// Decoded, a list takes about a third of what it took as markup.
function bytesOf(entries: readonly Entry[]): number {
  return entries.reduce((sum, { prefix, suffix }) => sum + prefix.length + suffix.length * 1.5, 0);
}

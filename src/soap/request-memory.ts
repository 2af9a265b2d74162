import type { Buffer } from 'node:buffer';
import { crc32 } from 'node:zlib';
import { ByteTree } from './byte-tree.ts';
import { ownBytes } from './own-bytes.ts';

/** A request that was seen before, but for its credential. */
export interface KnownRequest {
  /** Its decoded children, without the credential. The same object each time the request is seen. */
  readonly content: Readonly<Record<string, unknown>>;
}

interface Entry extends KnownRequest {
  /** What stands before its credential, and behind it. */
  readonly prefix: Buffer;
  readonly bytes: Buffer;
}

const SEEN_ONCE = 65_536;
/** What an entry takes besides its bytes: objects, and its place in tree and set. */
const ENTRY_BYTES = 500;

/**
 * Recognises requests by their bytes. Most of what a fleet sends is what another computer, or the same one an
 * hour ago, has sent before: a list of 1,400 ids costs 2 µs to recognise and twenty times that to decode and
 * compare. The credential in the middle differs, so what stands before it and after it is compared. Only what
 * comes a second time is kept, so a crowd of requests that never come back cannot push out those that do.
 */
export class RequestMemory {
  readonly #maxBytes: number;
  /** By the length of what stands behind the credential. */
  readonly #trees = new Map<number, ByteTree<Entry>>();
  /** The youngest last. */
  readonly #entries = new Set<Entry>();
  readonly #seenOnce = new Uint32Array(SEEN_ONCE);
  #bytes = 0;

  /** @param maxBytes how much the kept requests may take; 0 keeps none */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** What is kept takes. */
  get bytes(): number {
    return this.#bytes;
  }

  /** The request with these bytes around its credential, which stands from `start` to `end`. */
  find(bytes: Buffer, start: number, end: number): KnownRequest | undefined {
    const entry = this.#trees.get(bytes.length - end)?.candidate(bytes, end);
    if (entry === undefined || !isAlike(entry, bytes, start, end)) return undefined;
    // A Set iterates in the order of insertion: putting it back makes it the youngest.
    this.#entries.delete(entry);
    this.#entries.add(entry);
    return entry;
  }

  /** Keeps a request that has been decoded, if it was here before. */
  remember(bytes: Buffer, start: number, end: number, content: KnownRequest['content']): KnownRequest {
    const checksum = crc32(bytes.subarray(end));
    const slot = checksum % SEEN_ONCE;
    if (this.#seenOnce[slot] !== checksum) {
      this.#seenOnce[slot] = checksum;
      return { content };
    }
    const entry: Entry = {
      content,
      prefix: ownBytes(bytes.subarray(0, start)),
      bytes: ownBytes(bytes.subarray(end)),
    };
    this.#add(entry);
    for (const oldest of this.#entries) {
      if (this.#bytes <= this.#maxBytes) break;
      this.#remove(oldest);
    }
    return entry;
  }

  #add(entry: Entry): void {
    const tree = this.#trees.get(entry.bytes.length) ?? new ByteTree<Entry>();
    this.#trees.set(entry.bytes.length, tree);
    const replaced = tree.add(entry);
    if (replaced !== undefined) this.#forget(replaced);
    this.#entries.add(entry);
    this.#bytes += bytesOf(entry);
  }

  #remove(entry: Entry): void {
    const tree = this.#trees.get(entry.bytes.length);
    tree?.remove(entry);
    if (tree?.isEmpty === true) this.#trees.delete(entry.bytes.length);
    this.#forget(entry);
  }

  #forget(entry: Entry): void {
    this.#entries.delete(entry);
    this.#bytes -= bytesOf(entry);
  }
}

function isAlike({ prefix, bytes: suffix }: Entry, bytes: Buffer, start: number, end: number): boolean {
  return (
    prefix.length === start &&
    bytes.compare(prefix, 0, start, 0, start) === 0 &&
    bytes.compare(suffix, 0, suffix.length, end) === 0
  );
}

// Decoded, a list of ids takes a third of what it took as markup, and one of devices twice as much.
function bytesOf({ prefix, bytes }: Entry): number {
  return ENTRY_BYTES + prefix.length + bytes.length * 2;
}

import { Type, type CatalogSnapshot } from './snapshot.ts';

/** The revisions whose prerequisites hold for one set of installed ones: shared by all computers that have it. */
export interface NeededSet {
  /** Ordinals of all but drivers, in the order in which they are sent. */
  readonly software: Int32Array;
  /** The same, one bit for each ordinal. */
  readonly bits: Int32Array;
  readonly drivers: Int32Array;
}

interface Kept extends NeededSet {
  readonly installed: Int32Array;
  readonly scope: Uint8Array | undefined;
}

/** Bytes of all sets that are kept: some thousand at 15,000 revisions, two hundred at a million. */
const BYTES_KEPT = 32 << 20;

/**
 * A bounded memory of needed sets, by the installed ids exactly as a client lists them: another order
 * of the same ids may be answered in another order. What was not asked for the longest time makes room.
 */
export class NeededSets {
  /** By hash of the ids. Two lists with the same hash take turns. */
  readonly #kept = new Map<number, Kept>();
  readonly #scopes = new WeakMap<Uint8Array, number>();
  #scopeCount = 0;
  #bytes = 0;

  /**
   * @param scope what the scan is limited to, one byte for each ordinal
   * @param compute visits every revision in scope whose prerequisites hold
   */
  get(
    snapshot: CatalogSnapshot,
    installed: Int32Array,
    scope: Uint8Array | undefined,
    compute: (visit: (ordinal: number) => void) => void,
  ): NeededSet {
    const hash = hashOf(installed, scope === undefined ? 0 : this.#scopeNumber(scope));
    const known = this.#kept.get(hash);
    if (known !== undefined && known.scope === scope && sameInts(known.installed, installed)) {
      this.#kept.delete(hash);
      this.#kept.set(hash, known);
      return known;
    }
    if (known !== undefined) this.#drop(hash, known);
    const made = { ...make(snapshot, scope, compute), installed: installed.slice(), scope };
    this.#kept.set(hash, made);
    this.#bytes += bytesOf(made);
    for (const [oldest, one] of this.#kept) {
      if (this.#bytes <= BYTES_KEPT || one === made) break;
      this.#drop(oldest, one);
    }
    return made;
  }

  #scopeNumber(scope: Uint8Array): number {
    const number = this.#scopes.get(scope) ?? ++this.#scopeCount;
    this.#scopes.set(scope, number);
    return number;
  }

  #drop(hash: number, one: Kept): void {
    this.#kept.delete(hash);
    this.#bytes -= bytesOf(one);
  }
}

function make(
  { types }: CatalogSnapshot,
  scope: Uint8Array | undefined,
  compute: (visit: (ordinal: number) => void) => void,
): NeededSet {
  const software: number[] = [];
  const drivers: number[] = [];
  const bits = new Int32Array((types.length + 31) >>> 5);
  compute((ordinal) => {
    if (scope !== undefined && scope[ordinal] === 0) return;
    if (types[ordinal] === Type.Driver) drivers.push(ordinal);
    else {
      software.push(ordinal);
      bits[ordinal >>> 5] |= 1 << (ordinal & 31);
    }
  });
  return { software: Int32Array.from(software), bits, drivers: Int32Array.from(drivers) };
}

// A scope that several share counts for each of them: nobody can tell which one will keep it in memory last.
function bytesOf({ software, bits, drivers, installed, scope }: Kept): number {
  const own = software.byteLength + bits.byteLength + drivers.byteLength + installed.byteLength;
  return own + (scope?.byteLength ?? 0);
}

function hashOf(ids: Int32Array, seed: number): number {
  let hash = 0x811c9dc5 ^ seed;
  for (let at = 0; at < ids.length; at++) hash = Math.imul(hash ^ ids[at], 0x01000193) ^ (hash >>> 15);
  return hash | 0;
}

function sameInts(one: Int32Array, other: Int32Array): boolean {
  if (one.length !== other.length) return false;
  for (let at = 0; at < one.length; at++) if (one[at] !== other[at]) return false;
  return true;
}

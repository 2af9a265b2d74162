type Numbers = Int32Array | Uint8Array | Uint16Array | Float64Array | BigUint64Array;
type Kind<T extends Numbers> = {
  readonly BYTES_PER_ELEMENT: number;
  new (buffer: SharedArrayBuffer, offset?: number, length?: number): T;
};

const FIRST_CAPACITY = 1024;

/**
 * A typed array that only grows, in memory that threads share. A view of it stays as it is whatever is added
 * afterwards, so one generation's view costs nothing and later generations build on it without a copy.
 */
export class GrowingArray<T extends Numbers> {
  readonly #kind: Kind<T>;
  /** For writing; reads see zeros behind `length`. */
  array: T;
  length = 0;

  /** @param capacity elements expected; memory that is never written to is never taken from the system */
  constructor(kind: Kind<T>, capacity = FIRST_CAPACITY) {
    this.#kind = kind;
    this.array = allocate(kind, capacity);
  }

  /** Makes room for so many more elements; {@link array} is another one afterwards. */
  reserve(more: number): void {
    const needed = this.length + more;
    if (needed <= this.array.length) return;
    const larger = allocate(this.#kind, Math.max(needed, this.array.length * 2));
    larger.set(this.array.subarray(0, this.length) as never);
    this.array = larger;
  }

  push(value: T[number]): void {
    if (this.length === this.array.length) this.reserve(1);
    this.array[this.length++] = value;
  }

  /** What is there now. */
  view(): T {
    return new this.#kind(this.array.buffer as SharedArrayBuffer, 0, this.length);
  }
}

function allocate<T extends Numbers>(kind: Kind<T>, capacity: number): T {
  return new kind(new SharedArrayBuffer(capacity * kind.BYTES_PER_ELEMENT));
}

/** A typed array of zeros in memory that threads share. */
export function sharedInts(length: number): Int32Array<SharedArrayBuffer> {
  return new Int32Array(new SharedArrayBuffer(length * 4));
}

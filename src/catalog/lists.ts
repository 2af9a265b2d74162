/**
 * Many short lists of integers in two typed arrays: list `i` is `values[starts[i], starts[i + 1])`.
 * A million prerequisite clauses this way are 12 MB; as arrays they would be 100.
 */
export interface Lists {
  readonly starts: Int32Array;
  readonly values: Int32Array;
}

/** Collects lists one after the other. */
export class ListsBuilder {
  #starts = new Int32Array(1024);
  #values = new Int32Array(1024);
  #count = 0;
  #length = 0;

  /** Number of lists so far. */
  get count(): number {
    return this.#count;
  }

  add(list: Iterable<number>): void {
    for (const value of list) {
      if (this.#length === this.#values.length) this.#values = grown(this.#values);
      this.#values[this.#length++] = value;
    }
    this.#count++;
    if (this.#count === this.#starts.length) this.#starts = grown(this.#starts);
    this.#starts[this.#count] = this.#length;
  }

  build(): Lists {
    return {
      starts: this.#starts.slice(0, this.#count + 1),
      values: this.#values.slice(0, this.#length),
    };
  }
}

function grown(array: Int32Array<ArrayBuffer>): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(array.length * 2);
  larger.set(array);
  return larger;
}

/** Turns pairs (key, value) into one list of values per key below `keys`, values in the order given. */
export function groupByKey(keys: number, pairKeys: ArrayLike<number>, pairValues: ArrayLike<number>): Lists {
  const starts = new Int32Array(keys + 1);
  for (let pair = 0; pair < pairKeys.length; pair++) starts[pairKeys[pair] + 1]++;
  for (let key = 0; key < keys; key++) starts[key + 1] += starts[key];
  const next = starts.slice();
  const values = new Int32Array(pairKeys.length);
  for (let pair = 0; pair < pairKeys.length; pair++) values[next[pairKeys[pair]]++] = pairValues[pair];
  return { starts, values };
}

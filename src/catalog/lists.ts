import { GrowingArray, sharedInts } from './growing-array.ts';

/**
 * Many short lists of integers in two typed arrays: list `i` is `values[starts[i], starts[i + 1])`.
 * A million prerequisite clauses this way are 12 MB; as arrays they would be 100.
 */
export interface Lists {
  readonly starts: Int32Array;
  readonly values: Int32Array;
}

/** Collects lists one after the other. What was built before stays valid. */
export class ListsBuilder {
  readonly #starts = new GrowingArray(Int32Array);
  readonly #values = new GrowingArray(Int32Array);

  constructor() {
    this.#starts.push(0);
  }

  /** Number of lists so far. */
  get count(): number {
    return this.#starts.length - 1;
  }

  /** Adds a value to the list that {@link end} will end. */
  push(value: number): void {
    this.#values.push(value);
  }

  end(): void {
    this.#starts.push(this.#values.length);
  }

  add(list: Iterable<number>): void {
    for (const value of list) this.push(value);
    this.end();
  }

  build(): Lists {
    return { starts: this.#starts.view(), values: this.#values.view() };
  }
}

/** Turns pairs (key, value) into one list of values per key below `keys`, values in the order given. */
export function groupByKey(keys: number, pairKeys: ArrayLike<number>, pairValues: ArrayLike<number>): Lists {
  return groupPairs(keys, (pair) => {
    for (let at = 0; at < pairKeys.length; at++) pair(pairKeys[at], pairValues[at]);
  });
}

/**
 * The same for pairs that are told one by one.
 *
 * @param tell called twice, once to count them; must tell the same pairs in the same order
 * @param shared whether threads shall share the lists; else they can be handed over from one to another
 */
export function groupPairs(
  keys: number,
  tell: (pair: (key: number, value: number) => void) => void,
  shared = false,
): Lists {
  const array = shared ? sharedInts : (length: number) => new Int32Array(length);
  const starts = array(keys + 1);
  tell((key) => starts[key + 1]++);
  for (let key = 0; key < keys; key++) starts[key + 1] += starts[key];
  const next = starts.slice();
  const values = array(starts[keys]);
  tell((key, value) => {
    values[next[key]++] = value;
  });
  return { starts, values };
}

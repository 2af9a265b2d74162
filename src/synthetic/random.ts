/**
 * Reproducible random numbers: xoshiro128**, seeded by splitmix32 from a seed and the keys of what is to be
 * made. Each document has a stream of its own, so none depends on how many numbers another one drew.
 */
export class Random {
  #a: number;
  #b: number;
  #c: number;
  #d: number;

  constructor(seed: number, ...keys: readonly number[]) {
    let state = mix32(seed);
    for (const key of keys) state = mix32(state ^ Math.imul(key + 1, 0x9e37_79b9));
    const next = (): number => {
      state = (state + 0x9e37_79b9) | 0;
      return mix32(state);
    };
    this.#a = next();
    this.#b = next();
    this.#c = next();
    // All four zero would stay so for ever.
    this.#d = next() | 1;
  }

  /** A whole number of 32 bits. */
  next(): number {
    const b5 = Math.imul(this.#b, 5);
    const result = Math.imul((b5 << 7) | (b5 >>> 25), 9) >>> 0;
    const shifted = this.#b << 9;
    this.#c ^= this.#a;
    this.#d ^= this.#b;
    this.#b ^= this.#c;
    this.#a ^= this.#d;
    this.#c ^= shifted;
    this.#d = (this.#d << 11) | (this.#d >>> 21);
    return result;
  }

  /** From 0 (inclusive) to 1 (exclusive). */
  real(): number {
    return this.next() / 0x1_0000_0000;
  }

  /** A whole number from 0 to `count - 1`. */
  below(count: number): number {
    return Math.floor(this.real() * count);
  }

  /** A whole number from `from` to `to`, both inclusive. */
  between(from: number, to: number): number {
    return from + this.below(to - from + 1);
  }

  chance(probability: number): boolean {
    return this.real() < probability;
  }

  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)];
  }

  /** An index into weights, as often as its weight says. */
  weighted(weights: readonly number[]): number {
    let at = this.real() * weights.reduce((sum, weight) => sum + weight, 0);
    for (const [index, weight] of weights.entries()) {
      at -= weight;
      if (at < 0) return index;
    }
    return weights.length - 1;
  }

  /** How many failures come before a success, with the given mean. */
  geometric(mean: number): number {
    return mean <= 0 ? 0 : Math.floor(Math.log(1 - this.real()) / Math.log(mean / (mean + 1)));
  }

  lognormal(median: number, sigma: number): number {
    const radius = Math.sqrt(-2 * Math.log(1 - this.real()));
    return median * Math.exp(sigma * radius * Math.cos(2 * Math.PI * this.real()));
  }
}

/** Mixes 32 bits so that every one depends on all of them; different numbers stay different. */
export function mix32(value: number): number {
  let mixed = value | 0;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x21f0_aaad);
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a_2d97);
  return (mixed ^ (mixed >>> 15)) >>> 0;
}

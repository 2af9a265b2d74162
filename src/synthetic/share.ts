/** Says yes for a given share of the times it is asked, as evenly as possible. */
export class Share {
  readonly #share: number;
  #owed = 0.5;

  constructor(share: number) {
    this.#share = share;
  }

  next(): boolean {
    this.#owed += this.#share;
    if (this.#owed < 1) return false;
    this.#owed--;
    return true;
  }
}

/** Divides a whole number by weights: the parts are whole, and their sum is the number. */
export function divide(total: number, weights: readonly number[]): number[] {
  const sum = weights.reduce((all, weight) => all + weight, 0);
  let weight = 0;
  let given = 0;
  return weights.map((one) => {
    weight += one;
    const upTo = sum === 0 ? 0 : Math.round((total * weight) / sum);
    const part = upTo - given;
    given = upTo;
    return part;
  });
}

/** What an answer depends on besides the request: compared by identity. */
export type Basis = readonly (object | string | number | boolean)[];

interface Known<Answer> {
  readonly basis: Basis;
  readonly answer: Answer;
}

/** Computers with the same list may have been told different things before. */
const ANSWERS_EACH = 4;

/**
 * Answers to requests that come again: kept as long as the endpoint recognises the request, and valid as long as
 * nothing else they were made from has changed.
 */
export class AnswerMemory<Answer> {
  readonly #answers = new WeakMap<object, readonly Known<Answer>[]>();

  /**
   * The answer made before from the same request and basis, else one made now.
   *
   * @param likeness what the endpoint says is equal for equal requests
   */
  get(likeness: object, basis: Basis, make: () => Answer): Answer {
    const known = this.#answers.get(likeness) ?? [];
    const found = known.find((one) => isSame(one.basis, basis));
    if (found !== undefined) return found.answer;
    const answer = make();
    this.#answers.set(likeness, [{ basis, answer }, ...known.slice(0, ANSWERS_EACH - 1)]);
    return answer;
  }
}

function isSame(one: Basis, other: Basis): boolean {
  for (let index = 0; index < other.length; index++) if (one[index] !== other[index]) return false;
  return one.length === other.length;
}

/**
 * What a rule says: true, false, or that it could not be asked. An error is kept apart, so that
 * `Not` does not turn it into a yes.
 */
export type Trilean = 'true' | 'false' | 'error';

export function trilean(value: boolean): Trilean {
  return value ? 'true' : 'false';
}

/** The opposite; an error stays one. */
export function not(value: Trilean): Trilean {
  return value === 'true' ? 'false' : value === 'false' ? 'true' : 'error';
}

/** False if anything is false, else an error if anything is one. Asks no further than the first false. */
export function allOf<T>(items: Iterable<T>, ask: (item: T) => Trilean): Trilean {
  let result: Trilean = 'true';
  for (const item of items) {
    const one = ask(item);
    if (one === 'false') return 'false';
    if (one === 'error') result = 'error';
  }
  return result;
}

/** True if anything is true, else an error if anything is one. Asks no further than the first true. */
export function anyOf<T>(items: Iterable<T>, ask: (item: T) => Trilean): Trilean {
  let result: Trilean = 'false';
  for (const item of items) {
    const one = ask(item);
    if (one === 'true') return 'true';
    if (one === 'error') result = 'error';
  }
  return result;
}

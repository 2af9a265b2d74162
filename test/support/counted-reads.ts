/** The same data, and how often an element of it was read so far; what visits everything counts as much. */
export interface CountedReads<T extends object> {
  readonly data: T;
  readonly reads: () => number;
}

/** Counts reads of the typed arrays and maps in an object, so that a test can say what an algorithm costs. */
export function countedReads<T extends object>(data: T): CountedReads<T> {
  let reads = 0;
  const count = (more: number): void => {
    reads += more;
  };
  return { data: watched(data, count), reads: () => reads };
}

function watched<T extends object>(data: T, count: (more: number) => void): T {
  const entries = Object.entries(data).map(([key, value]) => [key, watchedValue(value, count)]);
  return Object.fromEntries(entries) as T;
}

function watchedValue(value: unknown, count: (more: number) => void): unknown {
  if (value instanceof Map) return watchedCollection(value, value.size, count);
  if (ArrayBuffer.isView(value) || Array.isArray(value)) {
    return watchedCollection(value, (value as unknown as ArrayLike<unknown>).length, count);
  }
  return typeof value === 'object' && value !== null ? watched(value, count) : value;
}

/** Methods that take one element; all others are supposed to visit everything. */
const SINGLE = new Set<unknown>(['get', 'has', 'at']);

function watchedCollection(collection: object, size: number, count: (more: number) => void): object {
  return new Proxy(collection, {
    get(target, key) {
      const value: unknown = Reflect.get(target, key, target);
      if (typeof value === 'function') {
        count(SINGLE.has(key) ? 1 : size);
        return value.bind(target) as unknown;
      }
      if (typeof key === 'string' && /^\d+$/.test(key)) count(1);
      return value;
    },
  });
}

/** Something that is found by its bytes. */
export interface Keyed {
  readonly bytes: Uint8Array;
}

interface Branch<T> {
  /** Where the byte strings below begin to differ. */
  readonly offset: number;
  readonly children: Map<number, Branch<T> | T>;
}

/** Deeper than this only somebody gets who makes up byte strings to that end. */
const DEEPEST = 64;

/**
 * Byte strings of one length, told apart by the few bytes in which they differ: to find one out of thousands
 * takes a look at some of its bytes and one comparison. A checksum would have to look at all of them first.
 */
export class ByteTree<T extends Keyed> {
  #root: Branch<T> | T | undefined;

  get isEmpty(): boolean {
    return this.#root === undefined;
  }

  /**
   * The only one that can have the bytes from an offset on; whether it has, the caller has to compare.
   */
  candidate(bytes: Uint8Array, from: number): T | undefined {
    let node = this.#root;
    while (isBranch(node)) node = node.children.get(bytes[from + node.offset]);
    return node;
  }

  /** Adds one; returns the one that it takes the place of, because it is equal or there is no room for both. */
  add(added: T): T | undefined {
    const path = this.#pathTo(added);
    const last = path.at(-1);
    const found = isBranch(last) ? undefined : last;
    const parent = found === undefined ? last : path.at(-2);
    const offset = found === undefined ? -1 : firstDifference(found.bytes, added.bytes);
    if (found === undefined || offset < 0 || path.length > DEEPEST) {
      this.#put(parent, added, added);
      return found;
    }
    const children = new Map<number, T>([
      [found.bytes[offset], found],
      [added.bytes[offset], added],
    ]);
    this.#put(parent, added, { offset, children });
    return undefined;
  }

  remove(removed: T): void {
    const path = this.#pathTo(removed);
    if (path.pop() !== removed) return;
    for (let node = path.pop(); isBranch(node); node = path.pop()) {
      node.children.delete(removed.bytes[node.offset]);
      if (node.children.size > 0) return;
    }
    this.#root = undefined;
  }

  /** The branches on the way to where these bytes belong, and the one that is there, if one is. */
  #pathTo({ bytes }: T): (Branch<T> | T)[] {
    const path: (Branch<T> | T)[] = [];
    for (let node = this.#root; node !== undefined;) {
      path.push(node);
      node = isBranch(node) ? node.children.get(bytes[node.offset]) : undefined;
    }
    return path;
  }

  #put(parent: Branch<T> | T | undefined, one: T, node: Branch<T> | T): void {
    if (isBranch(parent)) parent.children.set(one.bytes[parent.offset], node);
    else this.#root = node;
  }
}

function isBranch<T extends Keyed>(node: Branch<T> | T | undefined): node is Branch<T> {
  return node !== undefined && 'children' in node;
}

function firstDifference(one: Uint8Array, other: Uint8Array): number {
  for (let at = 0; at < one.length; at++) if (one[at] !== other[at]) return at;
  return -1;
}

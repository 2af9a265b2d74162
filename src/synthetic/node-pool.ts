import type { Random } from './random.ts';
import type { TaxonomyNode } from './taxonomy-node.ts';

interface Shelf {
  readonly nodes: TaxonomyNode[];
  /** So many have been handed out at least once. */
  used: number;
}

/**
 * The nodes that others may have as prerequisites, by depth and by whether a Windows 11 computer has them.
 * Each is handed out once before any is handed out again, so that what shall not be a leaf is none.
 */
export class NodePool {
  readonly #shelves = new Map<string, Shelf>();

  add(node: TaxonomyNode): void {
    const key = shelfKey(node.depth, node.holds);
    const shelf = this.#shelves.get(key);
    if (shelf === undefined) this.#shelves.set(key, { nodes: [node], used: 0 });
    else shelf.nodes.push(node);
  }

  /** One of this depth, or of the next lower one that has any. */
  pick(random: Random, depth: number, holds: boolean): TaxonomyNode | undefined {
    for (let level = depth; level >= 0; level--) {
      const shelf = this.#shelves.get(shelfKey(level, holds));
      if (shelf === undefined) continue;
      return shelf.used < shelf.nodes.length ? shelf.nodes[shelf.used++] : random.pick(shelf.nodes);
    }
    return undefined;
  }
}

function shelfKey(depth: number, holds: boolean): string {
  return `${depth} ${holds}`;
}

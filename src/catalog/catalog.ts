import type { Guid } from '../soap/simple-type.ts';
import type { UpdateId } from '../metadata/update-identity.ts';
import { audienceKey, buildAudience, type Audience } from './audience.ts';
import { buildCategoryMembers, categoryScope } from './category-scan.ts';
import type { Lists } from './lists.ts';
import { MarkSet } from './mark-set.ts';
import { buildPrerequisiteIndex, type PrerequisiteIndex } from './prerequisite-index.ts';
import type { CatalogSnapshot } from './snapshot.ts';

const CATEGORY_SCOPES_KEPT = 64;
const AUDIENCES_KEPT = 1024;

/**
 * One generation of the catalogue: a snapshot, and what is derived from it once and shared by every
 * request until the next generation replaces it.
 */
export class Catalog {
  readonly snapshot: CatalogSnapshot;
  readonly prerequisites: PrerequisiteIndex;
  /** Scratch sets for one synchronous computation at a time: by update number, and by ordinal. */
  readonly scratch: {
    readonly installedUpdates: MarkSet;
    readonly seen: MarkSet;
    readonly cached: MarkSet;
    readonly needed: MarkSet;
  };
  readonly #categoryMembers: Lists;
  readonly #audiences = new Map<string, Audience>();
  readonly #categoryScopes = new Map<string, Uint8Array>();

  constructor(snapshot: CatalogSnapshot) {
    this.snapshot = snapshot;
    this.prerequisites = buildPrerequisiteIndex(snapshot);
    this.#categoryMembers = buildCategoryMembers(snapshot);
    this.scratch = {
      installedUpdates: new MarkSet(snapshot.latest.length),
      seen: new MarkSet(snapshot.updates.length),
      cached: new MarkSet(snapshot.updates.length),
      needed: new MarkSet(snapshot.updates.length),
    };
  }

  /** The audience of a computer that belongs directly to these groups. */
  audience(groupIds: readonly Guid[]): Audience {
    return remembered(this.#audiences, audienceKey(groupIds), AUDIENCES_KEPT, () =>
      buildAudience(this.snapshot, groupIds),
    );
  }

  /** What a scan limited to these categories is about: one byte per ordinal. Unknown ones count for nothing. */
  categoryScope(filter: readonly UpdateId[]): Uint8Array {
    const categories = new Set<number>();
    for (const id of filter) {
      const update = this.snapshot.updateNumbers.get(id);
      if (update !== undefined) categories.add(update);
    }
    const numbers = [...categories].sort((one, other) => one - other);
    return remembered(this.#categoryScopes, numbers.join(' '), CATEGORY_SCOPES_KEPT, () =>
      categoryScope(this.snapshot, this.#categoryMembers, numbers),
    );
  }
}

/** A bounded memory: what was not asked for the longest time makes room for what is new. */
function remembered<T>(memory: Map<string, T>, key: string, most: number, make: () => T): T {
  const value = memory.get(key) ?? make();
  memory.delete(key);
  if (memory.size >= most) {
    const [oldest] = memory.keys();
    memory.delete(oldest);
  }
  memory.set(key, value);
  return value;
}

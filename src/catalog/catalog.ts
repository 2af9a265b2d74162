import type { Guid } from '../soap/simple-type.ts';
import type { UpdateId } from '../metadata/update-identity.ts';
import { audienceKey, buildAudience, type Audience } from './audience.ts';
import { categoryScope } from './category-scan.ts';
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
  readonly #audiences = new Map<string, Audience>();
  readonly #categoryScopes = new Map<string, Uint8Array>();

  constructor(snapshot: CatalogSnapshot) {
    this.snapshot = snapshot;
    this.prerequisites = buildPrerequisiteIndex(snapshot);
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

  /** What a scan limited to these categories is about: one byte per ordinal. */
  categoryScope(filter: readonly UpdateId[]): Uint8Array {
    const key = [...new Set(filter)].sort().join(' ');
    return remembered(this.#categoryScopes, key, CATEGORY_SCOPES_KEPT, () =>
      categoryScope(this.snapshot, filter),
    );
  }
}

/** A bounded memory: the oldest entry makes room for the newest. */
function remembered<T>(memory: Map<string, T>, key: string, most: number, make: () => T): T {
  const known = memory.get(key);
  if (known !== undefined) return known;
  const made = make();
  if (memory.size >= most)
    for (const oldest of memory.keys()) {
      memory.delete(oldest);
      break;
    }
  memory.set(key, made);
  return made;
}

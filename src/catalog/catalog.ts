import type { Guid } from '../soap/simple-type.ts';
import type { UpdateId } from '../metadata/update-identity.ts';
import { audienceKey, buildAudience, type Audience } from './audience.ts';
import { categoryScope } from './category-scan.ts';
import { MarkSet } from './mark-set.ts';
import { NeededSets, type NeededSet } from './needed-sets.ts';
import { eachSatisfied } from './prerequisite-index.ts';
import { ordinalOf, updateNumberOf, type CatalogSnapshot } from './snapshot.ts';

const CATEGORY_SCOPES_KEPT = 64;
const AUDIENCES_KEPT = 1024;

/**
 * One generation of the catalogue: a snapshot, and what was worked out from it and is shared by every
 * request until the next generation replaces it. Making one costs nothing worth mentioning.
 */
export class Catalog {
  readonly snapshot: CatalogSnapshot;
  /** What a client holds, by ordinal: for one synchronous computation at a time. */
  readonly held: MarkSet;
  readonly #installedUpdates: MarkSet;
  readonly #seen: MarkSet;
  readonly #neededSets: NeededSets;
  readonly #audiences = new Map<string, Audience>();
  readonly #categoryScopes: Map<string, Uint8Array>;

  /**
   * @param before the generation that this one replaces: what was worked out from revisions and scope
   *   goes on when only decisions changed, or every decision would cost every image of a fleet a fresh start
   */
  constructor(snapshot: CatalogSnapshot, before?: Catalog) {
    this.snapshot = snapshot;
    if (before !== undefined && before.snapshot.prerequisites === snapshot.prerequisites) {
      this.held = before.held;
      this.#installedUpdates = before.#installedUpdates;
      this.#seen = before.#seen;
      this.#neededSets = before.#neededSets;
      this.#categoryScopes = before.#categoryScopes;
      return;
    }
    this.held = new MarkSet(snapshot.updates.length);
    this.#installedUpdates = new MarkSet(snapshot.latest.length);
    this.#seen = new MarkSet(snapshot.updates.length);
    this.#neededSets = new NeededSets();
    this.#categoryScopes = new Map<string, Uint8Array>();
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
      const update = updateNumberOf(this.snapshot, id);
      if (update !== undefined) categories.add(update);
    }
    const numbers = [...categories].sort((one, other) => one - other);
    return remembered(this.#categoryScopes, numbers.join(' '), CATEGORY_SCOPES_KEPT, () =>
      categoryScope(this.snapshot, numbers),
    );
  }

  /**
   * The revisions in scope whose prerequisites hold for the installed revision ids.
   *
   * @param filter categories the scan is limited to; empty for a whole scan
   */
  needed(installedIds: Int32Array, filter: readonly UpdateId[]): NeededSet {
    const scope = filter.length > 0 ? this.categoryScope(filter) : undefined;
    return this.#neededSets.get(this.snapshot, installedIds, scope, (visit) => {
      this.#installedUpdates.clear();
      this.#seen.clear();
      const members = this.#updatesOf(installedIds);
      eachSatisfied(this.snapshot, { members, set: this.#installedUpdates }, this.#seen, visit);
    });
  }

  // A prerequisite names an update, so any revision of it will do: were it only the highest, each new
  // revision of a product would push all its updates out of every client's scope for one round.
  #updatesOf(revisionIds: Int32Array): number[] {
    const members: number[] = [];
    for (const id of revisionIds) {
      const ordinal = ordinalOf(this.snapshot, id);
      if (ordinal < 0) continue;
      const update = this.snapshot.updates[ordinal];
      if (this.#installedUpdates.add(update)) members.push(update);
    }
    return members;
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

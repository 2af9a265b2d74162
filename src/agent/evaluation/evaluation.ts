import type { UpdateId, UpdateIdentity } from '../../metadata/update-identity.ts';
import type { BundledUpdate } from '../../metadata/relations.ts';
import type { Machine } from '../machine/machine.ts';
import type { CoreUpdate } from '../rules/core-update.ts';
import { identityKey, isBundle, type CachedUpdate } from './cached-update.ts';
import { solveStates } from './solve-states.ts';
import { stateByRules, type UpdateState } from './update-state.ts';

/**
 * The states of all updates in an agent's cache on one machine.
 *
 * Rules are asked once per update and only when its prerequisites hold; what they said is kept when the cache
 * changes, so that the rounds of a scan cost what is new in them. Another machine is another evaluation:
 * {@link Evaluation.on}.
 *
 * @example
 * const evaluation = new Evaluation(profile('windows-11-25h2').machine, updates);
 * evaluation.state(update); // 'Needed'
 */
export class Evaluation {
  readonly machine: Machine;
  readonly #updates = new Map<string, CachedUpdate>();
  /** Relations name an update and mean its highest revision. */
  readonly #highest = new Map<UpdateId, CachedUpdate>();
  readonly #byRules = new WeakMap<CoreUpdate, UpdateState>();
  #states: ReadonlyMap<CachedUpdate, UpdateState> | undefined;
  #superseders: ReadonlyMap<UpdateId, readonly CachedUpdate[]> | undefined;

  constructor(machine: Machine, updates: Iterable<CachedUpdate> = []) {
    this.machine = machine;
    this.add(updates);
  }

  get size(): number {
    return this.#updates.size;
  }

  /** All updates, in the order they came. */
  updates(): IterableIterator<CachedUpdate> {
    return this.#updates.values();
  }

  /** Adds updates; one that is there already takes the new deployment. */
  add(updates: Iterable<CachedUpdate>): void {
    for (const update of updates) {
      this.#updates.set(identityKey(update.core), update);
      this.#noteRevision(update);
    }
    this.#forget();
  }

  remove(identities: Iterable<UpdateIdentity>): void {
    for (const identity of identities) this.#updates.delete(identityKey(identity));
    this.#highest.clear();
    for (const update of this.#updates.values()) this.#noteRevision(update);
    this.#forget();
  }

  /** The same cache on another machine, for example this one after an installation. */
  on(machine: Machine): Evaluation {
    return new Evaluation(machine, this.#updates.values());
  }

  /** The highest revision of an update, or exactly the one of a bundle clause. */
  find(updateId: UpdateId, revisionNumber?: number): CachedUpdate | undefined {
    return revisionNumber === undefined
      ? this.#highest.get(updateId)
      : this.#updates.get(identityKey({ updateId, revisionNumber }));
  }

  /** The member of a bundle that a clause names; undefined while the server has not sent it. */
  member({ updateId, revisionNumber }: BundledUpdate): CachedUpdate | undefined {
    return this.find(updateId, revisionNumber);
  }

  /** NotApplicable for an update that is not in the cache. */
  state(update: CachedUpdate): UpdateState {
    this.#states ??= solveStates({
      updates: [...this.#updates.values()],
      highest: (updateId) => this.#highest.get(updateId),
      member: (member) => this.member(member),
      byRules: (one) => this.#stateByRules(one.core),
    });
    return this.#states.get(update) ?? 'NotApplicable';
  }

  /** Whether each clause has an alternative that is installed. */
  prerequisitesHold({ core }: CachedUpdate): boolean {
    return core.relations.prerequisites.every(({ updateIds }) =>
      updateIds.some((id) => this.isInstalled(id)),
    );
  }

  isInstalled(updateId: UpdateId): boolean {
    const update = this.#highest.get(updateId);
    return update !== undefined && this.state(update) === 'Installed';
  }

  /** Updates in the cache that say they supersede this one. */
  superseders(updateId: UpdateId): readonly CachedUpdate[] {
    this.#superseders ??= this.#indexSuperseders();
    return this.#superseders.get(updateId) ?? [];
  }

  /**
   * What a bundle comes down to: the members, of members too, that have a state. The needed ones are what is
   * downloaded and installed, the installed ones what a removal removes. An update that is no bundle comes down
   * to itself.
   */
  payload(update: CachedUpdate, state: 'Needed' | 'Installed' = 'Needed'): CachedUpdate[] {
    const found = new Set<CachedUpdate>();
    const seen = new Set<CachedUpdate>();
    const waiting = [update];
    for (let one = waiting.pop(); one !== undefined; one = waiting.pop()) {
      if (seen.has(one)) continue;
      seen.add(one);
      if (!isBundle(one)) {
        if (this.state(one) === state) found.add(one);
        continue;
      }
      const members = one.core.relations.bundled.flatMap((clause) =>
        clause.flatMap((member) => this.member(member) ?? []),
      );
      waiting.push(...members.reverse());
    }
    return [...found];
  }

  #noteRevision(update: CachedUpdate): void {
    const { updateId, revisionNumber } = update.core;
    const highest = this.#highest.get(updateId);
    if (highest === undefined || highest.core.revisionNumber <= revisionNumber) {
      this.#highest.set(updateId, update);
    }
  }

  #stateByRules(core: CoreUpdate): UpdateState {
    let state = this.#byRules.get(core);
    if (state === undefined) {
      state = stateByRules(core, this.machine);
      this.#byRules.set(core, state);
    }
    return state;
  }

  #indexSuperseders(): ReadonlyMap<UpdateId, readonly CachedUpdate[]> {
    const index = new Map<UpdateId, CachedUpdate[]>();
    for (const update of this.#highest.values()) {
      for (const updateId of update.core.relations.superseded) {
        const known = index.get(updateId);
        if (known === undefined) index.set(updateId, [update]);
        else known.push(update);
      }
    }
    return index;
  }

  #forget(): void {
    this.#states = undefined;
    this.#superseders = undefined;
  }
}

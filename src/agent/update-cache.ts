import type { AgentState, HeldUpdate } from './agent-state.ts';
import type { CachedUpdate } from './evaluation/cached-update.ts';
import { Evaluation } from './evaluation/evaluation.ts';
import { failureOf } from './failure-of.ts';
import type { Machine } from './machine/machine.ts';
import { parseCoreFragment, type CoreUpdate } from './rules/core-update.ts';

/**
 * The updates an agent holds, as its evaluator sees them. Fragments are read once; a round of a scan costs
 * what is new in it.
 */
export class UpdateCache {
  readonly #cores = new Map<number, { readonly text: string; readonly core: CoreUpdate }>();
  #evaluation: Evaluation;
  #seen: ReadonlyMap<number, HeldUpdate> = new Map();

  constructor(machine: Machine) {
    this.#evaluation = new Evaluation(machine);
  }

  /**
   * What the machine makes of everything the agent holds now.
   *
   * @throws AgentFailure for a Core fragment that cannot be read; it is no longer held afterwards, so that one
   *   bad update does not end all scans to come
   */
  evaluation(state: AgentState): Evaluation {
    const gone = [...this.#seen.values()].filter(
      (update) => state.updates.get(update.id)?.core !== update.core,
    );
    this.#evaluation.remove(gone);
    for (const update of gone) this.#cores.delete(update.id);
    const fresh = [...state.updates.values()].filter((update) => this.#seen.get(update.id) !== update);
    this.#evaluation.add(
      fresh.map((update) => {
        try {
          return this.#cached(update);
        } catch (error) {
          state.updates.delete(update.id);
          throw failureOf(error, 'WU_E_XML_INVALID');
        }
      }),
    );
    this.#seen = new Map(state.updates);
    return this.#evaluation;
  }

  /** Another machine: the same updates mean something else on it. */
  moveTo(machine: Machine): void {
    this.#evaluation = this.#evaluation.on(machine);
  }

  /** Ids of the updates that are installed. */
  installed(state: AgentState): ReadonlySet<number> {
    const evaluation = this.evaluation(state);
    const ids = new Set<number>();
    for (const update of state.updates.values()) {
      const cached = evaluation.find(update.updateId, update.revisionNumber);
      if (cached !== undefined && evaluation.state(cached) === 'Installed') ids.add(update.id);
    }
    return ids;
  }

  #cached(update: HeldUpdate): CachedUpdate {
    let known = this.#cores.get(update.id);
    if (known?.text !== update.core) {
      known = { text: update.core, core: parseCoreFragment(update.core) };
      this.#cores.set(update.id, known);
    }
    return { core: known.core, isLeaf: update.isLeaf, action: update.deployment.action };
  }
}

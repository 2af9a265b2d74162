import type { UpdateId } from '../../metadata/update-identity.ts';
import type { BundledUpdate } from '../../metadata/relations.ts';
import { isBundle, type CachedUpdate } from './cached-update.ts';
import type { UpdateState } from './update-state.ts';

export interface Solvable {
  readonly updates: readonly CachedUpdate[];
  readonly highest: (updateId: UpdateId) => CachedUpdate | undefined;
  readonly member: (member: BundledUpdate) => CachedUpdate | undefined;
  /** What an update's own rules say. Asked once, when its prerequisites hold. */
  readonly byRules: (update: CachedUpdate) => UpdateState;
}

/** An update whose clause waits for another one to be installed. */
interface Waiter {
  readonly node: Node;
  readonly clause: number;
}

interface Node {
  readonly update: CachedUpdate;
  readonly isSatisfied: boolean[];
  unsatisfied: number;
  state: UpdateState;
}

const RANK: Readonly<Record<UpdateState, number>> = { NotApplicable: 0, Error: 0, Installed: 1, Needed: 2 };

/**
 * The states of updates that depend on each other. Works forward from those without prerequisites: whatever
 * becomes installed satisfies the clauses that wait for it. What waits in a circle is never reached and stays
 * not applicable; no chain is too long, and the order of updates and clauses does not matter.
 *
 * A bundle follows its members: needed when one of them is, else installed when one of them is. That is the rule
 * "every applicable member of every clause is installed", for a member applies if it is installed or needed.
 */
export function solveStates(problem: Solvable): ReadonlyMap<CachedUpdate, UpdateState> {
  const nodes = new Map<CachedUpdate, Node>();
  const waiters = new Map<CachedUpdate, Waiter[]>();
  const bundlesOf = new Map<CachedUpdate, Node[]>();
  const ready: Node[] = [];
  const dirtyBundles = new Set<Node>();

  for (const update of problem.updates) {
    const clauses = update.core.relations.prerequisites;
    const node: Node = {
      update,
      isSatisfied: clauses.map(() => false),
      unsatisfied: clauses.length,
      state: 'NotApplicable',
    };
    nodes.set(update, node);
    if (clauses.length === 0) ready.push(node);
    for (const [clause, { updateIds }] of clauses.entries()) {
      for (const updateId of updateIds) {
        const target = problem.highest(updateId);
        if (target !== undefined) append(waiters, target, { node, clause });
      }
    }
    for (const clause of update.core.relations.bundled) {
      for (const member of clause) {
        const target = problem.member(member);
        if (target !== undefined) append(bundlesOf, target, node);
      }
    }
  }

  const enter = (node: Node, state: UpdateState): void => {
    if (node.state === state) return;
    node.state = state;
    for (const bundle of bundlesOf.get(node.update) ?? []) {
      if (bundle.unsatisfied === 0) dirtyBundles.add(bundle);
    }
    if (state !== 'Installed') return;
    for (const { node: waiting, clause } of waiters.get(node.update) ?? []) {
      if (waiting.isSatisfied[clause]) continue;
      waiting.isSatisfied[clause] = true;
      if (--waiting.unsatisfied === 0) ready.push(waiting);
    }
  };

  // Bundles come when nothing else moves: one that others wait for must have seen all of its members first.
  for (;;) {
    const node = ready.pop();
    if (node !== undefined) {
      if (isBundle(node.update)) dirtyBundles.add(node);
      else enter(node, problem.byRules(node.update));
      continue;
    }
    const [bundle] = dirtyBundles;
    if (bundle === undefined) break;
    dirtyBundles.delete(bundle);
    enter(bundle, bundleState(bundle, problem, nodes));
  }
  return new Map(problem.updates.map((update) => [update, nodes.get(update)?.state ?? 'NotApplicable']));
}

function bundleState(
  { update }: Node,
  problem: Solvable,
  nodes: ReadonlyMap<CachedUpdate, Node>,
): UpdateState {
  let state: UpdateState = 'NotApplicable';
  for (const clause of update.core.relations.bundled) {
    for (const member of clause) {
      const target = problem.member(member);
      const other = target === undefined ? undefined : nodes.get(target)?.state;
      if (other !== undefined && RANK[other] > RANK[state]) state = other;
    }
  }
  return state;
}

function append<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [value]);
  else list.push(value);
}

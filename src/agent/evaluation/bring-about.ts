import type { Machine } from '../machine/machine.ts';
import { applyPatch, type MachineFact, type MachinePatch } from '../machine/machine-patch.ts';
import { evaluateRule, loopBase, loopTargets } from '../rules/evaluate-rule.ts';
import type { LoopTarget, RuleContext } from '../rules/rule-context.ts';
import { locateKey } from '../machine/registry.ts';
import { walkRule, type LoopRule, type Rule } from '../rules/rule.ts';
import { trilean } from '../rules/trilean.ts';

/** A rule that is to come out one way, in the loop it stands in. */
interface Goal {
  readonly rule: Rule;
  readonly wanted: boolean;
  readonly loopTarget: LoopTarget | undefined;
}

/** The goals still ahead, the next one first. A chain, so that alternatives share what follows them. */
interface Goals {
  readonly goal: Goal;
  readonly next: Goals | undefined;
}

interface Situation {
  readonly machine: Machine;
  readonly facts: MachinePatch;
}

// Steps of one search. Real rules take some tens; what takes more is no rule that an installation satisfies.
const MAX_STEPS = 2000;
// Nodes that are asked in all of one search at most: huge rules get fewer steps.
const MAX_NODES = 20_000_000;
// How often goals that spoil each other are gone through again.
const MAX_ROUNDS = 3;

/**
 * Facts that make a rule true, or false, on a machine: a search through its And, Or and Not for the facts that
 * its operators say would do it. The rule is asked again in the end; undefined when nothing was found.
 */
export function bringAbout(rule: Rule, wanted: boolean, context: RuleContext): MachinePatch | undefined {
  let size = 0;
  for (const _node of walkRule(rule)) size++;
  const maxSteps = Math.min(MAX_STEPS, Math.ceil(MAX_NODES / size));
  return new Search(context, maxSteps).run({ rule, wanted, loopTarget: context.loopTarget });
}

class Search {
  readonly #context: RuleContext;
  readonly #maxSteps: number;
  #steps = 0;

  constructor(context: RuleContext, maxSteps: number) {
    this.#context = context;
    this.#maxSteps = maxSteps;
  }

  run(goal: Goal): MachinePatch | undefined {
    const start: Situation = { machine: this.#context.machine, facts: [] };
    return this.#isReached(goal, start.machine) ? [] : this.#round(goal, start, 1);
  }

  #round(goal: Goal, from: Situation, round: number): MachinePatch | undefined {
    for (const found of this.#solve({ goal, next: undefined }, from)) {
      if (this.#isReached(goal, found.machine)) return found.facts;
      // A later goal has undone an earlier one: what is left to do may be little.
      if (round < MAX_ROUNDS && found.facts.length > from.facts.length) {
        const facts = this.#round(goal, found, round + 1);
        if (facts !== undefined) return facts;
      }
    }
    return undefined;
  }

  *#solve(goals: Goals | undefined, situation: Situation): Generator<Situation> {
    let ahead = goals;
    while (ahead !== undefined && this.#isReached(ahead.goal, situation.machine)) ahead = ahead.next;
    if (ahead === undefined) {
      yield situation;
      return;
    }
    if (++this.#steps > this.#maxSteps) return;
    const { goal, next } = ahead;
    if (goal.rule.kind === 'test') {
      for (const patch of goal.rule.test.bringAbout(goal.wanted, this.#contextFor(goal, situation.machine))) {
        yield* this.#solve(next, applied(situation, patch));
      }
      return;
    }
    for (const { goals: subgoals, facts = [] } of this.#ways(goal, situation.machine)) {
      const chain = subgoals.reduceRight<Goals | undefined>((rest, one) => ({ goal: one, next: rest }), next);
      yield* this.#solve(chain, facts.length === 0 ? situation : applied(situation, facts));
    }
  }

  /** The ways to a goal about a rule that holds others: each a list of goals that must all be reached. */
  #ways({ rule, wanted, loopTarget }: Goal, machine: Machine): Way[] {
    const goal = (one: Rule, want: boolean): Goal => ({ rule: one, wanted: want, loopTarget });
    switch (rule.kind) {
      case 'not':
        return [{ goals: [goal(rule.rules[0], !wanted)] }];
      case 'and':
      case 'or': {
        const goals = rule.rules.map((one) => goal(one, wanted));
        const needsAll = (rule.kind === 'and') === wanted;
        if (!needsAll) return goals.map((one) => ({ goals: [one] }));
        // What holds already is left out, or a rule about thousands of products would be as many goals.
        return [{ goals: goals.filter((one) => !this.#isReached(one, machine)) }];
      }
      case 'loop':
        return this.#waysThrough(rule, wanted, { ...this.#contextFor({ loopTarget }, machine) });
      case 'broken':
      case 'test':
        return [];
    }
  }

  #waysThrough(rule: LoopRule, wanted: boolean, context: RuleContext): Way[] {
    const base = loopBase(rule, context);
    const targets = loopTargets(rule, context);
    if (base === undefined || targets === undefined) return [];
    const [child] = rule.rules;
    const goal = (loopTarget: LoopTarget, want: boolean): Goal => ({ rule: child, wanted: want, loopTarget });
    if (rule.trueIf === 'All' ? wanted : wanted !== (rule.trueIf === 'Any')) {
      // Every subkey must agree; All needs one at least.
      const want = rule.trueIf === 'All';
      const goals = targets.map((target) => goal(target, want));
      if (targets.length > 0 || !want) return [{ goals }];
    }
    const want = rule.trueIf !== 'All' || wanted;
    const added = { ...base, path: `${base.path}\\Oakum` };
    const key = locateKey(context.machine.registry, added.path, added.is32Bit);
    return [
      ...targets.map((target) => ({ goals: [goal(target, want)] })),
      { goals: [goal(added, want)], facts: [{ fact: 'registry-key', key, present: true } as const] },
    ];
  }

  #isReached(goal: Goal, machine: Machine): boolean {
    return evaluateRule(goal.rule, this.#contextFor(goal, machine)) === trilean(goal.wanted);
  }

  #contextFor({ loopTarget }: Pick<Goal, 'loopTarget'>, machine: Machine): RuleContext {
    const { loopTarget: _outer, ...context } = this.#context;
    return { ...context, machine, ...(loopTarget && { loopTarget }) };
  }
}

interface Way {
  readonly goals: readonly Goal[];
  readonly facts?: readonly MachineFact[];
}

function applied({ machine, facts }: Situation, patch: MachinePatch): Situation {
  return { machine: applyPatch(machine, patch), facts: [...facts, ...patch] };
}

import { evaluateRule, loopTargets } from './evaluate-rule.ts';
import type { RuleContext } from './rule-context.ts';
import { childRules, ruleText, type Rule } from './rule.ts';
import { allOf, anyOf, not, type Trilean } from './trilean.ts';

/** Why a rule came out as it did: its nodes with their verdicts and with what was found. */
export interface Explanation {
  readonly verdict: Trilean;
  /** What the node asks, see {@link ruleText}. */
  readonly text: string;
  /** What was found on the machine, or what is wrong with the rule. */
  readonly found?: string;
  /** Inside a loop: the subkey that this is about. */
  readonly target?: string;
  readonly children: readonly Explanation[];
}

/**
 * Evaluates a rule as {@link evaluateRule} does, but asks everything in it and keeps the answers. For
 * people, and for one update at a time.
 */
export function explainRule(rule: Rule, context: RuleContext): Explanation {
  const children = explainChildren(rule, context);
  const verdict = verdictOf(rule, context, children);
  return { verdict, text: ruleText(rule), ...foundBy(rule, context), children };
}

/** What is known of the children is not asked again: a rule may be as deep as it is long. */
function verdictOf(rule: Rule, context: RuleContext, children: readonly Explanation[]): Trilean {
  const verdict = (child: Explanation): Trilean => child.verdict;
  switch (rule.kind) {
    case 'and':
      return allOf(children, verdict);
    case 'or':
      return anyOf(children, verdict);
    case 'not':
      return not(children[0].verdict);
    case 'loop':
    case 'test':
    case 'broken':
      return evaluateRule(rule, context);
  }
}

function foundBy(rule: Rule, context: RuleContext): { readonly found?: string } {
  switch (rule.kind) {
    case 'test':
      return { found: rule.test.show(context) };
    case 'broken':
      return { found: rule.problem };
    case 'loop': {
      const targets = loopTargets(rule, context);
      return {
        found: targets === undefined ? 'HKEY_LOOP_TARGET outside a loop' : `${targets.length} subkeys`,
      };
    }
    case 'and':
    case 'or':
    case 'not':
      return {};
  }
}

function explainChildren(rule: Rule, context: RuleContext): Explanation[] {
  if (rule.kind !== 'loop') return childRules(rule).map((child) => explainRule(child, context));
  return (loopTargets(rule, context) ?? []).map((loopTarget) => ({
    ...explainRule(rule.rules[0], { ...context, loopTarget }),
    target: loopTarget.path,
  }));
}

export interface ExplanationTextOptions {
  /** What every line begins with. */
  readonly indent?: string;
  /** Lines for one node's children at most; the rest is counted. 12 by default. */
  readonly maxChildren?: number;
}

/**
 * An explanation as lines of text. Of a node's children only those are printed that made it what it is: the
 * false ones of a false And, the true ones of a true Or, all of them where all count.
 */
export function explanationLines(explanation: Explanation, options: ExplanationTextOptions = {}): string[] {
  const { indent = '', maxChildren = 12 } = options;
  const { verdict, text, found, target, children } = explanation;
  const head = `${indent}${verdict.padEnd(5)} ${target === undefined ? '' : `[${target}] `}${text}`;
  const lines = [found === undefined ? head : `${head} -> ${found}`];
  const decisive = decisiveChildren(explanation);
  for (const child of decisive.slice(0, maxChildren)) {
    lines.push(...explanationLines(child, { indent: `${indent}  `, maxChildren }));
  }
  const more = decisive.length - maxChildren;
  if (more > 0) lines.push(`${indent}  ... and ${more} more, ${decisive[maxChildren].verdict}`);
  else if (decisive.length < children.length) {
    const others = children.length - decisive.length;
    lines.push(`${indent}  (${others === 1 ? '1 other does' : `${others} others do`} not matter)`);
  }
  return lines;
}

function decisiveChildren({ verdict, children }: Explanation): readonly Explanation[] {
  const alike = children.filter((child) => child.verdict === verdict);
  // Not, and loops over none, have no child of their own verdict.
  return alike.length > 0 ? alike : children;
}

import { keyAt, keyPath, locateKey, subkeyNames } from '../machine/registry.ts';
import type { LoopTarget, RuleContext } from './rule-context.ts';
import type { LoopRule, Rule } from './rule.ts';
import { allOf, anyOf, not, type Trilean } from './trilean.ts';

/**
 * Asks a machine what a rule asks, with the three-valued logic that keeps errors from becoming a yes:
 * And is false if anything in it is, Or true if anything is, and both are errors before they are the rest.
 */
export function evaluateRule(rule: Rule, context: RuleContext): Trilean {
  switch (rule.kind) {
    case 'test':
      return rule.test.evaluate(context);
    case 'and':
      return allOf(rule.rules, (one) => evaluateRule(one, context));
    case 'or':
      return anyOf(rule.rules, (one) => evaluateRule(one, context));
    case 'not':
      return not(evaluateRule(rule.rules[0], context));
    case 'loop':
      return evaluateLoop(rule, context);
    case 'broken':
      return 'error';
  }
}

/** Without a key or without subkeys, Any and All are false and None is true. */
function evaluateLoop(rule: LoopRule, context: RuleContext): Trilean {
  const targets = loopTargets(rule, context);
  if (targets === undefined) return 'error';
  const [child] = rule.rules;
  const ask = (loopTarget: LoopTarget): Trilean => evaluateRule(child, { ...context, loopTarget });
  switch (rule.trueIf) {
    case 'Any':
      return anyOf(targets, ask);
    case 'None':
      return not(anyOf(targets, ask));
    case 'All':
      return targets.length === 0 ? 'false' : allOf(targets, ask);
  }
}

/** What a loop goes through: the subkeys of its key; undefined for HKEY_LOOP_TARGET outside a loop. */
export function loopTargets(rule: LoopRule, context: RuleContext): LoopTarget[] | undefined {
  const base = loopBase(rule, context);
  if (base === undefined) return undefined;
  const { registry } = context.machine;
  const location = locateKey(registry, base.path, base.is32Bit);
  const key = keyAt(registry, location);
  if (key === undefined) return [];
  return subkeyNames(registry, location).map((name) => ({ ...base, path: `${base.path}\\${name}` }));
}

/** The key whose subkeys a loop goes through, there or not. */
export function loopBase(
  { root, subkey, is32Bit }: LoopRule,
  { loopTarget }: RuleContext,
): LoopTarget | undefined {
  if (root === 'HKEY_LOCAL_MACHINE') return { path: keyPath(subkey), is32Bit };
  return (
    loopTarget && {
      path: keyPath(`${loopTarget.path}\\${subkey}`),
      is32Bit: is32Bit || loopTarget.is32Bit,
    }
  );
}

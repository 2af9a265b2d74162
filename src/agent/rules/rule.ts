import type { loopLogic, registryRoot } from './attribute-type.ts';
import type { Test, Texts } from './operator.ts';

type Of<T> = T extends { parse: (text: string) => infer V } ? NonNullable<V> : never;

interface RuleElement {
  /** The element's name as Core fragments write it: `And`, `b.RegDword`, `m.MsiProductInstalled`. */
  readonly name: string;
  /** As written, in document order. */
  readonly attributes: Texts;
}

/** A question to the machine. */
export interface TestRule extends RuleElement {
  readonly kind: 'test';
  readonly test: Test;
  /** Child elements with text, by name. */
  readonly lists: Readonly<Record<string, readonly string[]>>;
}

export interface LogicRule extends RuleElement {
  readonly kind: 'and' | 'or' | 'not';
  /** At least one; exactly one for `not`. */
  readonly rules: readonly Rule[];
}

/** RegKeyLoop: one rule, asked for every subkey of a key. */
export interface LoopRule extends RuleElement {
  readonly kind: 'loop';
  readonly root: Of<typeof registryRoot>;
  readonly subkey: string;
  readonly is32Bit: boolean;
  readonly trueIf: Of<typeof loopLogic>;
  readonly rules: readonly [Rule];
}

/**
 * What cannot be evaluated: an operator that is not known, or one whose attributes are wrong. It is an
 * error whenever it is asked, and costs nothing as long as nobody asks.
 */
export interface BrokenRule extends RuleElement {
  readonly kind: 'broken';
  readonly problem: string;
  readonly isUnknown: boolean;
  readonly rules: readonly Rule[];
}

/** A node of a rule: frozen data, with the question of a {@link TestRule} ready to be asked. */
export type Rule = TestRule | LogicRule | LoopRule | BrokenRule;

/** The rules right below a node. */
export function childRules(rule: Rule): readonly Rule[] {
  return rule.kind === 'test' ? [] : rule.rules;
}

/** A rule and everything below it, each node before its children. */
export function* walkRule(rule: Rule): Generator<Rule> {
  yield rule;
  for (const child of childRules(rule)) yield* walkRule(child);
}

/** One line that says what a node asks: its name and attributes, and of long lists the beginning. */
export function ruleText(rule: Rule): string {
  const parts = [rule.name];
  for (const [name, value] of Object.entries(rule.attributes)) {
    // The only key that is ever written, but inside a loop.
    if (name !== 'Key' || value !== 'HKEY_LOCAL_MACHINE') parts.push(`${name}="${value}"`);
  }
  if (rule.kind === 'test') {
    for (const [name, texts] of Object.entries(rule.lists)) {
      const more = texts.length > 3 ? ` and ${texts.length - 3} more` : '';
      parts.push(`${name}=${texts.slice(0, 3).join(', ')}${more}`);
    }
  }
  return parts.join(' ');
}

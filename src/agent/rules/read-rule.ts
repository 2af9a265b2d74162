import { XMLNS_NAMESPACE } from '../../xml/namespace-scope.ts';
import type { XmlScanner } from '../../xml/scanner.ts';
import {
  flag,
  loopLogic,
  optional,
  registryRoot,
  registrySubkey,
  required,
  type AttributeValues,
} from './attribute-type.ts';
import { eachElement, fragmentName } from './each-element.ts';
import { attributeReader, type Operator, type Texts } from './operator.ts';
import { OPERATORS } from './operators/operators.ts';
import { childRules, type Rule } from './rule.ts';

const loopAttributes = {
  Key: required(registryRoot),
  Subkey: required(registrySubkey),
  RegType32: optional(flag, false),
  TrueIf: required(loopLogic),
} as const;

const readLoopArguments = attributeReader(loopAttributes);

const LOGIC: Readonly<Record<string, 'and' | 'or' | 'not'>> = { And: 'and', Or: 'or', Not: 'not' };

// Each loop multiplies what the ones in it cost; real rules have one.
const MAX_LOOPS = 2;

/**
 * Reads the one rule of an IsInstalled, IsSuperseded or IsInstallable element that the scanner stands on, up
 * to its end; undefined when it is empty.
 *
 * Nothing in a rule is refused: what cannot be evaluated becomes a node that says so when it is asked.
 */
export function readRuleSection(scanner: XmlScanner): Rule | undefined {
  const name = fragmentName(scanner);
  const rules = readRules(scanner);
  if (rules.length < 2) return rules[0];
  return broken({ name, attributes: {} }, `${name} holds ${rules.length} rules`, rules);
}

function readRules(scanner: XmlScanner): Rule[] {
  const rules: Rule[] = [];
  eachElement(scanner, () => rules.push(readRule(scanner)));
  return rules;
}

/** Reads the rule whose element the scanner stands on, up to its end. */
function readRule(scanner: XmlScanner): Rule {
  const element = { name: fragmentName(scanner), attributes: attributesOf(scanner) };
  const operator = OPERATORS.get(element.name);
  if (operator !== undefined) return readTest(scanner, element, operator);
  const rules = Object.freeze(readRules(scanner));
  if (Object.hasOwn(LOGIC, element.name)) {
    const kind = LOGIC[element.name];
    if (rules.length === 0) return broken(element, 'there is no rule in it');
    if (kind === 'not' && rules.length > 1)
      return broken(element, 'there is more than one rule in it', rules);
    return Object.freeze({ ...element, kind, rules });
  }
  return element.name === 'b.RegKeyLoop'
    ? readLoop(element, rules)
    : broken(element, 'the operator is not known', rules, true);
}

interface Element {
  readonly name: string;
  readonly attributes: Texts;
}

function readTest(scanner: XmlScanner, element: Element, operator: Operator): Rule {
  const lists = readLists(scanner, operator);
  const test = operator.bind(element.attributes, lists);
  if (typeof test === 'string') return broken(element, test);
  return Object.freeze({ ...element, kind: 'test', test, lists });
}

const NO_LISTS: Readonly<Record<string, readonly string[]>> = Object.freeze({});

function readLists(scanner: XmlScanner, operator: Operator): Readonly<Record<string, readonly string[]>> {
  if (scanner.selfClosing) {
    scanner.next();
    return NO_LISTS;
  }
  const lists: Record<string, string[]> = {};
  eachElement(scanner, (name) => {
    if (Object.hasOwn(operator.lists, name)) (lists[name] ??= []).push(scanner.readText().trim());
  });
  return Object.freeze(lists);
}

function readLoop(element: Element, rules: readonly Rule[]): Rule {
  const values: Record<string, unknown> = {};
  const problem = readLoopArguments(element.attributes, values);
  if (problem !== undefined) return broken(element, problem, rules);
  if (rules.length !== 1) return broken(element, `there are ${rules.length} rules in it, not one`, rules);
  if (loopDepth(rules[0]) >= MAX_LOOPS) return broken(element, 'loops are nested too deeply', rules);
  const { Key, Subkey, RegType32, TrueIf } = values as AttributeValues<typeof loopAttributes>;
  return Object.freeze({
    ...element,
    kind: 'loop',
    root: Key,
    subkey: Subkey,
    is32Bit: RegType32,
    trueIf: TrueIf,
    rules: [rules[0]] as const,
  });
}

function loopDepth(rule: Rule): number {
  const inner = childRules(rule).reduce((deepest, child) => Math.max(deepest, loopDepth(child)), 0);
  return rule.kind === 'loop' ? inner + 1 : inner;
}

function broken(element: Element, problem: string, rules: readonly Rule[] = [], isUnknown = false): Rule {
  return Object.freeze({ ...element, kind: 'broken', problem, isUnknown, rules });
}

function attributesOf(scanner: XmlScanner): Texts {
  const entries: [string, string][] = [];
  for (let index = 0; index < scanner.attributeCount; index++) {
    if (scanner.attributeUri(index) === XMLNS_NAMESPACE) continue;
    entries.push([scanner.attributeName(index).local, scanner.attributeValue(index)]);
  }
  return Object.freeze(Object.fromEntries(entries));
}

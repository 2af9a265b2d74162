import { evaluateRule } from '../rules/evaluate-rule.ts';
import type { CoreUpdate } from '../rules/core-update.ts';
import type { RuleContext } from '../rules/rule-context.ts';
import type { Machine } from '../machine/machine.ts';
import type { Rule } from '../rules/rule.ts';
import type { Trilean } from '../rules/trilean.ts';

/**
 * What an update is to a machine. Error is what a rule that could not be asked leads to; agents treat it as not
 * applicable.
 */
export type UpdateState = 'Installed' | 'Needed' | 'NotApplicable' | 'Error';

export function contextOf({ updateId, metadata }: CoreUpdate, machine: Machine): RuleContext {
  return { machine, updateId, metadata };
}

/** A section of rules; one that is missing or empty is false. */
export function evaluateSection(rule: Rule | undefined, context: RuleContext): Trilean {
  return rule === undefined ? 'false' : evaluateRule(rule, context);
}

/**
 * The state that an update's own rules give it, prerequisites aside. Categories and detectoids are installed
 * or not, whatever else they say.
 */
export function stateByRules(update: CoreUpdate, machine: Machine): UpdateState {
  const context = contextOf(update, machine);
  const installed = evaluateSection(update.isInstalled, context);
  if (installed === 'true') return 'Installed';
  if (update.updateType === 'Category' || update.updateType === 'Detectoid') {
    return installed === 'error' ? 'Error' : 'NotApplicable';
  }
  const installable = evaluateSection(update.isInstallable, context);
  const superseded = evaluateSection(update.isSuperseded, context);
  // Whatever the rest would say, it could not be needed.
  if (installable === 'false' || superseded === 'true')
    return installed === 'error' ? 'Error' : 'NotApplicable';
  return installed === 'error' || installable === 'error' || superseded === 'error' ? 'Error' : 'Needed';
}

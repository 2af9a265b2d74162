import type { BundledUpdate, PrerequisiteClause } from '../../metadata/relations.ts';
import type { UpdateId } from '../../metadata/update-identity.ts';
import { explainRule, type Explanation } from '../rules/explain-rule.ts';
import type { Rule } from '../rules/rule.ts';
import type { CachedUpdate } from './cached-update.ts';
import { isBundle } from './cached-update.ts';
import type { Evaluation } from './evaluation.ts';
import { isApprovedForInstall, isHiddenBy, planFor } from './install-plan.ts';
import { contextOf, type UpdateState } from './update-state.ts';

/** The one reason that an update is offered or not, the first that applies. */
export type Outcome =
  | 'offered'
  | 'offered-for-removal'
  | 'not-in-cache'
  | 'prerequisites'
  | 'rule-error'
  | 'evaluated-only'
  | 'member-of-bundle'
  | 'installed'
  | 'not-installed'
  | 'superseded-by-rule'
  | 'not-installable'
  | 'no-applicable-member'
  | 'blocked'
  | 'not-approved'
  | 'superseded';

/** One update that a clause names, and why it does or does not satisfy it. */
export interface AlternativeExplanation {
  readonly updateId: UpdateId;
  /** Undefined while the server has not sent it. */
  readonly revisionNumber: number | undefined;
  readonly state: UpdateState | undefined;
  /** Of an alternative that is not installed: why. Left out where it has been told already. */
  readonly because?: ApplicabilityExplanation;
}

export interface ClauseExplanation {
  readonly isCategory: boolean;
  readonly holds: boolean;
  readonly alternatives: readonly AlternativeExplanation[];
}

/** Why an update has its state: prerequisites first, then rules. */
export interface ApplicabilityExplanation {
  readonly clauses: readonly ClauseExplanation[];
  /** Not asked while prerequisites fail. */
  readonly isInstalled?: Explanation;
  readonly isSuperseded?: Explanation;
  readonly isInstallable?: Explanation;
}

export interface MemberExplanation {
  readonly updateId: UpdateId;
  readonly revisionNumber: number | undefined;
  readonly state: UpdateState | undefined;
}

export interface SupersederExplanation {
  readonly updateId: UpdateId;
  readonly revisionNumber: number;
  readonly state: UpdateState;
  readonly action: string;
  /** Whether it takes the place of the explained update. */
  readonly hides: boolean;
}

/** Why an update is offered to a machine or is not. */
export interface UpdateExplanation {
  readonly updateId: UpdateId;
  readonly outcome: Outcome;
  /** Absent when the update is not in the cache. */
  readonly revisionNumber?: number;
  readonly updateType?: string;
  readonly action?: string;
  readonly state?: UpdateState;
  readonly applicability?: ApplicabilityExplanation;
  /** The clauses of a bundle. */
  readonly members?: readonly (readonly MemberExplanation[])[];
  readonly superseders?: readonly SupersederExplanation[];
}

export interface ExplainOptions {
  /** How many prerequisites deep failures are followed; 8 by default. */
  readonly maxDepth?: number;
}

/**
 * Tells why an update is offered to the machine of an evaluation or is not, down to the rule that decides and
 * the value that was found. Follows prerequisites that fail to the ones that they wait for.
 */
export function explainUpdate(
  evaluation: Evaluation,
  updateId: UpdateId,
  options: ExplainOptions = {},
): UpdateExplanation {
  const update = evaluation.find(updateId);
  if (update === undefined) return { updateId, outcome: 'not-in-cache' };
  const { core, action } = update;
  const explain = new PrerequisiteExplainer(evaluation);
  const superseders = evaluation.superseders(updateId).map((one): SupersederExplanation => ({
    updateId: one.core.updateId,
    revisionNumber: one.core.revisionNumber,
    state: evaluation.state(one),
    action: one.action,
    hides: isHiddenBy(evaluation, update, one),
  }));
  const applicability = explain.applicability(update, options.maxDepth ?? 8);
  return {
    updateId,
    revisionNumber: core.revisionNumber,
    updateType: core.updateType,
    action,
    state: evaluation.state(update),
    outcome: outcomeOf(evaluation, update, applicability),
    applicability,
    ...(isBundle(update) && {
      members: core.relations.bundled.map((clause) =>
        clause.map((member) => explainMember(evaluation, member)),
      ),
    }),
    superseders,
  };
}

function outcomeOf(
  evaluation: Evaluation,
  update: CachedUpdate,
  { isSuperseded }: ApplicabilityExplanation,
): Outcome {
  const planned = planFor(evaluation, update);
  if (planned !== undefined) return planned.action === 'install' ? 'offered' : 'offered-for-removal';
  if (!evaluation.prerequisitesHold(update)) return 'prerequisites';
  const { core, action } = update;
  const state = evaluation.state(update);
  if (state === 'Error') return 'rule-error';
  if (core.updateType === 'Category' || core.updateType === 'Detectoid') return 'evaluated-only';
  if (action === 'Uninstall') return state === 'Installed' ? 'member-of-bundle' : 'not-installed';
  if (state === 'Installed') return 'installed';
  if (state === 'NotApplicable') {
    if (isBundle(update)) return 'no-applicable-member';
    return isSuperseded?.verdict === 'true' ? 'superseded-by-rule' : 'not-installable';
  }
  if (action === 'Block') return 'blocked';
  if (!core.explicitlyDeployable) return 'member-of-bundle';
  return isApprovedForInstall(update) ? 'superseded' : 'not-approved';
}

function explainMember(evaluation: Evaluation, member: BundledUpdate): MemberExplanation {
  const found = evaluation.member(member);
  return {
    updateId: member.updateId,
    revisionNumber: found?.core.revisionNumber ?? member.revisionNumber,
    state: found && evaluation.state(found),
  };
}

/** Follows failing prerequisites, telling each update once: real graphs meet again, hostile ones run in circles. */
class PrerequisiteExplainer {
  readonly #evaluation: Evaluation;
  readonly #told = new Set<CachedUpdate>();

  constructor(evaluation: Evaluation) {
    this.#evaluation = evaluation;
  }

  applicability(update: CachedUpdate, depth: number): ApplicabilityExplanation {
    this.#told.add(update);
    const { core } = update;
    const clauses = core.relations.prerequisites.map((clause) => this.#clause(clause, depth));
    if (!clauses.every(({ holds }) => holds)) return { clauses };
    const context = contextOf(core, this.#evaluation.machine);
    const explain = (rule: Rule | undefined): Explanation | undefined => rule && explainRule(rule, context);
    const isInstalled = explain(core.isInstalled);
    const isSuperseded = explain(core.isSuperseded);
    const isInstallable = explain(core.isInstallable);
    return {
      clauses,
      ...(isInstalled && { isInstalled }),
      ...(isSuperseded && { isSuperseded }),
      ...(isInstallable && { isInstallable }),
    };
  }

  #clause({ isCategory, updateIds }: PrerequisiteClause, depth: number): ClauseExplanation {
    const holds = updateIds.some((id) => this.#evaluation.isInstalled(id));
    return { isCategory, holds, alternatives: updateIds.map((id) => this.#alternative(id, holds, depth)) };
  }

  #alternative(updateId: UpdateId, clauseHolds: boolean, depth: number): AlternativeExplanation {
    const found = this.#evaluation.find(updateId);
    if (found === undefined) return { updateId, revisionNumber: undefined, state: undefined };
    const state = this.#evaluation.state(found);
    const isTold = clauseHolds || state === 'Installed' || depth <= 0 || this.#told.has(found);
    return {
      updateId,
      revisionNumber: found.core.revisionNumber,
      state,
      ...(!isTold && { because: this.applicability(found, depth - 1) }),
    };
  }
}

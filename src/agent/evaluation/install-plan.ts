import type { CachedUpdate } from './cached-update.ts';
import type { Evaluation } from './evaluation.ts';

/** What an agent would do with an update by itself. */
export interface PlannedUpdate {
  readonly update: CachedUpdate;
  readonly action: 'install' | 'uninstall';
  /** Install for what is installed by itself; false for OptionalInstall. */
  readonly isAutomatic: boolean;
}

const INSTALL_ACTIONS: ReadonlySet<string> = new Set(['Install', 'OptionalInstall']);

/** Whether the server approved the update for installation. */
export function isApprovedForInstall({ action }: CachedUpdate): boolean {
  return INSTALL_ACTIONS.has(action);
}

/**
 * Whether a superseding update makes this one unnecessary: it is installed, or approved and needed itself. One
 * that nobody approved hides nothing. Two that supersede each other hide neither.
 */
export function isHiddenBy(evaluation: Evaluation, update: CachedUpdate, superseder: CachedUpdate): boolean {
  if (update.core.relations.superseded.includes(superseder.core.updateId)) return false;
  const state = evaluation.state(superseder);
  return state === 'Installed' || (state === 'Needed' && isApprovedForInstall(superseder));
}

/**
 * What the agent offers and does: updates that may be deployed, that are approved and needed, or approved for
 * removal and installed, and that nothing better takes the place of. What is left out for something better is
 * still reported as needed.
 */
export function installPlan(evaluation: Evaluation): PlannedUpdate[] {
  const plan: PlannedUpdate[] = [];
  for (const update of evaluation.updates()) {
    const planned = planFor(evaluation, update);
    if (planned !== undefined) plan.push(planned);
  }
  return plan;
}

/** The part of the {@link installPlan} that is about one update. */
export function planFor(evaluation: Evaluation, update: CachedUpdate): PlannedUpdate | undefined {
  const { core, action } = update;
  if (!core.explicitlyDeployable) return undefined;
  const state = evaluation.state(update);
  if (action === 'Uninstall') {
    return state === 'Installed' ? { update, action: 'uninstall', isAutomatic: true } : undefined;
  }
  if (!isApprovedForInstall(update) || state !== 'Needed') return undefined;
  const superseders = evaluation.superseders(core.updateId);
  if (superseders.some((superseder) => isHiddenBy(evaluation, update, superseder))) return undefined;
  return { update, action: 'install', isAutomatic: action === 'Install' };
}

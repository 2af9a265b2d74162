import type { Approval } from './catalog-rows.ts';
import type { Audience } from './audience.ts';
import { Type, type CatalogSnapshot } from './snapshot.ts';

export type DeploymentAction =
  'OptionalInstall' | 'Install' | 'Uninstall' | 'PreDeploymentCheck' | 'Evaluate' | 'Bundle';

/** What a client is told to do with a revision ([MS-WUSP] 2.2.2.2.4). */
export interface Deployment {
  readonly id: number;
  readonly action: DeploymentAction;
  readonly deadlineMs: number | null;
  /** Installed automatically; otherwise only offered. */
  readonly isAssigned: boolean;
  readonly changedMs: number;
}

const ACTION: Readonly<Record<Approval['action'], DeploymentAction>> = {
  Install: 'Install',
  OptionalInstall: 'OptionalInstall',
  Uninstall: 'Uninstall',
  NotApproved: 'PreDeploymentCheck',
  // [MS-WUSP] 2.2.2.2.4: a blocked revision SHOULD be sent as PreDeploymentCheck.
  Block: 'PreDeploymentCheck',
};

/**
 * The deployment of a revision for an audience. Actions as real WSUS was seen to assign them: Evaluate
 * for categories and detectoids, Bundle for members, else what was approved or PreDeploymentCheck.
 */
export function deploymentOf(snapshot: CatalogSnapshot, audience: Audience, ordinal: number): Deployment {
  const update = snapshot.updates[ordinal];
  const approvable = isApprovable(snapshot, ordinal);
  const approval = approvable ? audience.approvals.get(update) : undefined;
  if (approval !== undefined) {
    const action = ACTION[approval.action];
    return {
      id: approval.deploymentId,
      action,
      deadlineMs: action === 'Install' || action === 'Uninstall' ? approval.deadlineMs : null,
      isAssigned: action !== 'OptionalInstall',
      changedMs: approval.approvedMs,
    };
  }
  return {
    id: snapshot.deploymentIds[update],
    action: unapprovedAction(snapshot.types[ordinal], approvable, snapshot.memberSince[update] !== 0),
    deadlineMs: null,
    isAssigned: true,
    changedMs: snapshot.deploymentMs[update],
  };
}

/**
 * Whether decisions about a revision count. About categories and detectoids there is nothing to decide,
 * whatever their documents say, and what is declined only goes out because something else needs it.
 */
export function isApprovable(snapshot: CatalogSnapshot, ordinal: number): boolean {
  const type = snapshot.types[ordinal];
  return (
    snapshot.explicitlyDeployable[ordinal] === 1 &&
    (type === Type.Software || type === Type.Driver) &&
    snapshot.declined[snapshot.updates[ordinal]] === 0
  );
}

function unapprovedAction(type: number, approvable: boolean, isMember: boolean): DeploymentAction {
  if (type === Type.Category || type === Type.Detectoid) return 'Evaluate';
  if (isMember) return 'Bundle';
  // Not approvable and in no bundle: it can be needed by nobody, so nobody shall report on it.
  return approvable ? 'PreDeploymentCheck' : 'Evaluate';
}

/** Change number since which clients of any audience see this revision's deployment and leaf status. */
export function deploymentChange(snapshot: CatalogSnapshot, ordinal: number): number {
  const update = snapshot.updates[ordinal];
  return Math.max(
    snapshot.deploymentChanges[update],
    snapshot.nonLeafSince[update],
    snapshot.memberSince[update],
  );
}

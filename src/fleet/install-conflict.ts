import type { ApprovalAction, GroupRow } from '../catalog/catalog-rows.ts';
import type { Guid } from '../soap/simple-type.ts';
import { groupLine } from './group-line.ts';

/** Groups of one computer that want opposite things. */
export interface InstallConflict {
  /** Groups of the computer for which it shall be installed: what happens. */
  readonly install: readonly Guid[];
  /** Those for which it shall be removed: what does not happen. */
  readonly uninstall: readonly Guid[];
}

/**
 * Whether an update is approved for installation through one group of a computer and for removal through
 * another. Documented nowhere for WSUS; installing wins here (see catalog/audience.ts), and whoever decided
 * so is told.
 *
 * @param decisions about one update, by the group they were made for
 */
export function installConflict(
  groupIds: readonly Guid[],
  groups: ReadonlyMap<Guid, GroupRow>,
  decisions: ReadonlyMap<Guid, ApprovalAction>,
): InstallConflict | undefined {
  const holding = (action: ApprovalAction): Guid[] =>
    groupIds.filter((id) => {
      const nearest = groupLine(groups, id).find((one) => decisions.has(one));
      return nearest !== undefined && decisions.get(nearest) === action;
    });
  const install = holding('Install');
  const uninstall = holding('Uninstall');
  return install.length > 0 && uninstall.length > 0 ? { install, uninstall } : undefined;
}

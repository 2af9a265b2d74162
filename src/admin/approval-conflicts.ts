import type { ApprovalAction } from '../catalog/catalog-rows.ts';
import { installConflict } from '../fleet/install-conflict.ts';
import type { Guid } from '../soap/simple-type.ts';
import { listApprovals } from '../store/approvals.ts';
import { computersInSeveralGroups, type OverlappingComputer } from '../store/group-overlaps.ts';
import { listGroups } from '../store/groups.ts';
import type { DbOrTx } from '../store/schema.ts';
import type { ListedUpdate } from '../store/update-list.ts';

/** A computer for which one group wants an update installed and another one wants it removed. It is installed. */
export interface ConflictWarning {
  readonly kind: 'install-and-uninstall';
  readonly updateId: string;
  readonly title: string;
  readonly clientId: string;
  readonly computer: string;
  /** Names of the computer's groups. */
  readonly install: readonly string[];
  readonly uninstall: readonly string[];
}

/** Where decisions about these updates contradict each other on one computer. */
export async function findConflicts(
  db: DbOrTx,
  updates: readonly Pick<ListedUpdate, 'number' | 'updateId' | 'title'>[],
): Promise<ConflictWarning[]> {
  const warnings: ConflictWarning[] = [];
  let computers: readonly OverlappingComputer[] | undefined;
  for (const update of updates) {
    const approvals = await listApprovals(db, update.number);
    const decisions = new Map<Guid, ApprovalAction>(approvals.map((one) => [one.groupId, one.action]));
    const actions = new Set(decisions.values());
    if (!actions.has('Install') || !actions.has('Uninstall')) continue;
    const groups = new Map((await listGroups(db)).map((group) => [group.id, group]));
    computers ??= await computersInSeveralGroups(db);
    const named = (ids: readonly Guid[]): string[] => ids.map((id) => groups.get(id)?.name ?? id);
    for (const computer of computers) {
      const conflict = installConflict(computer.groupIds, groups, decisions);
      if (conflict === undefined) continue;
      warnings.push({
        kind: 'install-and-uninstall',
        updateId: update.updateId,
        title: update.title,
        clientId: computer.clientId,
        computer: computer.name,
        install: named(conflict.install),
        uninstall: named(conflict.uninstall),
      });
    }
  }
  return warnings;
}

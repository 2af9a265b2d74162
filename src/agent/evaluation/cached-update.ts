import type { CoreUpdate } from '../rules/core-update.ts';

/** An update in an agent's cache: what it is, and what the server said of it. */
export interface CachedUpdate {
  readonly core: CoreUpdate;
  readonly isLeaf: boolean;
  /** Of its deployment: Install, OptionalInstall, Uninstall, PreDeploymentCheck, Evaluate, Bundle, Block. */
  readonly action: string;
}

/** How an update is named in the indexes of an evaluation. */
export function identityKey({
  updateId,
  revisionNumber,
}: {
  updateId: string;
  revisionNumber: number;
}): string {
  return `${updateId}/${revisionNumber}`;
}

/** A bundle has members instead of rules. */
export function isBundle({ core }: CachedUpdate): boolean {
  return core.relations.bundled.length > 0;
}

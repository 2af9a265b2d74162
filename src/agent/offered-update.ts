import type { UpdateId } from '../metadata/update-identity.ts';

/** An update the agent would install, remove or show. */
export interface OfferedUpdate {
  readonly updateId: UpdateId;
  readonly revisionNumber: number;
  readonly title: string;
  readonly action: 'install' | 'uninstall';
  readonly isAutomatic: boolean;
  readonly downloadBytes: number;
}

/** What an installation is made to end with, to see what a server makes of it. */
export interface Provocation {
  /** UpdateIDs, or `all`, whose installation fails with this code. */
  readonly fail?: { readonly updates: ReadonlySet<UpdateId> | 'all'; readonly hresult: number };
  /** UpdateIDs, or `all`, whose installation the user cancels. */
  readonly cancel?: ReadonlySet<UpdateId> | 'all';
  /** UpdateIDs, or `all`, whose installation needs a restart. */
  readonly reboot?: ReadonlySet<UpdateId> | 'all';
}

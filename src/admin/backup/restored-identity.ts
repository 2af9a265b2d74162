import type { StoreFacts } from '../../store/store-facts.ts';

/** Why a restored store keeps the identity that clients know, or gets another one. */
export type IdentityVerdict =
  | { readonly kept: true; readonly because: 'unchanged' | 'asked' }
  | { readonly kept: false; readonly because: 'nothing-to-compare' | 'other-server' | 'changed-since' };

/**
 * Decides whether clients may go on with what they remember. A client remembers revision ids, and its cookie how
 * far it was told of changes. Both were given by the store as it was last; a restored store goes back behind that
 * and will give the same numbers again, to other revisions and other changes. Only if it is certain that no number
 * was given since the backup may they mean the same as before.
 *
 * Otherwise the store gets a new identity: every cookie of before is answered ServerChanged, upon which a client
 * forgets its ids, asks with RefreshCache for the new ones by UpdateID, and is told everything that is approved.
 * That costs two calls for each client and no download. It is also why the counters need no margin after a
 * restore: no number of before can reach a server of another identity.
 *
 * @param live what the backup replaces; undefined when there is nothing, or nothing that can be read
 * @param asked an administrator knows that nothing was imported, approved or declined since
 */
export function restoredIdentity(
  backup: StoreFacts,
  live: StoreFacts | undefined,
  asked: boolean,
): IdentityVerdict {
  if (asked) return { kept: true, because: 'asked' };
  if (live === undefined) return { kept: false, because: 'nothing-to-compare' };
  if (live.identity !== backup.identity) return { kept: false, because: 'other-server' };
  const unchanged =
    live.highestRevisionId === backup.highestRevisionId &&
    live.catalogChange === backup.catalogChange &&
    live.deploymentId === backup.deploymentId;
  return unchanged ? { kept: true, because: 'unchanged' } : { kept: false, because: 'changed-since' };
}

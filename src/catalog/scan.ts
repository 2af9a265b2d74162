import { createHash } from 'node:crypto';
import type { UpdateId } from '../metadata/update-identity.ts';
import type { Audience } from './audience.ts';
import type { Catalog } from './catalog.ts';
import { deploymentChange, isApprovable } from './deployment.ts';
import type { NeededSet } from './needed-sets.ts';
import { firstPage, type PageLimits } from './page.ts';
import { ordinalOf, type CatalogSnapshot } from './snapshot.ts';

/** What a client says it has, and what it wants to know. */
export interface ScanQuestion {
  /** Revision ids of installed non-leaf updates: only these satisfy prerequisites. */
  readonly installed: Int32Array;
  /** Revision ids of everything else the client holds, drivers aside. */
  readonly cached: Int32Array;
  /** Categories the scan is limited to; empty for a whole scan. */
  readonly filter: readonly UpdateId[];
  /** The client wants what is merely outside the filter told apart from what is gone. */
  readonly twoGroups: boolean;
  readonly watermark: Watermark;
  readonly audience: Audience;
  readonly page: PageLimits;
}

/** What the client has been told before, out of its cookie. */
export interface Watermark {
  /** Change number up to which it knows every deployment; 0 for nothing. */
  readonly change: number;
  /**
   * What it was told about: its audience, in a category scan with the filter. Another one means that
   * deployments may differ without having changed.
   */
  readonly key: string;
}

/** The key of what a client with this audience and filter is told about. Order and repetition do not count. */
export function watermarkKey(audience: Audience, filter: readonly UpdateId[]): string {
  if (filter.length === 0) return audience.key;
  return createHash('sha256')
    .update([audience.key, ...[...new Set(filter)].sort()].join(' '))
    .digest('hex')
    .slice(0, 16);
}

/** Ordinals of the snapshot, except where ids are said. */
export interface ScanAnswer {
  readonly newUpdates: readonly number[];
  readonly changedUpdates: readonly number[];
  /** Revision ids the client shall delete. */
  readonly outOfScopeIds: readonly number[];
  /** Revision ids that stay deployed but lie outside the filter. */
  readonly deployedOutOfScopeIds: readonly number[];
  readonly truncated: boolean;
}

/** The software pass of SyncUpdates ([MS-WUSP] 3.1.5.7). Pure: no I/O, no clock. */
export function scan(catalog: Catalog, question: ScanQuestion): ScanAnswer {
  const { snapshot } = catalog;
  // NeededRevisions: in scope, prerequisites satisfied, no drivers.
  const needed = catalog.needed(question.installed, question.filter);
  const { neededCount, ...held } = compareCache(catalog, question, needed);
  if (neededCount === needed.software.length) return { ...held, newUpdates: [], truncated: false };
  const missing = needed.software.filter((ordinal) => !catalog.held.has(ordinal));
  const page = firstPage(snapshot, missing, question.page);
  return { ...held, newUpdates: page.ordinals, truncated: page.truncated };
}

interface Held extends Pick<ScanAnswer, 'changedUpdates' | 'outOfScopeIds' | 'deployedOutOfScopeIds'> {
  /** How many needed revisions the client holds. */
  readonly neededCount: number;
}

/**
 * Goes through what the client holds: what is gone, what is elsewhere, what has changed. Nearly all of it
 * is needed and unchanged, and there may be tens of thousands: for those there is a read of the ordinal and
 * two bits to look at.
 */
function compareCache(catalog: Catalog, question: ScanQuestion, { bits }: NeededSet): Held {
  const { snapshot, held } = catalog;
  const { firstId, ordinalsById } = snapshot;
  const dense = ordinalsById.length;
  const filtered = question.filter.length > 0;
  const twoGroups = filtered && question.twoGroups;
  // Within another filter the client was not told of anything outside it, so not of changes either.
  const memory = memoryOf(question, filtered ? 'all' : 'approvable');
  const mayHaveChanged = memory.doubtful !== 'none' || memory.change < snapshot.change;
  let unknown: Set<number> | undefined;
  let neededCount = 0;
  const changedUpdates: number[] = [];
  const outOfScopeIds: number[] = [];
  const deployedOutOfScopeIds: number[] = [];
  held.clear();
  for (const ids of [question.installed, question.cached]) {
    for (let index = 0; index < ids.length; index++) {
      const id = ids[index];
      const at = id - firstId;
      const ordinal =
        dense === 0 ? ordinalOf(snapshot, id) : at >= 0 && at < dense ? ordinalsById[at] - 1 : -1;
      if (ordinal < 0) {
        // Another server's, or deleted: nothing we deploy.
        unknown ??= new Set();
        if (!unknown.has(id)) outOfScopeIds.push(id);
        unknown.add(id);
      } else if (!held.add(ordinal)) continue;
      else if ((bits[ordinal >>> 5] & (1 << (ordinal & 31))) !== 0) {
        neededCount++;
        if (mayHaveChanged && hasChanged(snapshot, ordinal, memory)) changedUpdates.push(ordinal);
      } else if (twoGroups && isDeployed(snapshot, ordinal)) deployedOutOfScopeIds.push(id);
      else outOfScopeIds.push(id);
    }
  }
  return { neededCount, changedUpdates, outOfScopeIds, deployedOutOfScopeIds };
}

/** Whether clients may have a revision, in this scan or in another. */
export function isDeployed(snapshot: CatalogSnapshot, ordinal: number): boolean {
  return ordinal >= 0 && snapshot.inScope[snapshot.updates[ordinal]] === ordinal;
}

/** What a client remembers of what it holds, in terms of the question it asks now. */
interface Memory {
  readonly change: number;
  /** Whose deployments may differ without having changed: `approvable` differ between audiences only. */
  readonly doubtful: 'none' | 'approvable' | 'all';
}

/**
 * Worked out once per scan: the key of a category scan is a digest.
 *
 * @param ifElsewhere whose deployments are in doubt when the client was told about something else before
 */
export function memoryOf(
  { watermark, audience, filter }: Pick<ScanQuestion, 'watermark' | 'audience' | 'filter'>,
  ifElsewhere: 'approvable' | 'all',
): Memory {
  const { change, key } = watermark;
  return { change, doubtful: key === watermarkKey(audience, filter) ? 'none' : ifElsewhere };
}

/** Whether a client that holds a revision must be told its deployment or leaf status again. */
export function hasChanged(snapshot: CatalogSnapshot, ordinal: number, memory: Memory): boolean {
  if (deploymentChange(snapshot, ordinal) > memory.change) return true;
  if (memory.doubtful === 'none') return false;
  return memory.doubtful === 'all' || isApprovable(snapshot, ordinal);
}

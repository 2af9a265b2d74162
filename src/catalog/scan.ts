import { createHash } from 'node:crypto';
import type { UpdateId } from '../metadata/update-identity.ts';
import type { Audience } from './audience.ts';
import type { Catalog } from './catalog.ts';
import { deploymentChange, isApprovable } from './deployment.ts';
import type { MarkSet } from './mark-set.ts';
import { firstPage, type PageLimits } from './page.ts';
import { eachSatisfied } from './prerequisite-index.ts';
import { ordinalOf, Type, type CatalogSnapshot } from './snapshot.ts';

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
  const { needed } = catalog.scratch;
  const filtered = question.filter.length > 0 ? catalog.categoryScope(question.filter) : undefined;

  // NeededRevisions: in scope, prerequisites satisfied, no drivers.
  const neededOrdinals: number[] = [];
  needed.clear();
  eachNeeded(catalog, question.installed, (ordinal) => {
    if (snapshot.types[ordinal] === Type.Driver || filtered?.[ordinal] === 0) return;
    needed.add(ordinal);
    neededOrdinals.push(ordinal);
  });

  const held = compareCache(catalog, question, filtered !== undefined && question.twoGroups);
  const missing = neededOrdinals.filter((ordinal) => !catalog.scratch.cached.has(ordinal));
  const page = firstPage(snapshot, missing, question.page);
  return { ...held, newUpdates: page.ordinals, truncated: page.truncated };
}

/** Visits every revision in scope whose prerequisites hold for the installed revision ids. */
export function eachNeeded(
  catalog: Catalog,
  installedIds: Int32Array,
  visit: (ordinal: number) => void,
): void {
  const { snapshot, scratch } = catalog;
  scratch.installedUpdates.clear();
  scratch.seen.clear();
  const members = installedUpdates(snapshot, installedIds, scratch.installedUpdates);
  const installed = { members, set: scratch.installedUpdates };
  eachSatisfied(snapshot, catalog.prerequisites, installed, scratch.seen, visit);
}

// A prerequisite names an update, so any revision of it will do: were it only the highest, each new
// revision of a product would push all its updates out of every client's scope for one round.
function installedUpdates(snapshot: CatalogSnapshot, ids: Int32Array, set: MarkSet): number[] {
  const members: number[] = [];
  for (const id of ids) {
    const ordinal = ordinalOf(snapshot, id);
    if (ordinal >= 0 && set.add(snapshot.updates[ordinal])) members.push(snapshot.updates[ordinal]);
  }
  return members;
}

type Held = Pick<ScanAnswer, 'changedUpdates' | 'outOfScopeIds' | 'deployedOutOfScopeIds'>;

/** Goes through what the client holds: what is gone, what is elsewhere, what has changed. */
function compareCache(catalog: Catalog, question: ScanQuestion, twoGroups: boolean): Held {
  const { snapshot } = catalog;
  const { cached, needed } = catalog.scratch;
  const unknown = new Set<number>();
  // Within another filter the client was not told of anything outside it, so not of changes either.
  const memory = memoryOf(question, question.filter.length > 0 ? 'all' : 'approvable');
  const changedUpdates: number[] = [];
  const outOfScopeIds: number[] = [];
  const deployedOutOfScopeIds: number[] = [];
  cached.clear();
  for (const ids of [question.installed, question.cached]) {
    for (const id of ids) {
      const ordinal = ordinalOf(snapshot, id);
      if (ordinal < 0) {
        // Another server's, or deleted: nothing we deploy.
        if (!unknown.has(id)) outOfScopeIds.push(id);
        unknown.add(id);
      } else if (!cached.add(ordinal)) continue;
      else if (needed.has(ordinal)) {
        if (hasChanged(snapshot, ordinal, memory)) changedUpdates.push(ordinal);
      } else if (twoGroups && isDeployed(snapshot, ordinal)) deployedOutOfScopeIds.push(id);
      else outOfScopeIds.push(id);
    }
  }
  return { changedUpdates, outOfScopeIds, deployedOutOfScopeIds };
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

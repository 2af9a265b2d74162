import {
  clientService,
  StartCategoryScan,
  SyncUpdates,
  type SyncInfo,
  type UpdateInfo,
} from '../protocol/wusp/client.ts';
import { parseUpdateId, type UpdateId } from '../metadata/update-identity.ts';
import type { Decoded } from '../soap/message-type.ts';
import { AgentFailure } from './agent-failure.ts';
import type { AgentSession } from './agent-session.ts';
import type { AgentState, HeldUpdate } from './agent-state.ts';
import { heldDeployment } from './held-deployment.ts';
import type { Persona } from './persona.ts';
import { driverParameters, knowsCategoryScans, softwareParameters, type IdLists } from './sync-parameters.ts';

/** Hard-coded in the agent: a scan that needs more calls fails, and the next one goes on from the cache. */
export const MAX_TRIPS = 200;

/** Tells which of the cached updates are installed; asked again whenever something new has come. */
export type InstalledOracle = (updates: ReadonlyMap<number, HeldUpdate>) => ReadonlySet<number>;

export interface SyncRound {
  readonly round: number;
  readonly installed: number;
  readonly cached: number;
  readonly newUpdates: number;
  readonly newNonLeaf: number;
  readonly outOfScope: number;
  readonly changed: number;
  readonly truncated: boolean;
}

export interface SoftwareSyncOptions {
  readonly session: AgentSession;
  readonly state: AgentState;
  readonly persona: Persona;
  readonly installed: InstalledOracle;
  /** Categories to limit the scan to; empty for everything. */
  readonly filter: readonly UpdateId[];
  readonly maxTrips: number;
  readonly onRound?: (round: SyncRound) => void;
}

/**
 * Asks a server which categories to filter by ([MS-WUSP] 3.1.5.6). A server that does not know the call
 * makes current agents fail with 0x80240436. One that says it is too old is not asked: the scan is then of
 * everything (observed).
 */
export async function startCategoryScan(
  session: AgentSession,
  state: AgentState,
  categories: readonly UpdateId[],
): Promise<UpdateId[]> {
  if (!knowsCategoryScans(state.config?.serverProtocolVersion ?? '')) return [];
  const answer = await session.callOpen(StartCategoryScan, {
    requestedCategories: categories.map((CategoryId, index) => ({ IndexOfAndGroup: index, CategoryId })),
  });
  return (answer.preferredCategoryIds ?? []).map((id) => id as UpdateId);
}

/** Looked at for each call: a recovery may have asked for the configuration again. */
function twoGroups({ state }: SoftwareSyncOptions): boolean {
  return knowsCategoryScans(state.config?.serverProtocolVersion ?? '');
}

/** The software loop: asks until the server has nothing new that others could depend on. */
export async function syncSoftware(options: SoftwareSyncOptions): Promise<SyncRound[]> {
  const { session, state, persona } = options;
  const rounds: SyncRound[] = [];
  for (let round = 1; ; round++) {
    if (round > options.maxTrips) {
      throw new AgentFailure(
        'WU_E_PT_EXCEEDED_MAX_SERVER_TRIPS',
        `${options.maxTrips} calls were not enough`,
      );
    }
    let listed = { installed: 0, cached: 0 };
    const { SyncUpdatesResult: info } = await session.call(clientService, SyncUpdates, (cookie) => {
      const lists = idLists(state, options.installed(state.updates));
      listed = { installed: lists.installed.length, cached: lists.other.length };
      return { cookie, parameters: softwareParameters(persona, lists, options.filter, twoGroups(options)) };
    });
    if (!info) throw new AgentFailure('WU_E_INVALID_FORMAT', 'SyncUpdates gave no result');
    const news = apply(state, info, false);
    session.adopt(info.NewCookie);
    const one: SyncRound = {
      round,
      ...listed,
      newUpdates: news.length,
      newNonLeaf: news.filter((update) => !update.isLeaf).length,
      outOfScope: info.OutOfScopeRevisionIDs?.length ?? 0,
      changed: info.ChangedUpdates?.length ?? 0,
      truncated: info.Truncated === true,
    };
    rounds.push(one);
    options.onRound?.(one);
    // [MS-WUSP] 2.2.2.2.4, and what agents were seen to do; 3.1.5.7 would go on until nothing is new.
    if (!one.truncated && one.newNonLeaf === 0) return rounds;
  }
}

/** The driver pass: one call, whatever DriverSyncNotNeeded says. */
export async function syncDrivers(options: SoftwareSyncOptions): Promise<readonly HeldUpdate[]> {
  const { session, state, persona } = options;
  const { SyncUpdatesResult: info } = await session.call(clientService, SyncUpdates, (cookie) => {
    const lists = idLists(state, options.installed(state.updates));
    return { cookie, parameters: driverParameters(persona, lists, options.filter, twoGroups(options)) };
  });
  if (!info) throw new AgentFailure('WU_E_INVALID_FORMAT', 'SyncUpdates gave no result');
  const news = apply(state, info, true);
  session.adopt(info.NewCookie);
  return news;
}

/** What the agent lists, ascending: installed non-leaf updates, everything else, drivers. */
function idLists(state: AgentState, installedIds: ReadonlySet<number>): IdLists {
  const installed: number[] = [];
  const other: number[] = [];
  const drivers: number[] = [];
  for (const update of state.updates.values()) {
    if (update.isDriver) drivers.push(update.id);
    else if (!update.isLeaf && installedIds.has(update.id)) installed.push(update.id);
    else other.push(update.id);
  }
  const ascending = (one: number, next: number): number => one - next;
  return {
    installed: installed.sort(ascending),
    other: other.sort(ascending),
    drivers: drivers.sort(ascending),
  };
}

/** Takes an answer into the cache and returns what is new in it. */
function apply(state: AgentState, info: Decoded<typeof SyncInfo>, isDriver: boolean): HeldUpdate[] {
  for (const id of info.OutOfScopeRevisionIDs ?? []) state.updates.delete(id);
  for (const changed of info.ChangedUpdates ?? []) {
    const held = state.updates.get(changed.ID ?? -1);
    if (held === undefined) continue;
    state.updates.set(held.id, {
      ...held,
      isLeaf: changed.IsLeaf ?? held.isLeaf,
      deployment: changed.Deployment ? heldDeployment(changed.Deployment) : held.deployment,
    });
  }
  const news = (info.NewUpdates ?? []).map((update) => heldUpdate(update, isDriver));
  const ids = new Set<number>();
  for (const update of news) {
    if (ids.has(update.id)) throw new AgentFailure('WU_E_DUPLICATE_ITEM', `update ${update.id} came twice`);
    ids.add(update.id);
    state.updates.set(update.id, update);
  }
  return news;
}

const IDENTITY = /^\s*<UpdateIdentity UpdateID="([0-9a-fA-F-]{36})" RevisionNumber="(\d{1,10})"/;

function heldUpdate(update: Decoded<typeof UpdateInfo>, isDriver: boolean): HeldUpdate {
  const core = update.Xml ?? '';
  const identity = IDENTITY.exec(core);
  const updateId = parseUpdateId(identity?.[1] ?? '');
  if (typeof update.ID !== 'number' || updateId === undefined || typeof update.IsLeaf !== 'boolean') {
    throw new AgentFailure('WU_E_XML_MISSINGDATA', 'an update came without ID, IsLeaf or UpdateIdentity');
  }
  return {
    id: update.ID,
    updateId,
    revisionNumber: Number(identity?.[2]),
    isLeaf: update.IsLeaf,
    isDriver,
    deployment: heldDeployment(update.Deployment),
    core,
  };
}

import { buildAudience } from '../catalog/audience.ts';
import { deploymentOf } from '../catalog/deployment.ts';
import { updateNumberOf, type CatalogSnapshot } from '../catalog/snapshot.ts';
import {
  installedUpdates,
  supersedersOf,
  unmetPrerequisites,
  type UnmetPrerequisite,
} from '../catalog/unmet-prerequisites.ts';
import type { ContentStore } from '../content/content-store.ts';
import { digestHex } from '../content/digest-hex.ts';
import { OakumError } from '../errors/oakum-error.ts';
import { decidingApproval } from '../fleet/deciding-approval.ts';
import { explain } from '../fleet/explain.ts';
import type {
  ComputerFacts,
  DecisionFacts,
  Explanation,
  ExplanationFacts,
  FileFacts,
  MemberFacts,
  NamedPrerequisite,
  ReachFacts,
  SupersederFacts,
  UpdateFacts,
} from '../fleet/explanation.ts';
import { directGroups, requestedGroupNames, type TargetingMode } from '../fleet/targeting.ts';
import { parseUpdateId, type UpdateId } from '../metadata/update-identity.ts';
import type { Guid } from '../soap/simple-type.ts';
import { listApprovals } from '../store/approvals.ts';
import type { ListedComputer } from '../store/computer-list.ts';
import { filesOf, findKnownUpdate, hardwareIdsOf, statusOf, titlesOf } from '../store/explanation-source.ts';
import { listIdentities, listNoticed } from '../store/findings.ts';
import { readInstalledSet } from '../store/installed-sets.ts';
import { licenceOf } from '../store/licences.ts';
import type { DbOrTx } from '../store/schema.ts';
import type { ListedUpdate } from '../store/update-list.ts';
import { findComputer } from './computers.ts';
import { pendingDecisions } from './pending-decisions.ts';
import { findUpdate } from './updates.ts';

/** Where the facts come from. */
export interface ExplanationSources {
  readonly db: DbOrTx;
  readonly snapshot: CatalogSnapshot;
  /** Without it nothing is said about files. */
  readonly content?: ContentStore;
  readonly targeting: TargetingMode;
  readonly nowMs: number;
}

/** An explanation with the facts it was concluded from. */
export interface ExplanationView extends Explanation {
  readonly computer: string;
  readonly update: string;
  readonly facts: ExplanationFacts;
}

/** A finding of a shared id that is older than this says nothing about now. */
const SHARED_MS = 30 * 86_400_000;
/** Superseding updates and members that are looked at; one would be enough. */
const LOOKED_AT = 50;

/**
 * Why a computer is not offered an update, or what it is offered as, with the evidence.
 *
 * @param computer client id or name; one that is not known is explained too, one that fits several is not
 * @param update UpdateID, KB number or words of the title; the same holds
 * @throws OakumError OAK_COMPUTER_UNKNOWN or OAK_UPDATE_AMBIGUOUS when several fit
 */
export async function explainUpdate(
  sources: ExplanationSources,
  computer: string,
  update: string,
): Promise<ExplanationView> {
  const { db, nowMs } = sources;
  const row = await orUndefined(
    'OAK_COMPUTER_UNKNOWN',
    () => findComputer(db, computer),
    / fits \d+ computers/,
  );
  const known = await orUndefined('OAK_UPDATE_UNKNOWN', () => findUpdate(db, update));
  const facts: ExplanationFacts = {
    nowMs,
    computer: row && (await computerFacts(sources, row)),
    update: known === undefined ? await mentionedFacts(db, update) : await updateFacts(db, known),
    ...(known === undefined ? NOTHING : await aboutBoth(sources, row, known)),
  };
  return {
    computer: row?.dns_name ?? computer,
    update: known?.title ?? update,
    ...explain(facts),
    facts,
  };
}

const NOTHING = {
  decision: undefined,
  pending: [],
  reach: undefined,
  supersededBy: [],
  files: [],
  status: undefined,
} as const;

async function orUndefined<T>(code: string, find: () => Promise<T>, unless?: RegExp): Promise<T | undefined> {
  try {
    return await find();
  } catch (error) {
    if (error instanceof OakumError && error.code === code && unless?.test(error.message) !== true)
      return undefined;
    throw error;
  }
}

async function computerFacts(
  { db, nowMs, ...rest }: ExplanationSources,
  row: ListedComputer,
): Promise<ComputerFacts> {
  const { groups } = rest.snapshot;
  const names = new Set([...groups.values()].map((group) => group.name.toLowerCase()));
  const requested = rest.targeting === 'client' ? requestedGroupNames(row.requested_groups) : [];
  const shared = (await listNoticed(db, 'duplicate-id')).find(
    (one) => one.clientId === row.client_id && nowMs - one.lastMs < SHARED_MS,
  );
  const identities = shared && (await listIdentities(db, row.client_id));
  return {
    clientId: row.client_id,
    name: row.dns_name,
    registeredMs: row.registered_ms,
    lastContactMs: row.last_contact_ms,
    lastScanMs: row.last_scan_ms,
    lastReportMs: row.last_report_ms,
    groups: groupsOf({ ...rest, db, nowMs }, row).map((id) => groups.get(id)?.name ?? id),
    unknownGroups: requested.filter((name) => !names.has(name.toLowerCase())),
    sharedWith:
      identities === undefined ? [] : identities.names.length > 0 ? identities.names : identities.hardware,
  };
}

function groupsOf({ targeting, snapshot }: ExplanationSources, row: ListedComputer): readonly Guid[] {
  const placed = { groupIds: row.groupIds, requestedGroups: row.requested_groups };
  return directGroups(targeting, placed, snapshot.groups.values());
}

async function updateFacts(db: DbOrTx, update: ListedUpdate): Promise<UpdateFacts> {
  const licence = await licenceOf(db, update.number);
  return {
    updateId: update.updateId,
    title: update.title,
    type: update.type,
    revisionNumber: update.revisionNumber,
    importing: false,
    importedMs: update.importedMs,
    deployable: update.deployable,
    declined: update.declined,
    expired: update.expired,
    unacceptedLicence: licence?.acceptedMs === null ? licence.eulaId : null,
    hardwareIds: update.type === 'Driver' ? await hardwareIdsOf(db, update.revisionId) : [],
  };
}

/** What is not there as an update may still be mentioned by others, or be on its way in. */
async function mentionedFacts(db: DbOrTx, name: string): Promise<UpdateFacts | undefined> {
  const updateId = parseUpdateId(name);
  const known = updateId && (await findKnownUpdate(db, updateId));
  return (
    known && {
      ...{ updateId: known.updateId, title: '', type: 'Software', revisionNumber: null },
      ...{ importing: known.importing, importedMs: null, deployable: false, declined: false, expired: false },
      ...{ unacceptedLicence: null, hardwareIds: [] },
    }
  );
}

type BothFacts = Pick<
  ExplanationFacts,
  'decision' | 'pending' | 'reach' | 'supersededBy' | 'files' | 'status'
>;

async function aboutBoth(
  sources: ExplanationSources,
  row: ListedComputer | undefined,
  update: ListedUpdate,
): Promise<BothFacts> {
  const { db, snapshot } = sources;
  if (row === undefined) return { ...NOTHING, files: await fileFacts(sources, update, []) };
  const groupIds = groupsOf(sources, row);
  const digest = row.installed_set;
  const installed = digest === null ? undefined : await readInstalledSet(db, digest);
  const installedNow = installed && installedUpdates(snapshot, installed);
  const reach = await reachOf(sources, groupIds, update, installedNow);
  const status = await statusOf(db, row.client_id, [update.number]);
  return {
    decision: await decisionOf(sources, groupIds, update.number),
    pending: await pendingDecisions(sources, groupIds, update.number),
    reach: reach?.facts,
    supersededBy: await supersederFacts(sources, row, groupIds, update.number),
    files: await fileFacts(sources, update, reach?.memberOrdinals ?? []),
    status: status.get(update.number),
  };
}

async function decisionOf(
  { db, snapshot: { groups } }: ExplanationSources,
  groupIds: readonly Guid[],
  updateNumber: number,
): Promise<DecisionFacts | undefined> {
  const deciding = decidingApproval(groupIds, groups, await listApprovals(db, updateNumber));
  if (deciding === undefined) return undefined;
  const { decision, memberOf, others } = deciding;
  return {
    action: decision.action,
    group: decision.groupName,
    memberOf: groups.get(memberOf)?.name ?? memberOf,
    inherited: memberOf !== decision.groupId,
    approvedMs: decision.approvedMs,
    deadlineMs: decision.deadlineMs,
    source: decision.source,
    withheld: decision.withheld,
    others: others.map((one) => ({ action: one.action, group: one.groupName })),
  };
}

interface Reach {
  readonly facts: ReachFacts;
  readonly memberOrdinals: readonly number[];
}

async function reachOf(
  { db, snapshot }: ExplanationSources,
  groupIds: readonly Guid[],
  update: ListedUpdate,
  installed: ReadonlySet<number> | undefined,
): Promise<Reach | undefined> {
  const number = updateNumberOf(snapshot, update.updateId);
  const ordinal = number === undefined ? -1 : snapshot.inScope[number];
  if (ordinal < 0) return undefined;
  const { starts, values } = snapshot.bundled;
  const memberOrdinals = [...values.subarray(starts[ordinal], starts[ordinal + 1])];
  const unmet = installed && unmetPrerequisites(snapshot, ordinal, installed);
  const members =
    installed &&
    memberOrdinals.map((member) => ({
      number: snapshot.updates[member],
      unmet: unmetPrerequisites(snapshot, member, installed),
    }));
  const all = [...(unmet ?? []), ...(members ?? []).flatMap((member) => member.unmet)];
  const mentioned = all.flatMap(({ alternatives }) => alternatives.map((one) => one.update));
  const titles = await titlesOf(db, [...mentioned, ...(members ?? []).map((member) => member.number)]);
  const named = (one: UnmetPrerequisite): NamedPrerequisite => ({
    isCategory: one.isCategory,
    alternatives: one.alternatives.map(({ update: alternative, known, reached }) => {
      const { updateId, title } = titles.get(alternative) ?? { updateId: '' as UpdateId, title: '' };
      return { updateId, title, known, reached };
    }),
  });
  const memberFacts = members?.map(({ number: member, unmet: missing }): MemberFacts => {
    const { updateId, title } = titles.get(member) ?? { updateId: '' as UpdateId, title: '' };
    return { updateId, title, unmet: missing.map(named) };
  });
  const audience = buildAudience(snapshot, groupIds);
  return {
    memberOrdinals,
    facts: {
      action: deploymentOf(snapshot, audience, ordinal).action,
      unmet: unmet?.map(named),
      members: memberFacts === undefined || memberFacts.length === 0 ? undefined : memberFacts,
    },
  };
}

async function supersederFacts(
  { db, snapshot }: ExplanationSources,
  row: ListedComputer,
  groupIds: readonly Guid[],
  updateNumber: number,
): Promise<SupersederFacts[]> {
  const ordinals = supersedersOf(snapshot, updateNumber).slice(0, LOOKED_AT);
  const numbers = ordinals.map((ordinal) => snapshot.updates[ordinal]);
  const titles = await titlesOf(db, numbers);
  const states = await statusOf(db, row.client_id, numbers);
  const audience = buildAudience(snapshot, groupIds);
  return ordinals.map((ordinal) => {
    const number = snapshot.updates[ordinal];
    const { updateId, title } = titles.get(number) ?? { updateId: '' as UpdateId, title: '' };
    const { action } = deploymentOf(snapshot, audience, ordinal);
    return { updateId, title, approved: action === 'Install', state: states.get(number)?.state };
  });
}

async function fileFacts(
  { db, snapshot, content }: ExplanationSources,
  update: ListedUpdate,
  memberOrdinals: readonly number[],
): Promise<FileFacts[]> {
  if (content === undefined) return [];
  const revisionIds = [update.revisionId, ...memberOrdinals.map((ordinal) => snapshot.revisionIds[ordinal])];
  const files: FileFacts[] = [];
  for (const { sha1, name, size } of await filesOf(db, revisionIds)) {
    const stored = (await content.stat(sha1)) !== undefined;
    files.push({ name, size, sha1: digestHex(sha1), stored });
  }
  return files;
}

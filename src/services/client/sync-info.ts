import type { Audience } from '../../catalog/audience.ts';
import type { Catalog } from '../../catalog/catalog.ts';
import { deploymentOf } from '../../catalog/deployment.ts';
import { watermarkKey, type ScanAnswer } from '../../catalog/scan.ts';
import { isLeaf } from '../../catalog/snapshot.ts';
import { ArrayOfUpdateInfo, type SyncInfo, type UpdateInfo } from '../../protocol/wusp/client.ts';
import { encodeContent } from '../../soap/encode.ts';
import type { Encodable } from '../../soap/message-type.ts';
import type { Passage } from '../../soap/passage.ts';
import type { UpdateId } from '../../metadata/update-identity.ts';
import { NO_WATERMARKS, type ClientCookie, type SyncKind } from '../cookies/client-cookie.ts';
import { toWire } from '../cookies/session.ts';
import { atLeast } from '../protocol-version.ts';
import type { ServiceContext } from '../service-context.ts';
import { deploymentClass, deploymentMessage } from './deployment-message.ts';

export interface AnsweredScan {
  readonly catalog: Catalog;
  readonly audience: Audience;
  readonly cookie: ClientCookie;
  readonly answer: ScanAnswer;
  /** Hardware ids of matched drivers, by ordinal. */
  readonly hardwareIds?: ReadonlyMap<number, readonly string[]>;
  readonly driverSyncNotNeeded: boolean;
  /** Which of the client's memories this scan moves on, and the categories it was limited to. */
  readonly kind: SyncKind;
  readonly filter: readonly UpdateId[];
}

/** Puts the answer to a scan together: stored fragments, deployments, and a cookie that remembers it. */
export async function syncInfo(
  context: ServiceContext,
  scan: AnsweredScan,
): Promise<Encodable<typeof SyncInfo>> {
  const { answer } = scan;
  context.scans.answered(scan.kind, isLast(scan));
  const knows17 = atLeast(scan.cookie.protocolVersion, 1, 7);
  return {
    NewUpdates: await newUpdates(context, scan),
    OutOfScopeRevisionIDs: unlessEmpty(answer.outOfScopeIds),
    ChangedUpdates: await changedUpdates(context, scan),
    Truncated: answer.truncated,
    NewCookie: toWire(context, movedOn(scan)),
    DeployedOutOfScopeRevisionIds: knows17 ? unlessEmpty(answer.deployedOutOfScopeIds) : undefined,
    DriverSyncNotNeeded: knows17 ? String(scan.driverSyncNotNeeded) : undefined,
  };
}

/** Whether the client can end its scan: no page is left, and nothing new can satisfy a prerequisite. */
function isLast({ catalog: { snapshot }, answer }: AnsweredScan): boolean {
  return !answer.truncated && answer.newUpdates.every((ordinal) => isLeaf(snapshot, ordinal));
}

async function newUpdates(context: ServiceContext, scan: AnsweredScan): Promise<Passage | undefined> {
  const { catalog, answer } = scan;
  if (answer.newUpdates.length === 0) return undefined;
  const make = async (): Promise<Passage> => {
    const ids = answer.newUpdates.map((ordinal) => catalog.snapshot.revisionIds[ordinal]);
    const cores = await context.metadata.cores(ids);
    const infos = answer.newUpdates.flatMap((ordinal, index) => {
      const core = cores[index];
      // Deleted since the snapshot was built: the next generation will not offer it any more.
      return core === undefined ? [] : [updateInfo(scan, ordinal, core)];
    });
    return encodeContent(ArrayOfUpdateInfo, infos);
  };
  const passage = await remembered(context, scan, 'new', answer.newUpdates, make);
  return passage.blocks.length === 0 ? undefined : passage;
}

async function changedUpdates(context: ServiceContext, scan: AnsweredScan): Promise<Passage | undefined> {
  const changed = scan.answer.changedUpdates;
  if (changed.length === 0) return undefined;
  return remembered(context, scan, 'changed', changed, async () =>
    encodeContent(
      ArrayOfUpdateInfo,
      changed.map((ordinal) => updateInfo(scan, ordinal, undefined)),
    ),
  );
}

function updateInfo(
  { catalog, audience, cookie, hardwareIds }: AnsweredScan,
  ordinal: number,
  xml: Passage | undefined,
): Encodable<typeof UpdateInfo> {
  const { snapshot } = catalog;
  const deployment = deploymentOf(snapshot, audience, ordinal);
  return {
    ID: snapshot.revisionIds[ordinal],
    Deployment: deploymentMessage(deployment, cookie.protocolVersion, hardwareIds?.get(ordinal)),
    IsLeaf: isLeaf(snapshot, ordinal),
    Xml: xml,
  };
}

/** Pages are the same for every computer of an audience, but for drivers, which name the computer's devices. */
function remembered(
  context: ServiceContext,
  { catalog, audience, cookie, hardwareIds }: AnsweredScan,
  kind: string,
  ordinals: readonly number[],
  make: () => Promise<Passage>,
): Promise<Passage> {
  if (hardwareIds !== undefined) return make();
  const { identity } = context.server();
  const content = [
    kind,
    identity,
    catalog.snapshot.change,
    audience.key,
    deploymentClass(cookie.protocolVersion),
  ];
  return context.passages.get(`${content.join(' ')} ${joined(ordinals)}`, make);
}

/** A list that comes again with a request that was recognised is written down once. */
const lists = new WeakMap<readonly number[], string>();

function joined(ordinals: readonly number[]): string {
  const known = lists.get(ordinals);
  if (known !== undefined) return known;
  const list = ordinals.join();
  lists.set(ordinals, list);
  return list;
}

/** The cookie, moved on to what the client is told by this answer. */
function movedOn({ catalog, audience, cookie, kind, filter }: AnsweredScan): ClientCookie {
  // What the client has not received yet because of truncation is not in its cache, so it comes as new.
  const watermark = { change: catalog.snapshot.change, key: watermarkKey(audience, filter) };
  const known = cookie.watermarks[kind];
  if (
    cookie.audienceKey === audience.key &&
    known.change === watermark.change &&
    known.key === watermark.key
  ) {
    return cookie;
  }
  // Told of other groups' decisions in this kind of scan, the client has to be told its own again in all others.
  const watermarks = cookie.audienceKey === audience.key ? cookie.watermarks : NO_WATERMARKS;
  return { ...cookie, audienceKey: audience.key, watermarks: { ...watermarks, [kind]: watermark } };
}

/** Empty lists are left out, as real WSUS leaves them out. */
function unlessEmpty<T>(list: readonly T[]): readonly T[] | undefined {
  return list.length > 0 ? list : undefined;
}

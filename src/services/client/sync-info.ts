import type { Audience } from '../../catalog/audience.ts';
import type { Catalog } from '../../catalog/catalog.ts';
import { deploymentOf } from '../../catalog/deployment.ts';
import { watermarkKey, type ScanAnswer } from '../../catalog/scan.ts';
import { isLeaf } from '../../catalog/snapshot.ts';
import type { SyncInfo, UpdateInfo } from '../../protocol/wusp/client.ts';
import type { Encodable } from '../../soap/message-type.ts';
import type { UpdateId } from '../../metadata/update-identity.ts';
import { NO_WATERMARKS, type ClientCookie, type SyncKind } from '../cookies/client-cookie.ts';
import { toWire } from '../cookies/session.ts';
import { atLeast } from '../protocol-version.ts';
import type { ServiceContext } from '../service-context.ts';
import { deploymentMessage } from './deployment-message.ts';

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
  const { catalog, answer, cookie, audience } = scan;
  const { snapshot } = catalog;
  const version = cookie.protocolVersion;
  const cores = await context.metadata.cores(
    answer.newUpdates.map((ordinal) => snapshot.revisionIds[ordinal]),
  );
  const info = (ordinal: number, xml: Uint8Array | undefined): Encodable<typeof UpdateInfo> => ({
    ID: snapshot.revisionIds[ordinal],
    Deployment: deploymentMessage(
      deploymentOf(snapshot, audience, ordinal),
      version,
      scan.hardwareIds?.get(ordinal),
    ),
    IsLeaf: isLeaf(snapshot, ordinal),
    Xml: xml,
  });
  const newUpdates = answer.newUpdates.flatMap((ordinal, index) => {
    const core = cores[index];
    // Deleted since the snapshot was built: the next generation will not offer it any more.
    return core === undefined ? [] : [info(ordinal, core)];
  });
  // What the client has not received yet because of truncation is not in its cache, so it comes as new.
  const watermark = { change: snapshot.change, key: watermarkKey(audience, scan.filter) };
  // Told of other groups' decisions in this kind of scan, the client has to be told its own again in all others.
  const known = cookie.audienceKey === audience.key ? cookie.watermarks : NO_WATERMARKS;
  const watermarks = { ...known, [scan.kind]: watermark };
  const knows17 = atLeast(version, 1, 7);
  return {
    NewUpdates: unlessEmpty(newUpdates),
    OutOfScopeRevisionIDs: unlessEmpty(answer.outOfScopeIds),
    ChangedUpdates: unlessEmpty(answer.changedUpdates.map((ordinal) => info(ordinal, undefined))),
    Truncated: answer.truncated,
    NewCookie: toWire(context, { ...cookie, audienceKey: audience.key, watermarks }),
    DeployedOutOfScopeRevisionIds: knows17 ? unlessEmpty(answer.deployedOutOfScopeIds) : undefined,
    DriverSyncNotNeeded: knows17 ? String(scan.driverSyncNotNeeded) : undefined,
  };
}

/** Empty lists are left out, as real WSUS leaves them out. */
function unlessEmpty<T>(list: readonly T[]): readonly T[] | undefined {
  return list.length > 0 ? list : undefined;
}

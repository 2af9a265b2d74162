import type { UpdateId } from '../metadata/update-identity.ts';
import type { SyncUpdateParameters } from '../protocol/wusp/client.ts';
import type { Encodable } from '../soap/message-type.ts';
import { callerAttributes, type Persona } from './persona.ts';

type Parameters = Encodable<typeof SyncUpdateParameters>;

/** Revision ids the agent lists, each list ascending. */
export interface IdLists {
  readonly installed: readonly number[];
  readonly other: readonly number[];
  readonly drivers: readonly number[];
}

/**
 * Whether a server knows category scans and two groups of out-of-scope updates: from protocol version 3.2 on
 * ([MS-WUSP] 2.2.2.2.4). Of an older one agents ask neither.
 */
export function knowsCategoryScans(serverProtocolVersion: string): boolean {
  const [major = 0, minor = 0] = serverProtocolVersion.split('.').map(Number);
  return major > 3 || (major === 3 && minor >= 2);
}

/**
 * The parameters of a software call, as agents send them: empty lists are left out.
 *
 * @param filter categories to limit the scan to; empty for everything
 * @param twoGroups whether the server {@link knowsCategoryScans}
 */
export function softwareParameters(
  persona: Persona,
  lists: IdLists,
  filter: readonly UpdateId[],
  twoGroups = true,
): Parameters {
  return {
    ExpressQuery: false,
    InstalledNonLeafUpdateIDs: unlessEmpty(lists.installed),
    OtherCachedUpdateIDs: unlessEmpty(lists.other),
    SkipSoftwareSync: false,
    ...commonParameters(persona, filter, twoGroups),
    ...(persona.modern && { ComputerSpec: {} }),
  };
}

/** The parameters of the driver call: the installed list again, no others, the devices. */
export function driverParameters(
  persona: Persona,
  lists: IdLists,
  filter: readonly UpdateId[],
  twoGroups = true,
): Parameters {
  return {
    ExpressQuery: false,
    InstalledNonLeafUpdateIDs: unlessEmpty(lists.installed),
    SystemSpec: persona.devices,
    CachedDriverIDs: unlessEmpty(lists.drivers),
    SkipSoftwareSync: true,
    ...commonParameters(persona, filter, twoGroups),
    ...(persona.modern && {
      ComputerSpec: { HardwareIDs: persona.computerHardwareIds },
      FeatureScoreMatchingKey: persona.featureScoreKey,
    }),
  };
}

function commonParameters(
  persona: Persona,
  filter: readonly UpdateId[],
  twoGroups: boolean,
): Partial<Parameters> {
  const isCategoryScan = filter.length > 0;
  const common = {
    FilterCategoryIds: isCategoryScan ? filter.map((Id) => ({ Id })) : undefined,
    NeedTwoGroupOutOfScopeUpdates: twoGroups ? true : undefined,
  };
  if (!persona.modern) return common;
  return {
    ...common,
    // A category scan says false and names no products, one through the API says true (observed).
    AlsoPerformRegularSync: !isCategoryScan,
    ProductsParameters: {
      SyncCurrentVersionOnly: false,
      DeviceAttributes: persona.deviceAttributes,
      CallerAttributes: callerAttributes(persona),
      Products: isCategoryScan ? '' : persona.products,
    },
  };
}

function unlessEmpty(ids: readonly number[]): readonly number[] | undefined {
  return ids.length > 0 ? ids : undefined;
}

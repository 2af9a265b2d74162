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

/** The parameters of a software call, as agents send them: empty lists are left out. */
export function softwareParameters(
  persona: Persona,
  lists: IdLists,
  filter: readonly UpdateId[],
): Parameters {
  return {
    ExpressQuery: false,
    InstalledNonLeafUpdateIDs: unlessEmpty(lists.installed),
    OtherCachedUpdateIDs: unlessEmpty(lists.other),
    SkipSoftwareSync: false,
    ...commonParameters(persona, filter),
    ...(persona.modern && { ComputerSpec: {} }),
  };
}

/** The parameters of the driver call: the installed list again, no others, the devices. */
export function driverParameters(persona: Persona, lists: IdLists, filter: readonly UpdateId[]): Parameters {
  return {
    ExpressQuery: false,
    InstalledNonLeafUpdateIDs: unlessEmpty(lists.installed),
    SystemSpec: persona.devices,
    CachedDriverIDs: unlessEmpty(lists.drivers),
    SkipSoftwareSync: true,
    ...commonParameters(persona, filter),
    ...(persona.modern && {
      ComputerSpec: { HardwareIDs: persona.computerHardwareIds },
      FeatureScoreMatchingKey: persona.featureScoreKey,
    }),
  };
}

function commonParameters(persona: Persona, filter: readonly UpdateId[]): Partial<Parameters> {
  const categories = filter.length > 0 ? filter.map((Id) => ({ Id })) : undefined;
  if (!persona.modern) return { FilterCategoryIds: categories, NeedTwoGroupOutOfScopeUpdates: true };
  return {
    FilterCategoryIds: categories,
    NeedTwoGroupOutOfScopeUpdates: true,
    // A category scan says false, one through the API says true (observed).
    AlsoPerformRegularSync: filter.length === 0,
    ProductsParameters: {
      SyncCurrentVersionOnly: false,
      DeviceAttributes: persona.deviceAttributes,
      CallerAttributes: callerAttributes(persona),
      Products: persona.products,
    },
  };
}

function unlessEmpty(ids: readonly number[]): readonly number[] | undefined {
  return ids.length > 0 ? ids : undefined;
}

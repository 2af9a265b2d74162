import { scanDrivers } from '../../catalog/drivers.ts';
import type { Catalog } from '../../catalog/catalog.ts';
import { scan, type ScanAnswer } from '../../catalog/scan.ts';
import type { UpdateId } from '../../metadata/update-identity.ts';
import type { SyncUpdateParameters } from '../../protocol/wusp/client.ts';
import { SyncUpdates } from '../../protocol/wusp/client.ts';
import { implement } from '../../soap/endpoint.ts';
import type { Decoded } from '../../soap/message-type.ts';
import { AnswerMemory, type Basis } from '../answer-memory.ts';
import type { ClientCookie } from '../cookies/client-cookie.ts';
import { cookieGuard, requireCurrentConfiguration, requireCurrentFileLocations } from '../cookies/session.ts';
import { registeredAudienceOf } from '../computer-audience.ts';
import { invalidParameter, present } from '../parameters.ts';
import type { Call, ServiceContext } from '../service-context.ts';
import { computerSpec, deviceSpecs } from './system-spec.ts';
import { syncInfo, type AnsweredScan } from './sync-info.ts';

type Parameters = Decoded<typeof SyncUpdateParameters>;

const NO_IDS = new Int32Array(0);

/** SyncUpdates ([MS-WUSP] 2.2.2.2.4, 3.1.5.7): the software pass, and with SkipSoftwareSync the driver pass. */
export function syncUpdates(context: ServiceContext) {
  // By generation: what is remembered must not keep an old one in memory.
  const answers = new WeakMap<Catalog, AnswerMemory<ScanAnswer>>();
  return implement(SyncUpdates, {
    guard: cookieGuard(context),
    repeated: true,
    async handle(_call: Call, request, cookie: ClientCookie, likeness) {
      const parameters = present(request.parameters, 'parameters');
      const driverPass = parameters.SkipSoftwareSync === true;
      if (!driverPass && parameters.SystemSpec) throw invalidParameter('parameters.SystemSpec');
      requireCurrentConfiguration(context, cookie);
      requireCurrentFileLocations(context, cookie);
      const catalog = context.catalog();
      const audience = registeredAudienceOf(context, catalog, cookie);
      const common = { catalog, audience, cookie };
      const remembered = answers.get(catalog) ?? new AnswerMemory<ScanAnswer>();
      answers.set(catalog, remembered);
      const answered = driverPass
        ? driverScan(context, common, parameters)
        : softwareScan(context, common, parameters, (basis, make) => remembered.get(likeness, basis, make));
      return { SyncUpdatesResult: await syncInfo(context, answered) };
    },
  });
}

type Common = Pick<AnsweredScan, 'catalog' | 'audience' | 'cookie'>;

function softwareScan(
  context: ServiceContext,
  common: Common,
  parameters: Parameters,
  once: (basis: Basis, make: () => ScanAnswer) => ScanAnswer,
): AnsweredScan {
  const { catalog, audience, cookie } = common;
  const filter = filterOf(parameters);
  const kind = filter.length > 0 ? 'category' : 'software';
  const watermark = cookie.watermarks[kind];
  const installed = parameters.InstalledNonLeafUpdateIDs ?? NO_IDS;
  if (kind === 'software') context.computers.scanned(cookie.clientId, installed);
  // Everything the answer depends on besides what the request says.
  const answer = once([audience.key, watermark.change, watermark.key], () =>
    scan(catalog, {
      installed,
      cached: parameters.OtherCachedUpdateIDs ?? NO_IDS,
      filter,
      twoGroups: parameters.NeedTwoGroupOutOfScopeUpdates === true,
      watermark,
      audience,
      page: context.settings.page,
    }),
  );
  // A hint only: agents make the driver pass whatever it says. The value is what real WSUS was seen to send.
  return { ...common, answer, kind, filter, driverSyncNotNeeded: filter.length > 0 };
}

function driverScan(context: ServiceContext, common: Common, parameters: Parameters): AnsweredScan {
  const { catalog, audience, cookie } = common;
  const filter = filterOf(parameters);
  const { hardwareIds, ...answer } = scanDrivers(
    catalog,
    {
      installed: parameters.InstalledNonLeafUpdateIDs ?? NO_IDS,
      cached: parameters.CachedDriverIDs ?? NO_IDS,
      filter,
      twoGroups: parameters.NeedTwoGroupOutOfScopeUpdates === true,
      watermark: cookie.watermarks.driver,
      audience,
      page: context.settings.page,
    },
    deviceSpecs(parameters),
    computerSpec(parameters),
  );
  return { ...common, answer, hardwareIds, kind: 'driver', filter, driverSyncNotNeeded: true };
}

function filterOf(parameters: Parameters): UpdateId[] {
  return (parameters.FilterCategoryIds ?? []).flatMap(({ Id }) => (Id ? [Id as UpdateId] : []));
}

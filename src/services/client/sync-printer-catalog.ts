import { scanPrinterDrivers } from '../../catalog/drivers.ts';
import { SyncPrinterCatalog } from '../../protocol/wusp/client.ts';
import { implement } from '../../soap/endpoint.ts';
import { cookieGuard, requireCurrentConfiguration } from '../cookies/session.ts';
import { registeredAudienceOf } from '../computer-audience.ts';
import type { Call, ServiceContext } from '../service-context.ts';
import { syncInfo } from './sync-info.ts';

const NO_IDS = new Int32Array(0);

/** SyncPrinterCatalog ([MS-WUSP] 2.2.2.2.9, 3.1.5.12): the Add Printer wizard's list of printer drivers. */
export function syncPrinterCatalog(context: ServiceContext) {
  return implement(SyncPrinterCatalog, {
    guard: cookieGuard(context),
    async handle(_call: Call, request, cookie) {
      requireCurrentConfiguration(context, cookie);
      const catalog = context.catalog();
      const audience = registeredAudienceOf(context, catalog, cookie);
      const { hardwareIds, ...answer } = scanPrinterDrivers(catalog, {
        installed: request.installedNonLeafUpdateIDs ?? NO_IDS,
        cached: request.printerUpdateIDs ?? NO_IDS,
        filter: [],
        watermark: cookie.watermarks.printer,
        audience,
        page: context.settings.page,
      });
      const answered = { catalog, audience, cookie, answer, hardwareIds, driverSyncNotNeeded: true };
      return {
        SyncPrinterCatalogResult: await syncInfo(context, { ...answered, kind: 'printer', filter: [] }),
      };
    },
  });
}

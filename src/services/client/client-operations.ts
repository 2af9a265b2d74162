import type { AnyOperationHandler } from '../../soap/endpoint.ts';
import type { Call, ServiceContext } from '../service-context.ts';
import { getConfig } from './get-config.ts';
import { getCookie } from './get-cookie.ts';
import { getExtendedUpdateInfo } from './get-extended-update-info.ts';
import { getExtendedUpdateInfo2 } from './get-extended-update-info-2.ts';
import { getFileLocations } from './get-file-locations.ts';
import { refreshCache } from './refresh-cache.ts';
import { registerComputer } from './register-computer.ts';
import { startCategoryScan } from './start-category-scan.ts';
import { syncPrinterCatalog } from './sync-printer-catalog.ts';
import { syncUpdates } from './sync-updates.ts';

/** The operations of the Client web service, one file each. */
export function clientOperations(context: ServiceContext): AnyOperationHandler<Call>[] {
  return [
    getConfig(context),
    getCookie(context),
    registerComputer(context),
    startCategoryScan(context),
    syncUpdates(context),
    syncPrinterCatalog(context),
    refreshCache(context),
    getExtendedUpdateInfo(context),
    getExtendedUpdateInfo2(context),
    getFileLocations(context),
  ];
}

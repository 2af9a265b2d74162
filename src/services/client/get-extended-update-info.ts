import { ordinalOf, type CatalogSnapshot } from '../../catalog/snapshot.ts';
import { GetExtendedUpdateInfo } from '../../protocol/wusp/client.ts';
import { implement } from '../../soap/endpoint.ts';
import { cookieGuard } from '../cookies/session.ts';
import { invalidParameter, present } from '../parameters.ts';
import type { Call, ServiceContext } from '../service-context.ts';
import { extendedFragments, localesFor } from './extended-fragments.ts';
import { fileLocation } from './file-location.ts';

const WITH_FILES = ['Extended', 'Eula', 'FileUrl'];

/** GetExtendedUpdateInfo ([MS-WUSP] 2.2.2.2.6, 3.1.5.9): everything about updates but their Core. */
export function getExtendedUpdateInfo(context: ServiceContext) {
  return implement(GetExtendedUpdateInfo, {
    guard: cookieGuard(context),
    async handle(call: Call, request) {
      const asked = present(request.revisionIDs, 'revisionIDs');
      // The text says "smaller than"; a request of exactly the limit is what real clients send.
      if (asked.length > context.settings.maxExtendedUpdatesPerRequest) throw invalidParameter('revisionIDs');
      const infoTypes = present(request.infoTypes, 'infoTypes');
      if (infoTypes.length === 0) throw invalidParameter('infoTypes');
      const locales = localesFor(infoTypes, request.locales);
      const { snapshot } = context.catalog();
      const ids = [...new Set(asked)];
      const deployed = ids.filter((id) => isDeployed(snapshot, id));
      const outOfScope = ids.filter((id) => !isDeployed(snapshot, id));
      const updates = await extendedFragments(context.metadata, {
        revisionIds: deployed,
        infoTypes,
        locales,
        geoId: request.GeoId ?? '',
      });
      const files = infoTypes.some((type) => WITH_FILES.includes(type))
        ? await context.metadata.files(deployed)
        : [];
      return {
        GetExtendedUpdateInfoResult: {
          Updates: updates,
          FileLocations:
            files.length > 0 ? files.map((file) => fileLocation(file, call.contentBase)) : undefined,
          OutOfScopeRevisionIDs: outOfScope.length > 0 ? outOfScope : undefined,
        },
      };
    },
  });
}

function isDeployed(snapshot: CatalogSnapshot, revisionId: number): boolean {
  const ordinal = ordinalOf(snapshot, revisionId);
  return ordinal >= 0 && snapshot.inScope[snapshot.updates[ordinal]] === ordinal;
}

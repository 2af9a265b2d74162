import { ordinalOf, type CatalogSnapshot } from '../../catalog/snapshot.ts';
import { ExtendedUpdateInfo, GetExtendedUpdateInfo } from '../../protocol/wusp/client.ts';
import { encodeContent } from '../../soap/encode.ts';
import { implement } from '../../soap/endpoint.ts';
import type { Passage } from '../../soap/passage.ts';
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
    repeated: true,
    async handle(call: Call, request) {
      const asked = present(request.revisionIDs, 'revisionIDs');
      // The text says "smaller than"; a request of exactly the limit is what real clients send.
      if (asked.length > context.settings.maxExtendedUpdatesPerRequest) throw invalidParameter('revisionIDs');
      const infoTypes = present(request.infoTypes, 'infoTypes');
      if (infoTypes.length === 0) throw invalidParameter('infoTypes');
      const locales = localesFor(infoTypes, request.locales);
      const { snapshot } = context.catalog();
      const geoId = request.GeoId ?? '';
      const make = async (): Promise<Passage> => {
        const ids = [...new Set(asked)];
        const deployed = ids.filter((id) => isDeployed(snapshot, id));
        const outOfScope = ids.filter((id) => !isDeployed(snapshot, id));
        const wanted = { revisionIds: deployed, infoTypes, locales, geoId };
        const updates = await extendedFragments(context.metadata, wanted);
        const files = infoTypes.some((type) => WITH_FILES.includes(type))
          ? await context.metadata.files(deployed)
          : [];
        return encodeContent(ExtendedUpdateInfo, {
          Updates: updates,
          FileLocations:
            files.length > 0 ? files.map((file) => fileLocation(file, call.contentBase)) : undefined,
          OutOfScopeRevisionIDs: outOfScope.length > 0 ? outOfScope : undefined,
        });
      };
      const { identity } = context.server();
      const key = JSON.stringify([
        identity,
        snapshot.change,
        call.contentBase,
        asked.join(),
        infoTypes,
        locales,
        geoId,
      ]);
      return { GetExtendedUpdateInfoResult: await context.passages.get(key, make) };
    },
  });
}

function isDeployed(snapshot: CatalogSnapshot, revisionId: number): boolean {
  const ordinal = ordinalOf(snapshot, revisionId);
  return ordinal >= 0 && snapshot.inScope[snapshot.updates[ordinal]] === ordinal;
}

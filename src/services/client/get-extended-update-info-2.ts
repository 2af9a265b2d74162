import { deployedOrdinal } from '../../catalog/snapshot.ts';
import type { UpdateId } from '../../metadata/update-identity.ts';
import { GetExtendedUpdateInfo2 } from '../../protocol/wusp/client.ts';
import { implement } from '../../soap/endpoint.ts';
import { cookieGuard } from '../cookies/session.ts';
import { invalidParameter, present } from '../parameters.ts';
import type { Call, ServiceContext } from '../service-context.ts';
import { extendedFragments, localesFor } from './extended-fragments.ts';
import { fileLocation } from './file-location.ts';

/**
 * GetExtendedUpdateInfo2 ([MS-WUSP] 2.2.2.2.10): by UpdateIdentity instead of revision id. Chapter 3 does
 * not describe it, so the conditions of GetExtendedUpdateInfo hold. No file here is encrypted.
 */
export function getExtendedUpdateInfo2(context: ServiceContext) {
  return implement(GetExtendedUpdateInfo2, {
    guard: cookieGuard(context),
    async handle(call: Call, request) {
      const asked = present(request.updateIDs, 'updateIDs');
      if (asked.length > context.settings.maxExtendedUpdatesPerRequest) throw invalidParameter('updateIDs');
      const infoTypes = present(request.infoTypes, 'infoTypes');
      if (infoTypes.length === 0) throw invalidParameter('infoTypes');
      const locales = localesFor(infoTypes, request.locales);
      const { snapshot } = context.catalog();
      const known = asked.flatMap(({ UpdateID, RevisionNumber }) => {
        if (!UpdateID || typeof RevisionNumber !== 'number') return [];
        const ordinal = deployedOrdinal(snapshot, UpdateID as UpdateId, RevisionNumber);
        return ordinal >= 0
          ? [{ identity: { UpdateID, RevisionNumber }, revisionId: snapshot.revisionIds[ordinal] }]
          : [];
      });
      const revisionIds = known.map((one) => one.revisionId);
      const updates = await extendedFragments(context.metadata, {
        revisionIds,
        infoTypes,
        locales,
        geoId: '',
      });
      const files = infoTypes.includes('FileUrl') ? await context.metadata.files(revisionIds) : [];
      const details = infoTypes.includes('FileDecryption')
        ? known.map((one) => ({ UpdateIdentity: one.identity, HasEncryptedFiles: false }))
        : [];
      return {
        GetExtendedUpdateInfo2Result: {
          Updates: updates.length > 0 ? updates : undefined,
          FileLocations:
            files.length > 0
              ? files.map((file) => ({
                  ...fileLocation(file, call.contentBase),
                  FileDigestAlgorithm: 'SHA1',
                }))
              : undefined,
          UpdateEncryptionDetails: details.length > 0 ? details : undefined,
        },
      };
    },
  });
}

import { SHA1_BYTES } from '../../metadata/digest.ts';
import { GetFileLocations } from '../../protocol/wusp/client.ts';
import { implement } from '../../soap/endpoint.ts';
import { cookieGuard, toWire } from '../cookies/session.ts';
import { invalidParameter, present } from '../parameters.ts';
import type { Call, ServiceContext } from '../service-context.ts';
import { fileLocation } from './file-location.ts';

/** GetFileLocations ([MS-WUSP] 2.2.2.2.7, 3.1.5.10). Digests nobody knows are left out. */
export function getFileLocations(context: ServiceContext) {
  return implement(GetFileLocations, {
    guard: cookieGuard(context),
    async handle(call: Call, request, cookie) {
      const digests = present(request.fileDigests, 'fileDigests');
      if (digests.some((digest) => digest.length !== SHA1_BYTES)) throw invalidParameter('fileDigests');
      const files = await context.metadata.filesByDigest(digests);
      return {
        GetFileLocationsResult: {
          FileLocations: files.map((file) => fileLocation(file, call.contentBase)),
          NewCookie: toWire(context, { ...cookie, fileBase: context.settings.fileBase }),
        },
      };
    },
  });
}

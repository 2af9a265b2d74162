import { deploymentOf } from '../../catalog/deployment.ts';
import { deployedOrdinal, isLeaf } from '../../catalog/snapshot.ts';
import type { UpdateId } from '../../metadata/update-identity.ts';
import { RefreshCache } from '../../protocol/wusp/client.ts';
import { implement } from '../../soap/endpoint.ts';
import { audienceOf } from '../computer-audience.ts';
import { cookieGuard } from '../cookies/session.ts';
import { present } from '../parameters.ts';
import type { Call, ServiceContext } from '../service-context.ts';
import { deploymentMessage } from './deployment-message.ts';

/** RefreshCache ([MS-WUSP] 2.2.2.2.5, 3.1.5.8): this server's revision ids for what the client has cached. */
export function refreshCache(context: ServiceContext) {
  return implement(RefreshCache, {
    guard: cookieGuard(context),
    async handle(_call: Call, request, cookie) {
      const identities = present(request.globalIDs, 'globalIDs');
      const catalog = context.catalog();
      const { snapshot } = catalog;
      const audience = audienceOf(context, catalog, cookie);
      const results = identities.flatMap(({ UpdateID, RevisionNumber }) => {
        if (!UpdateID || typeof RevisionNumber !== 'number') return [];
        const ordinal = deployedOrdinal(snapshot, UpdateID as UpdateId, RevisionNumber);
        if (ordinal < 0) return [];
        const deployment = deploymentOf(snapshot, audience, ordinal);
        // Observed on real WSUS, not in the text: what is only there for a bundle is left out.
        if (deployment.action === 'Bundle') return [];
        return [
          {
            RevisionID: snapshot.revisionIds[ordinal],
            GlobalID: { UpdateID, RevisionNumber },
            IsLeaf: isLeaf(snapshot, ordinal),
            Deployment: deploymentMessage(deployment, cookie.protocolVersion),
          },
        ];
      });
      return { RefreshCacheResult: results };
    },
  });
}

import { GetConfig } from '../../protocol/wusp/client.ts';
import { implement } from '../../soap/endpoint.ts';
import { dateTimeFromMs } from '../../soap/simple-type.ts';
import { simpleAuthService } from '../../protocol/wusp/simple-auth.ts';
import { invalidParameter } from '../parameters.ts';
import { parseProtocolVersion } from '../protocol-version.ts';
import type { Call, ServiceContext } from '../service-context.ts';
import { PLUG_IN_ID } from '../simple-auth/get-authorization-cookie.ts';

/** What WSUS 3.0 SP2 and every later one says. With less, clients do without category scans. */
const SERVER_PROTOCOL_VERSION = '3.2';

/** GetConfig ([MS-WUSP] 2.2.2.2.1, 3.1.5.2). */
export function getConfig(context: ServiceContext) {
  return implement(GetConfig, {
    handle(_call: Call, request) {
      if (parseProtocolVersion(request.protocolVersion) === undefined)
        throw invalidParameter('protocolVersion');
      const { settings } = context;
      return {
        GetConfigResult: {
          LastChange: dateTimeFromMs(context.server().configurationChangedMs),
          IsRegistrationRequired: settings.registrationRequired,
          AuthInfo: [
            {
              PlugInID: PLUG_IN_ID,
              // Relative, without a leading slash; Parameter empty although the text forbids it: as observed.
              ServiceUrl: simpleAuthService.path.slice(1),
              Parameter: '',
            },
          ],
          // Current agents refuse the configuration (0x8024402A) when one of the first, third, fourth and fifth is missing.
          Properties: [
            { Name: 'MaxExtendedUpdatesPerRequest', Value: String(settings.maxExtendedUpdatesPerRequest) },
            { Name: 'PackageServerShare', Value: settings.packageServerShare },
            { Name: 'ProtocolVersion', Value: SERVER_PROTOCOL_VERSION },
            { Name: 'IsInventoryRequired', Value: '0' },
            { Name: 'ClientReportingLevel', Value: '2' },
          ],
        },
      };
    },
  });
}

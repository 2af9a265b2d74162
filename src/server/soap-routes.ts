import type { FaultCode } from '../errors/catalogue.ts';
import { eventChannel } from '../errors/event-channels.ts';
import { clientService } from '../protocol/wusp/client.ts';
import { reportingService } from '../protocol/wusp/reporting.ts';
import { simpleAuthService } from '../protocol/wusp/simple-auth.ts';
import { clientOperations } from '../services/client/client-operations.ts';
import { reportingOperations } from '../services/reporting/reporting-operations.ts';
import type { Call, ServiceContext } from '../services/service-context.ts';
import { simpleAuthOperations } from '../services/simple-auth/simple-auth-operations.ts';
import { SoapEndpoint, type AnyOperationHandler } from '../soap/endpoint.ts';
import type { ServiceDeclaration } from '../soap/service.ts';
import { DEFAULT_XML_LIMITS } from '../xml/limits.ts';
import type { RequestHandler } from './http-listener.ts';
import type { Logger } from './logger.ts';
import type { ServerFigures } from './metrics/server-figures.ts';
import type { RequestBase } from './request-base.ts';
import { requestId } from './request-id.ts';
import type { Settings } from './settings.ts';
import { createSoapHandler } from './soap-handler.ts';

const FAULT = eventChannel('oakum.fault');

/** Steps of the protocol rather than mistakes: each new computer, and each one every hour, meets some of them. */
const EXPECTED_FAULTS: ReadonlySet<FaultCode> = new Set<FaultCode>([
  'ConfigChanged',
  'CookieExpired',
  'FileLocationChanged',
  'RegistrationRequired',
]);

export interface SoapRoute {
  readonly service: string;
  readonly handler: RequestHandler;
}

/** The SOAP services by the paths they are asked at. */
export function soapRoutes(
  options: { readonly settings: Settings; readonly log: Logger },
  context: ServiceContext,
  base: RequestBase,
  figures: ServerFigures,
): Map<string, SoapRoute> {
  const { settings, log } = options;
  const services: readonly (readonly [ServiceDeclaration, AnyOperationHandler<Call>[]])[] = [
    [simpleAuthService, simpleAuthOperations(context)],
    [clientService, clientOperations(context)],
    [reportingService, reportingOperations(context)],
  ];
  const routes = new Map<string, SoapRoute>();
  for (const [service, operations] of services) {
    const endpoint = new SoapEndpoint<Call>(service, operations, {
      xmlLimits: {
        ...DEFAULT_XML_LIMITS,
        depth: settings['soap.maxDepth'],
        elements: settings['soap.maxElements'],
      },
      // One limit for both forms of list: RefreshCache names as many updates as SyncUpdates, by identity.
      decodeLimits: { arrayItems: settings['sync.maxListedIds'], ints: settings['sync.maxListedIds'] },
      requestMemoryBytes: settings['memory.requestCacheBytes'],
      onFault: ({ id, errorCode, operation, error }, { request }) => {
        const fault = { request: requestId(request), fault: id, errorCode, code: error.code, operation };
        if (FAULT.hasSubscribers) FAULT.publish(fault);
        const entry = { ...fault, parameter: error.parameter };
        if (error.code === 'OAK_INTERNAL') log.error({ ...entry, err: error.cause }, error.message);
        else if (EXPECTED_FAULTS.has(errorCode)) log.info(entry, error.message);
        else log.warn(entry, error.message);
      },
    });
    const handler = createSoapHandler(endpoint, {
      maxRequestBytes: settings['soap.maxRequestBytes'],
      maxCalls: settings['soap.maxCalls'],
      codings: settings['soap.xpress'] === 'off' ? ['gzip'] : ['xpress', 'gzip'],
      xpressMode: settings['soap.xpress'] === 'whole' ? 'whole' : 'spliced',
      contentBase: (request) => settings['content.baseUrl'] || base.content(request),
      ownBase: (request) => base.own(request),
      counts: figures.requests,
    });
    figures.addCache('requests', settings['memory.requestCacheBytes'], () => endpoint.memoryBytes);
    // The published description names another path than the one clients post to; both lead here.
    for (const path of [service.path, service.wsdlPath ?? service.path])
      routes.set(path.toLowerCase(), { service: service.name, handler });
  }
  return routes;
}

import type { IncomingMessage } from 'node:http';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { createContentHandler } from '../content/content-handler.ts';
import { openFolderContentStore } from '../content/folder-content-store.ts';
import type { FaultCode } from '../errors/catalogue.ts';
import { OakumError } from '../errors/oakum-error.ts';
import { clientService } from '../protocol/wusp/client.ts';
import { reportingService } from '../protocol/wusp/reporting.ts';
import { simpleAuthService } from '../protocol/wusp/simple-auth.ts';
import { clientOperations } from '../services/client/client-operations.ts';
import { reportingOperations } from '../services/reporting/reporting-operations.ts';
import { PassageMemory } from '../services/passage-memory.ts';
import type { Call, ServiceContext } from '../services/service-context.ts';
import { simpleAuthOperations } from '../services/simple-auth/simple-auth-operations.ts';
import { SoapEndpoint, type AnyOperationHandler } from '../soap/endpoint.ts';
import type { ServiceDeclaration } from '../soap/service.ts';
import { StoredComputerRegistry } from '../store/computer-registry.ts';
import { createEventJournal } from '../store/event-journal.ts';
import { createMetadataSource } from '../store/metadata-source.ts';
import { openStore, type Store } from '../store/open-store.ts';
import { databasePath } from '../store/connect.ts';
import { ThreadSnapshotSource } from '../store/snapshot-source.ts';
import { Writer } from '../store/writer.ts';
import { noteConfiguration } from '../store/server-state.ts';
import { DEFAULT_XML_LIMITS } from '../xml/limits.ts';
import { Generation } from './generation.ts';
import { startHousekeeper } from './housekeeper.ts';
import { openHttpListener, type RequestHandler } from './http-listener.ts';
import { KeyFile } from './key-file.ts';
import type { Logger } from './logger.ts';
import { requestBase } from './request-base.ts';
import { answerSelfUpdate, isSelfUpdatePath } from './self-update.ts';
import type { Settings } from './settings.ts';
import { createSoapHandler } from './soap-handler.ts';

export interface ServerOptions {
  readonly dataFolder: string;
  readonly settings: Settings;
  readonly log: Logger;
  readonly now: () => number;
}

export interface RunningServer {
  readonly url: string;
  close(): Promise<void>;
}

/** Changes of other processes are noticed within this time; the promise to administrators is two seconds. */
const REFRESH_MS = 500;

/** Puts a server together and starts it. */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const { dataFolder, settings, log, now } = options;
  await using closing = new AsyncDisposableStack();
  const snapshots = new ThreadSnapshotSource(databasePath(dataFolder));
  snapshots.prepare();
  const store = await openStore({ dataFolder, now }).catch(async (error: unknown) => {
    await snapshots.close();
    throw error;
  });
  closing.defer(() => store.close());
  // Closed before the store: only a connection that writes can put the log away when it is the last one.
  closing.defer(() => snapshots.close());
  await store.db
    .transaction()
    .execute((tx) => noteConfiguration(tx, configurationFingerprint(settings), now()));
  const keys = new KeyFile(dataFolder, now());
  const content = await openFolderContentStore(join(dataFolder, 'content'));
  const writer = new Writer({ dataFolder, onFailure: logFailure(log) });
  closing.defer(() => writer.close());
  const registry = new StoredComputerRegistry(
    { reader: store.reader, writer },
    {
      now,
      targeting: settings['clients.targeting'],
      groups: () => generation.catalog.snapshot.groups,
      onFailure: logFailure(log),
    },
  );
  closing.defer(() => registry.close());
  const generation = await Generation.load(store, snapshots, {
    onFleetChange: () => registry.forget(),
    onCatalog: ({ snapshot }) =>
      log.info({ change: snapshot.change, revisions: snapshot.revisionIds.length }, 'catalogue loaded'),
  });
  const context = serviceContext(options, store, { keys, writer, registry, generation });
  const routes = soapRoutes(options, context);
  const contentHandler = createContentHandler(content, {
    onFailure: (error) => log.error({ code: error.code, err: error.cause ?? error }, error.message),
  });
  const listener = await openHttpListener({
    listen: settings.listen,
    requestTimeoutMs: settings['http.requestTimeoutSeconds'] * 1000,
    keepAliveMs: settings['http.keepAliveSeconds'] * 1000,
    log,
    route: (path) => {
      if (path.startsWith('/content/')) return contentHandler;
      return isSelfUpdatePath(path)
        ? (request, response) => answerSelfUpdate(dataFolder, path, request, response)
        : routes.get(path);
    },
  });
  closing.defer(
    keepRefreshing(async () => {
      await generation.refreshState();
      keys.refresh(now(), settings['cookies.keyRotationDays']);
    }, log),
  );
  // By itself: a large catalogue may take seconds to read, and a computer that moved must not wait for it.
  closing.defer(keepRefreshing(() => generation.refreshCatalog(), log));
  closing.defer(startHousekeeper({ dataFolder, settings, db: store.db, log, now }));
  closing.defer(() => listener.close());
  const stack = closing.move();
  return {
    url: `http://${listener.host.includes(':') ? `[${listener.host}]` : listener.host}:${listener.port}`,
    close: () => stack.disposeAsync(),
  };
}

/** Something went wrong behind the scenes, and nobody can be told but the administrator. */
function logFailure(log: Logger): (error: unknown) => void {
  return (error) => {
    if (error instanceof OakumError)
      log.error({ code: error.code, err: error.cause ?? error }, error.message);
    else log.error({ err: error }, 'something could not be stored');
  };
}

interface Parts {
  readonly keys: KeyFile;
  readonly writer: Writer;
  readonly registry: StoredComputerRegistry;
  readonly generation: Generation;
}

function serviceContext(options: ServerOptions, store: Store, parts: Parts): ServiceContext {
  const { settings, now } = options;
  return {
    keys: () => parts.keys.ring,
    server: () => parts.generation.server,
    catalog: () => parts.generation.catalog,
    metadata: createMetadataSource(store.reader, settings['memory.fragmentCacheBytes']),
    passages: new PassageMemory(settings['memory.answerCacheBytes'], logFailure(options.log)),
    computers: parts.registry,
    events: createEventJournal(parts.writer, now),
    settings: {
      cookieLifetimeMs: settings['cookies.lifetimeMinutes'] * 60_000,
      registrationRequired: settings['clients.registrationRequired'],
      maxExtendedUpdatesPerRequest: settings['sync.maxExtendedUpdates'],
      packageServerShare: packageServerShare(settings),
      page: { updates: settings['sync.pageUpdates'], bytes: settings['sync.pageBytes'] },
      fileBase: settings['content.baseUrl'],
    },
    now,
  };
}

/** Steps of the protocol rather than mistakes: each new computer, and each one every hour, meets some of them. */
const EXPECTED_FAULTS: ReadonlySet<FaultCode> = new Set<FaultCode>([
  'ConfigChanged',
  'CookieExpired',
  'FileLocationChanged',
  'RegistrationRequired',
]);

function soapRoutes(options: ServerOptions, context: ServiceContext): Map<string, RequestHandler> {
  const { settings, log } = options;
  const services: readonly (readonly [ServiceDeclaration, AnyOperationHandler<Call>[]])[] = [
    [simpleAuthService, simpleAuthOperations(context)],
    [clientService, clientOperations(context)],
    [reportingService, reportingOperations(context)],
  ];
  const routes = new Map<string, RequestHandler>();
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
      onFault: ({ id, errorCode, operation, error }) => {
        const entry = { fault: id, errorCode, code: error.code, operation, parameter: error.parameter };
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
      contentBase: (request: IncomingMessage) => settings['content.baseUrl'] || requestBase(request),
      ownBase: requestBase,
    });
    // The published description names another path than the one clients post to; both lead here.
    for (const path of [service.path, service.wsdlPath ?? service.path])
      routes.set(path.toLowerCase(), handler);
  }
  return routes;
}

/** Equal exactly while GetConfig says the same; clients are told ConfigChanged when it moves. */
function configurationFingerprint(settings: Settings): string {
  return JSON.stringify([
    settings['clients.registrationRequired'],
    settings['sync.maxExtendedUpdates'],
    packageServerShare(settings),
  ]);
}

function packageServerShare(settings: Settings): string {
  return settings['clients.packageServerShare'] || `\\\\${hostname()}\\UpdateServicesPackages`;
}

/** Runs a task again and again, one at a time; the returned function stops it and waits for the last run. */
function keepRefreshing(task: () => Promise<void>, log: Logger): () => Promise<void> {
  let running: Promise<void> = Promise.resolve();
  let busy = false;
  const timer = setInterval(() => {
    if (busy) return;
    busy = true;
    running = task()
      // The last good generation goes on serving.
      .catch((error: unknown) => log.error({ err: error }, 'the store could not be read again'))
      .finally(() => (busy = false));
  }, REFRESH_MS);
  timer.unref();
  return async () => {
    clearInterval(timer);
    await running;
  };
}

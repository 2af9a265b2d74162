import { hostname } from 'node:os';
import { join } from 'node:path';
import { createContentHandler } from '../content/content-handler.ts';
import { openFolderContentStore } from '../content/folder-content-store.ts';
import { OakumError } from '../errors/oakum-error.ts';
import { clientService } from '../protocol/wusp/client.ts';
import { reportingService } from '../protocol/wusp/reporting.ts';
import { simpleAuthService } from '../protocol/wusp/simple-auth.ts';
import { PassageMemory } from '../services/passage-memory.ts';
import type { ServiceContext } from '../services/service-context.ts';
import { StoredComputerRegistry } from '../store/computer-registry.ts';
import { createEventJournal } from '../store/event-journal.ts';
import { createMetadataSource } from '../store/metadata-source.ts';
import { openStore, type Store } from '../store/open-store.ts';
import { databasePath } from '../store/connect.ts';
import { ThreadSnapshotSource } from '../store/snapshot-source.ts';
import { Writer } from '../store/writer.ts';
import { noteConfiguration } from '../store/server-state.ts';
import { Generation } from './generation.ts';
import { Readiness } from './health/readiness.ts';
import { startHousekeeper } from './housekeeper.ts';
import { routedPath, type RequestHandler } from './http-listener.ts';
import { KeyFile } from './key-file.ts';
import { needsTls, openListeners, type ServerUrls } from './listeners.ts';
import type { Logger } from './logger.ts';
import { ServerFigures } from './metrics/server-figures.ts';
import { healthRoutes, openMonitorListener } from './monitor-listener.ts';
import { ProcessMonitor } from './monitor.ts';
import { openRequestBase } from './open-request-base.ts';
import { startNotifier } from './notifier.ts';
import { requestId } from './request-id.ts';
import { answerSelfUpdate, isSelfUpdatePath } from './self-update.ts';
import type { Settings } from './settings.ts';
import { soapRoutes } from './soap-routes.ts';
import { TlsSource } from './tls/tls-source.ts';
import { isWorker } from './worker-pool.ts';
import { answerQuestions } from './worker-questions.ts';

export interface ServerOptions {
  readonly dataFolder: string;
  readonly settings: Settings;
  readonly log: Logger;
  readonly now: () => number;
}

export interface RunningServer {
  /** Where clients connect: over plain HTTP if that is possible, else over TLS. */
  readonly url: string;
  readonly urls: ServerUrls;
  /** Where /metrics is, if the settings ask for it. */
  readonly monitorUrl?: string;
  /** Looks at the certificate files now instead of within seconds. Never rejects. */
  checkCertificates(): Promise<void>;
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
  const figures = new ServerFigures([simpleAuthService, clientService, reportingService], now);
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
    onCatalog: ({ snapshot }, loadMs) => {
      figures.catalogueLoaded(snapshot, loadMs);
      log.info({ change: snapshot.change, revisions: snapshot.revisionIds.length }, 'catalogue loaded');
    },
  });
  const context = serviceContext(options, store, { keys, writer, registry, generation, figures });
  const tls = needsTls(settings) ? await TlsSource.open(options) : undefined;
  closing.defer(() => tls?.close());
  const base = openRequestBase(settings, log, tls);
  const monitor = new ProcessMonitor({
    process: {
      ...{ requests: figures.requests, scans: figures.scans, events: figures.events, writer },
      ...{ catalogue: () => figures.catalogue, caches: () => figures.caches() },
    },
    store: { db: store.db, dataFolder, now },
    readiness: new Readiness({
      ...{ dataFolder, writer, now, minFreeBytes: settings['disk.minFreeBytes'] },
      hasCatalogue: () => generation.catalog !== undefined,
    }),
    onFailure: logFailure(log),
  });
  const soap = soapRoutes(options, context, base, figures);
  const health = healthRoutes(monitor);
  const contentHandler = figures.countContent(
    createContentHandler(content, {
      onFailure: (error, request) => {
        const entry = { request: requestId(request), code: error.code };
        log.error({ ...entry, err: error.cause ?? error }, error.message);
      },
    }),
  );
  const contentRoute = (path: string): RequestHandler | undefined => {
    if (path.startsWith('/content/')) return contentHandler;
    return isSelfUpdatePath(path)
      ? (request, response) => answerSelfUpdate(dataFolder, path, request, response)
      : undefined;
  };
  const listeners = await openListeners({
    settings,
    log,
    tls,
    clients: (path) => contentRoute(path) ?? soap.get(path)?.handler ?? health.get(path),
    content: contentRoute,
    onRefusal: (error, request) =>
      figures.refused(error, request, soap.get(routedPath(request.url ?? '/'))?.service),
  });
  const { urls } = listeners;
  if (urls.content !== undefined) base.contentIsAt(new URL(urls.content));
  closing.defer(
    keepRefreshing(async () => {
      await generation.refreshState();
      keys.refresh(now(), settings['cookies.keyRotationDays']);
    }, log),
  );
  // By itself: a large catalogue may take seconds to read, and a computer that moved must not wait for it.
  closing.defer(keepRefreshing(() => generation.refreshCatalog(), log));
  closing.defer(startHousekeeper({ dataFolder, settings, db: store.db, log, now }));
  closing.defer(startNotifier({ dataFolder, settings, db: store.db, log, now }));
  closing.defer(() => listeners.close());
  if (isWorker()) {
    answerQuestions({
      metrics: ({ withStore }) => monitor.collect(withStore),
      readiness: () => monitor.readiness(),
    });
  }
  const monitoring = isWorker() ? undefined : await openMonitorListener({ settings, log, tls, monitor });
  closing.defer(() => monitoring?.close());
  const stack = closing.move();
  return {
    url: urls.clients ?? urls.clientsTls!,
    urls,
    ...(monitoring !== undefined && { monitorUrl: monitoring.url }),
    checkCertificates: () => tls?.check() ?? Promise.resolve(),
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
  readonly figures: ServerFigures;
  readonly keys: KeyFile;
  readonly writer: Writer;
  readonly registry: StoredComputerRegistry;
  readonly generation: Generation;
}

function serviceContext(options: ServerOptions, store: Store, parts: Parts): ServiceContext {
  const { settings, now } = options;
  const { figures } = parts;
  const metadata = createMetadataSource(store.reader, settings['memory.fragmentCacheBytes']);
  const passages = new PassageMemory(settings['memory.answerCacheBytes'], logFailure(options.log));
  figures.addCache('fragments', settings['memory.fragmentCacheBytes'], () => metadata.cachedBytes());
  figures.addCache('answers', settings['memory.answerCacheBytes'], () => passages.bytes);
  return {
    keys: () => parts.keys.ring,
    server: () => parts.generation.server,
    catalog: () => parts.generation.catalog,
    metadata,
    passages,
    computers: parts.registry,
    events: figures.events.watch(createEventJournal(parts.writer, now), now),
    scans: figures.scans,
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

import { on } from 'node:events';
import { createServer as createTlsServer } from 'node:https';
import { parentPort, workerData } from 'node:worker_threads';
import type { FastifyInstance, FastifyServerOptions } from 'fastify';
import { ensureFirstAdministrator } from '../admin/identity/links.ts';
import { OidcProvider } from '../admin/identity/oidc-provider.ts';
import { createRestApp } from '../api/http/rest-app.ts';
import { setupAddress } from '../api/setup-address.ts';
import { OakumError } from '../errors/oakum-error.ts';
import { asOakumError } from '../soap/endpoint.ts';
import { openStore } from '../store/open-store.ts';
import { adminAddress, isAdminSecure } from './admin-address.ts';
import { parseListen } from './http-listener.ts';
import { openHouse } from './house.ts';
import { JobRunner } from './job-runner.ts';
import { createLogger } from './logger.ts';
import { oidcOptionsOf } from './oidc-settings.ts';
import type { ResolvedSettings } from './resolve-settings.ts';
import type { Settings } from './settings.ts';
import { TlsSource, type ListenerTls } from './tls/tls-source.ts';

/** What the thread is given. */
export interface AdminThreadData extends ResolvedSettings {
  readonly dataFolder: string;
}

/** The first thing it tells: where it listens, or why it cannot. */
export type AdminMessage =
  | { readonly ready: { readonly url: string; readonly setupUrl?: string } }
  | { readonly failure: { readonly code: string; readonly detail: string } };

const CLOSE_GRACE_MS = 5_000;

const tell = (message: AdminMessage): void => {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
  parentPort?.postMessage(message);
};

try {
  await serve(workerData as AdminThreadData);
} catch (caught) {
  const { code, detail, message } = asOakumError(caught);
  tell({ failure: { code, detail: detail ?? message } });
}

async function serve({ dataFolder, settings, sources }: AdminThreadData): Promise<void> {
  await using closing = new AsyncDisposableStack();
  const log = createLogger(settings['log.level']);
  const now = Date.now;
  const store = await openStore({ dataFolder, now });
  closing.defer(() => store.close());
  const runner = new JobRunner({ dataFolder, settings, sources, db: store.db, log, now });
  closing.defer(() => runner.close());
  const house = openHouse({
    dataFolder,
    store,
    settings: () => ({ settings, sources }),
    onJobWaiting: () => runner.look(),
  });
  const { host, port } = parseListen(settings['admin.listen']);
  const secure = isAdminSecure(settings);
  const tls = secure ? await TlsSource.open({ dataFolder, settings, log, now }) : undefined;
  closing.defer(() => tls?.close());
  let url = '';
  const oidc = oidcOptionsOf(settings, dataFolder);
  const app = await createRestApp({
    db: store.db,
    house,
    log,
    now,
    // Browsers may speak TLS to a proxy, which speaks without to the loopback address.
    secure: secure || settings['admin.url'].startsWith('https:'),
    ...proxiesOf(settings),
    publicUrl: () => settings['admin.url'] || url,
    oidc: oidc === undefined ? undefined : new OidcProvider(oidc),
    maxUploadBytes: settings['admin.maxUploadBytes'],
    minFreeBytes: settings['disk.minFreeBytes'],
    ...(tls !== undefined && { serverFactory: tlsServer(tls.listener({ asksClients: false })) }),
  });
  // Both at once: jobs must not have to wait for whoever sends a file.
  closing.defer(async () => void (await Promise.all([close(app), runner.close()])));
  url = await listen(app, { host, port, secure });
  // A usual port is not written: then it is the one of the settings.
  const publicAddress = adminAddress(settings, Number(new URL(url).port) || undefined);
  const link = await ensureFirstAdministrator(store.db, now());
  tell({
    ready: { url, ...(link !== undefined && { setupUrl: setupAddress(publicAddress, link.secret) }) },
  });
  for await (const [order] of on(parentPort!, 'message')) {
    if (order === 'stop') return;
    await tls?.check();
  }
}

function proxiesOf(settings: Settings): { readonly trustedProxies?: readonly string[] } {
  const proxies = settings['admin.trustedProxies'].split(/[\s,]+/).filter((one) => one !== '');
  return proxies.length === 0 ? {} : { trustedProxies: proxies };
}

/** Lets answers under way finish, within bounds. */
async function close(app: FastifyInstance): Promise<void> {
  const giveUp = setTimeout(() => app.server.closeAllConnections(), CLOSE_GRACE_MS);
  await app.close();
  clearTimeout(giveUp);
}

function tlsServer(tls: ListenerTls): FastifyServerOptions['serverFactory'] {
  return (handler) => {
    const server = createTlsServer(tls.options, handler);
    const unfollow = tls.follow(server);
    server.once('close', unfollow);
    return server;
  };
}

async function listen(
  app: FastifyInstance,
  { host, port, secure }: { readonly host: string; readonly port: number; readonly secure: boolean },
): Promise<string> {
  try {
    await app.listen({ host, port });
  } catch (cause) {
    throw new OakumError('OAK_LISTEN', {
      detail: `Administration at ${host}:${port}: ${(cause as Error).message}.`,
      cause,
    });
  }
  const address = app.server.address();
  const bound = typeof address === 'object' && address !== null ? address.port : port;
  const name = host.includes(':') ? `[${host}]` : host;
  return `${secure ? 'https' : 'http'}://${name}:${bound}`;
}

import { OakumError } from '../errors/oakum-error.ts';
import {
  openHttpListener,
  parseListen,
  type HttpListener,
  type HttpListenerOptions,
} from './http-listener.ts';
import { isLoopback } from './is-loopback.ts';
import type { Logger } from './logger.ts';
import type { Settings } from './settings.ts';
import type { TlsSource } from './tls/tls-source.ts';

type Route = HttpListenerOptions['route'];

/** Where a server serves clients: each listener that there is. */
export interface ServerUrls {
  readonly clients?: string;
  readonly clientsTls?: string;
  readonly content?: string;
}

export interface ListenersOptions {
  readonly settings: Settings;
  readonly log: Logger;
  /** Opened when {@link needsTls} says so. */
  readonly tls: TlsSource | undefined;
  readonly clients: Route;
  readonly content: Route;
  readonly onRefusal?: HttpListenerOptions['onRefusal'];
}

export interface Listeners {
  readonly urls: ServerUrls;
  /** Stops accepting on all of them at once, and lets answers under way finish. */
  close(): Promise<void>;
}

const DEFAULT_HOST = '0.0.0.0';
/** The ports of WSUS, plain and with TLS. */
const TLS_PORTS: ReadonlyMap<number, number> = new Map([
  [8530, 8531],
  [80, 443],
]);

/**
 * Where clients are served over TLS; undefined: nowhere. The setting `auto` follows WSUS, where the two ports belong
 * together, and leaves whoever chose another port to choose both.
 *
 * @throws OakumError OAK_LISTEN when `listen` is no address
 */
export function tlsListenOf(settings: Pick<Settings, 'listen' | 'tls.listen'>): string | undefined {
  const { listen, 'tls.listen': tlsListen } = settings;
  if (tlsListen !== 'auto') return tlsListen || undefined;
  if (listen === '') return `${DEFAULT_HOST}:8531`;
  const { host, port } = parseListen(listen);
  const tlsPort = TLS_PORTS.get(port);
  return tlsPort === undefined ? undefined : `${host.includes(':') ? `[${host}]` : host}:${tlsPort}`;
}

/** Whether a listener for clients, content or monitoring speaks TLS. */
export function needsTls(settings: Settings): boolean {
  return (
    tlsListenOf(settings) !== undefined ||
    (settings['content.listen'] !== '' && settings['content.tls']) ||
    (settings['metrics.listen'] !== '' && settings['metrics.tls'])
  );
}

/**
 * Opens the listeners that the settings ask for: clients over plain HTTP, clients over TLS, content. Clients find
 * content on theirs, too: they were told so before there was another.
 *
 * @throws OakumError OAK_LISTEN, OAK_SETTING_INVALID when there is none for clients
 */
export async function openListeners(options: ListenersOptions): Promise<Listeners> {
  const { settings, tls, log } = options;
  await using opened = new AsyncDisposableStack();
  const open = async (listen: string, route: Route, secure?: { readonly asksClients: boolean }) => {
    const listener = await openHttpListener({
      listen,
      requestTimeoutMs: settings['http.requestTimeoutSeconds'] * 1000,
      keepAliveMs: settings['http.keepAliveSeconds'] * 1000,
      log,
      route,
      ...(options.onRefusal && { onRefusal: options.onRefusal }),
      ...(secure !== undefined && tls !== undefined && { tls: tls.listener(secure) }),
    });
    opened.defer(() => listener.close());
    return listener;
  };
  const tlsListen = tlsListenOf(settings);
  if (settings.listen === '' && tlsListen === undefined) {
    throw new OakumError('OAK_SETTING_INVALID', {
      detail: '"listen" and "tls.listen" are both empty: no client could connect.',
    });
  }
  const listeners: HttpListener[] = [];
  const urls: { -readonly [K in keyof ServerUrls]: ServerUrls[K] } = {};
  const add = (name: keyof ServerUrls, listener: HttpListener): void => {
    listeners.push(listener);
    urls[name] = listener.url;
  };
  // One after the other and always in this order: processes that share port 0 find theirs by counting.
  if (settings.listen !== '') add('clients', await open(settings.listen, options.clients));
  if (tlsListen !== undefined)
    add('clientsTls', await open(tlsListen, options.clients, { asksClients: true }));
  const { 'content.listen': contentListen, 'content.tls': contentTls } = settings;
  if (contentListen !== '') {
    const secure = contentTls ? { asksClients: false } : undefined;
    add('content', await open(contentListen, options.content, secure));
  }
  warnAboutPlainHttp(urls, settings, log);
  opened.move();
  return {
    urls,
    close: async () => {
      await Promise.all(listeners.map((listener) => listener.close()));
    },
  };
}

function warnAboutPlainHttp({ clients }: ServerUrls, settings: Settings, log: Logger): void {
  if (clients === undefined || isLoopback(parseListen(settings.listen).host)) return;
  const { summary, cure } = new OakumError('OAK_HTTP_PLAIN').definition;
  log.warn({ code: 'OAK_HTTP_PLAIN', url: clients }, `${summary} ${cure}`);
  if (settings['tls.clientCertificates'] === 'require') {
    const message = 'Whoever has no client certificate connects over plain HTTP instead: set "listen" to "".';
    log.warn({ code: 'OAK_HTTP_PLAIN', url: clients }, message);
  }
}

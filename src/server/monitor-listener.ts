import type { IncomingMessage, ServerResponse } from 'node:http';
import { OakumError } from '../errors/oakum-error.ts';
import { openHttpListener, type HttpListener, type RequestHandler } from './http-listener.ts';
import type { Logger } from './logger.ts';
import type { Monitor } from './monitor.ts';
import type { Settings } from './settings.ts';
import type { TlsSource } from './tls/tls-source.ts';

export interface MonitorListenerOptions {
  readonly settings: Settings;
  readonly log: Logger;
  readonly tls: TlsSource | undefined;
  readonly monitor: Monitor;
}

const METRICS_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

/**
 * Opens the listener for monitoring, if the settings ask for one.
 *
 * @throws OakumError OAK_LISTEN
 */
export async function openMonitorListener(
  options: MonitorListenerOptions,
): Promise<HttpListener | undefined> {
  const { settings, log, tls, monitor } = options;
  if (settings['metrics.listen'] === '') return undefined;
  const routes = monitorRoutes(monitor);
  const secure = settings['metrics.tls'] && tls !== undefined;
  return openHttpListener({
    listen: settings['metrics.listen'],
    requestTimeoutMs: settings['http.requestTimeoutSeconds'] * 1000,
    keepAliveMs: settings['http.keepAliveSeconds'] * 1000,
    log,
    route: (path) => routes.get(path),
    ...(secure && { tls: tls.listener({ asksClients: false }) }),
  });
}

/** What the listener for monitoring answers, by path. */
function monitorRoutes(monitor: Monitor): ReadonlyMap<string, RequestHandler> {
  return new Map<string, RequestHandler>([
    [
      '/metrics',
      async (request, response) => {
        requireReading(request);
        answer(request, response, 200, METRICS_TYPE, await monitor.metrics());
      },
    ],
    ['/healthz', alive],
    [
      '/readyz',
      async (request, response) => {
        requireReading(request);
        const missing = await monitor.readiness();
        const body = `${JSON.stringify({ ready: missing.length === 0, missing })}\n`;
        answer(request, response, missing.length === 0 ? 200 : 503, 'application/json', body);
      },
    ],
  ]);
}

/** The same for the port of clients, where balancers look: who asks there learns nothing of the inside. */
export function healthRoutes(monitor: Pick<Monitor, 'readiness'>): ReadonlyMap<string, RequestHandler> {
  return new Map<string, RequestHandler>([
    ['/healthz', alive],
    [
      '/readyz',
      async (request, response) => {
        requireReading(request);
        const ready = (await monitor.readiness()).length === 0;
        answer(request, response, ready ? 200 : 503, 'text/plain', ready ? 'ok\n' : 'not ready\n');
      },
    ],
  ]);
}

/** Answers as long as the process lives and its event loop turns. */
const alive: RequestHandler = async (request, response) => {
  requireReading(request);
  answer(request, response, 200, 'text/plain', 'ok\n');
};

function requireReading({ method }: IncomingMessage): void {
  if (method !== 'GET' && method !== 'HEAD') throw new OakumError('OAK_HTTP_METHOD', { detail: 'Use GET.' });
}

function answer(
  request: IncomingMessage,
  response: ServerResponse,
  status: number,
  type: string,
  body: string,
): void {
  const bytes = Buffer.from(body);
  response.writeHead(status, {
    'Content-Type': type,
    'Content-Length': bytes.length,
    'Cache-Control': 'no-store',
  });
  response.end(request.method === 'HEAD' ? undefined : bytes);
}

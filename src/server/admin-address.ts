import { hostname } from 'node:os';
import { parseListen } from './http-listener.ts';
import { isLoopback } from './is-loopback.ts';
import type { Settings } from './settings.ts';

const EVERY_ADDRESS: ReadonlySet<string> = new Set(['0.0.0.0', '::']);

/** Whether the administration speaks TLS itself. */
export function isAdminSecure(settings: Settings): boolean {
  const tls = settings['admin.tls'];
  return tls === 'on' || (tls === 'auto' && !isLoopback(parseListen(settings['admin.listen']).host));
}

/**
 * Where people find the administration in a browser: at `admin.url`, or else where it listens, by the name of this
 * server when that is every address.
 *
 * @param boundPort the port in fact, where the settings leave it to the system
 */
export function adminAddress(settings: Settings, boundPort?: number): string {
  if (settings['admin.url'] !== '') return settings['admin.url'];
  const { host, port } = parseListen(settings['admin.listen']);
  const name = EVERY_ADDRESS.has(host) ? settings['server.names'].split(',')[0].trim() || hostname() : host;
  const written = name.includes(':') ? `[${name}]` : name;
  return `${isAdminSecure(settings) ? 'https' : 'http'}://${written}:${boundPort ?? port}`;
}

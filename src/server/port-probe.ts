import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { createServer } from 'node:net';
import type { PortState } from '../admin/doctor/check.ts';
import { parseListen } from './http-listener.ts';

const PATIENCE_MS = 3_000;
const MOST_BYTES = 4_096;
/** Every listener of ours answers so: alive, or an error with a code. */
const OWN_ANSWER = /^ok\n$|OAK_/;

/**
 * Finds out who listens on an address, and whether this account could. Tried for a moment only when nobody is there.
 *
 * @throws OakumError OAK_LISTEN when it is no address
 */
export async function probePort(listen: string, tls: boolean): Promise<PortState> {
  const { host, port } = parseListen(listen);
  if (port === 0) return { kind: 'free' };
  const answer = await ask(reachable(host), port, tls);
  if (answer !== undefined) return { kind: OWN_ANSWER.test(answer) ? 'oakum' : 'other' };
  const server = createServer();
  try {
    server.listen(port, host);
    await once(server, 'listening');
    return { kind: 'free' };
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    return code === 'EADDRINUSE' ? { kind: 'other' } : { kind: 'unusable', reason: message };
  } finally {
    server.close();
  }
}

/** Where a listener on all addresses can be found. */
function reachable(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1';
  return host === '::' ? '::1' : host;
}

/** The beginning of what is answered there; undefined when nobody answers. */
async function ask(host: string, port: number, tls: boolean): Promise<string | undefined> {
  const options = { host, port, path: '/healthz', timeout: PATIENCE_MS, agent: false };
  // The certificate is looked at elsewhere.
  const request = tls ? httpsRequest({ ...options, rejectUnauthorized: false }) : httpRequest(options);
  request.on('timeout', () => request.destroy());
  request.end();
  try {
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    let text = '';
    for await (const chunk of response as AsyncIterable<Buffer>) {
      text += chunk.toString('latin1');
      if (text.length > MOST_BYTES) break;
    }
    return text;
  } catch {
    return undefined;
  } finally {
    request.destroy();
  }
}

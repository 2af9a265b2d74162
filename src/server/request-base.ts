import type { IncomingMessage } from 'node:http';
import { isIP, SocketAddress } from 'node:net';
import type { TLSSocket } from 'node:tls';

// A host name or address, with an optional port: nothing that could break out of a URL.
const HOST = /^([a-z0-9_](?:[a-z0-9._-]{0,253}[a-z0-9_])?|\[[0-9a-f:.]{2,45}\])(:\d{1,5})?$/i;
/** A fleet calls its server by a few names; whoever invents more gets each looked at. */
const REMEMBERED = 256;

/** A listener that content is fetched from, if that is another one than where clients ask. */
export interface ContentListener {
  /** `http:` or `https:` */
  readonly protocol: string;
  readonly port: string;
}

export interface RequestBaseOptions {
  /** Names and addresses of this server; the first stands in for names that are none. */
  readonly names: readonly string[];
  /** Whether the first name was chosen by the administrator, and is one that clients can reach. */
  readonly firstIsChosen: boolean;
  /** Told each time a request names a host that is none of this server's. */
  readonly onForeignHost?: (host: string) => void;
}

/**
 * What addresses in answers begin with: scheme, host and port as the caller addressed this server, if its Host is
 * one of this server's own names. Another one is not repeated, whoever sent it: behind a cache or a proxy it would
 * send others elsewhere. In its place stands the name the administrator chose, else the address the connection came
 * in on, which is the caller's own word in the sense that it got through to it.
 */
export class RequestBase {
  readonly #options: RequestBaseOptions;
  readonly #names: Set<string>;
  /** Host fields that were seen to be good, as they were sent. */
  readonly #known = new Set<string>();
  #content: ContentListener | undefined;

  constructor(options: RequestBaseOptions) {
    this.#options = options;
    this.#names = new Set(options.names.map((name) => name.toLowerCase()));
  }

  /** Adds names that turned out to be this server's, for example those in its certificate. */
  add(names: readonly string[]): void {
    for (const name of names) this.#names.add(name.toLowerCase());
  }

  /** Lets files be fetched from a listener of their own. */
  contentIsAt(content: ContentListener): void {
    this.#content = content;
  }

  /** `http://host:port` or `https://host:port` for the descriptions of services and for actors in faults. */
  own(request: IncomingMessage): string {
    return `${schemeOf(request)}://${this.#host(request)}`;
  }

  /** What the addresses of files begin with. */
  content(request: IncomingMessage): string {
    if (this.#content === undefined) return this.own(request);
    const { protocol, port } = this.#content;
    return `${protocol}//${this.#host(request).replace(/:\d{1,5}$/, '')}:${port}`;
  }

  #host(request: IncomingMessage): string {
    const { host } = request.headers;
    if (host !== undefined && this.#isOwn(host, request)) return host;
    const { localAddress = '127.0.0.1', localPort } = request.socket;
    const { names, firstIsChosen } = this.#options;
    return `${bracketed(firstIsChosen ? names[0] : plain(localAddress))}:${localPort}`;
  }

  #isOwn(host: string, request: IncomingMessage): boolean {
    if (this.#known.has(host)) return true;
    const name = HOST.exec(host)?.[1]
      .toLowerCase()
      .replace(/^\[|\]$/g, '');
    if (name === undefined) return false;
    if (this.#names.has(name)) {
      if (this.#known.size < REMEMBERED) this.#known.add(host);
      return true;
    }
    if (isIP(name) !== 0 && plain(name) === plain(request.socket.localAddress ?? '')) return true;
    this.#options.onForeignHost?.(name);
    return false;
  }
}

function schemeOf(request: IncomingMessage): 'http' | 'https' {
  return (request.socket as TLSSocket).encrypted ? 'https' : 'http';
}

/** An address in its one form; a listener for both families sees IPv4 as a part of IPv6. */
function plain(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped !== undefined) return mapped;
  return isIP(address) === 6 ? new SocketAddress({ address, family: 'ipv6' }).address : address;
}

function bracketed(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}

import { lookup } from 'node:dns/promises';
import { BlockList, isIP } from 'node:net';

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet('127.0.0.0', 8, 'ipv4');
LOOPBACK.addAddress('::1', 'ipv6');

/** Addresses a name stands for. */
export type Resolve = (name: string) => Promise<readonly string[]>;

/** A server that must not be loaded, or an address that is none. */
export class LoadTargetError extends Error {}

/**
 * The server to put load on. Unless somebody says that a remote one is theirs, it must be this machine: a
 * loopback address in digits, or `localhost` where every address it resolves to is one. The name is
 * resolved once and replaced by the address, so that nothing can point it elsewhere during the run; other
 * names are refused without being looked up.
 *
 * @throws LoadTargetError
 */
export async function loadTarget(
  server: string,
  remoteIsMine: boolean,
  resolve: Resolve = resolveByMachine,
): Promise<URL> {
  const url = parseServer(server);
  if (remoteIsMine) return url;
  const address = url.hostname.replace(/^\[|\]$/g, '');
  if (isIP(address) !== 0) {
    if (!isLoopback(address)) throw refused(url.hostname);
    return url;
  }
  if (address !== 'localhost') throw refused(url.hostname);
  const addresses = await resolve(address);
  const strange = addresses.find((one) => !isLoopback(one));
  if (strange !== undefined || addresses.length === 0) {
    throw refused(`localhost, which stands for ${strange ?? 'nothing'} here,`);
  }
  // Where there are both, servers that listen on one of them only mostly listen on the older one.
  const chosen = addresses.find((one) => isIP(one) === 4) ?? addresses[0];
  url.hostname = isIP(chosen) === 6 ? `[${chosen}]` : chosen;
  return url;
}

function parseServer(server: string): URL {
  const url = URL.canParse(server) ? new URL(server) : undefined;
  if (url === undefined || url.protocol !== 'http:') {
    throw new LoadTargetError(`"${server}" is no http address such as http://127.0.0.1:8530`);
  }
  if (url.pathname !== '/' || url.search !== '' || url.hash !== '' || url.username !== '') {
    throw new LoadTargetError(`"${server}" has more than a host and a port`);
  }
  return url;
}

function isLoopback(address: string): boolean {
  return LOOPBACK.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
}

function refused(what: string): LoadTargetError {
  return new LoadTargetError(
    `${what} is not a loopback address of this machine; load is refused. ` +
      'Say --remote-target-is-mine if the server is yours to load.',
  );
}

async function resolveByMachine(name: string): Promise<string[]> {
  const found = await lookup(name, { all: true });
  return found.map(({ address }) => address);
}

import { readFileSync } from 'node:fs';
import { hostname, networkInterfaces } from 'node:os';
import { isIP } from 'node:net';
import { OakumError } from '../errors/oakum-error.ts';

/** What a computer knows about its own name. */
export interface HostFacts {
  readonly hostName: string;
  /** Domains that short names are looked up in. */
  readonly domains: readonly string[];
  /** Addresses that others can reach, without link-local ones. */
  readonly addresses: readonly string[];
}

/** Letters, digits, hyphens and underscores between dots: what Windows lets a computer be called. */
const HOST_NAME =
  /^(?=.{1,253}$)[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)*$/;
/** More addresses than this are those of containers and tunnels. */
const MOST_ADDRESSES = 32;

/**
 * The names and addresses in the setting `server.names`, in lower case, in their order.
 *
 * @throws OakumError OAK_SETTING_INVALID
 */
export function parseNames(setting: string): string[] {
  const names = setting
    .toLowerCase()
    .split(/[\s,]+/)
    .filter((name) => name !== '');
  for (const name of names) {
    if (isIP(name) !== 0 || HOST_NAME.test(name)) continue;
    throw new OakumError('OAK_SETTING_INVALID', {
      detail: `"server.names" lists "${name.slice(0, 80)}"; expected host names and addresses, without scheme and port.`,
    });
  }
  return [...new Set(names)];
}

/**
 * Every name this server may be called by: those of the setting first, then what the computer says of itself, its
 * full name before the short one.
 *
 * @throws OakumError OAK_SETTING_INVALID
 */
export function ownNames(setting: string, facts: HostFacts = hostFacts()): string[] {
  const short = facts.hostName.toLowerCase();
  const full = short.includes('.') ? [] : facts.domains.map((domain) => `${short}.${domain}`);
  const first = short.split('.', 1)[0] ?? '';
  const hostNames = [...full, short, first, 'localhost'].filter((name) => HOST_NAME.test(name));
  const addresses = [...facts.addresses.slice(0, MOST_ADDRESSES), '127.0.0.1', '::1'];
  return [...new Set([...parseNames(setting), ...hostNames, ...addresses])];
}

/** Asks the operating system. Nothing is asked over the network: a start must not hang on a name server. */
export function hostFacts(resolverFile = '/etc/resolv.conf'): HostFacts {
  const interfaces = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  return {
    hostName: hostname(),
    domains: searchDomains(readIfThere(resolverFile), process.env.USERDNSDOMAIN),
    addresses: interfaces
      .filter(
        (one) => !one.internal && !/^fe[89ab]/i.test(one.address) && !one.address.startsWith('169.254.'),
      )
      .map((one) => one.address),
  };
}

/** The domains in resolv.conf(5), and the one a Windows computer is a member of. */
export function searchDomains(resolver: string, windowsDomain = ''): string[] {
  const lines = [...resolver.matchAll(/^[ \t]*(?:search|domain)[ \t]+(.*)$/gm)].map((match) => match[1]);
  const domains = [windowsDomain, ...lines.join(' ').split(/\s+/)].map((one) =>
    one.toLowerCase().replace(/\.$/, ''),
  );
  return [...new Set(domains.filter((one) => HOST_NAME.test(one)))].slice(0, 6);
}

function readIfThere(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

import { lookup as resolveName } from 'node:dns';
import { BlockList, isIP, type LookupFunction } from 'node:net';
import { OakumError } from '../../errors/oakum-error.ts';

/**
 * Never a receiver of webhooks: no host has them, or only the machine itself does, or they give out the secrets of
 * machines in a cloud. Private networks are no such place: there the receivers of an update server stand.
 */
const NEVER = new BlockList();
for (const [network, bits] of [
  ['0.0.0.0', 8],
  // Link-local; metadata services.
  ['169.254.0.0', 16],
  ['192.0.0.0', 24],
  ['100.100.100.200', 32],
  ['168.63.129.16', 32],
  // Multicast, reserved, broadcast.
  ['224.0.0.0', 3],
] as const)
  NEVER.addSubnet(network, bits, 'ipv4');
for (const [network, bits] of [
  ['::', 128],
  ['fe80::', 10],
  ['fec0::', 10],
  ['ff00::', 8],
  // A metadata service.
  ['fd00:ec2::254', 128],
] as const)
  NEVER.addSubnet(network, bits, 'ipv6');

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet('127.0.0.0', 8, 'ipv4');
LOOPBACK.addAddress('::1', 'ipv6');

/** Prefixes in which an address of version 4 is carried, and at which of the 16-bit groups it begins. */
const CARRIERS = [
  ['::ffff:0:0', 96, 6],
  ['::', 96, 6],
  ['64:ff9b::', 96, 6],
  ['64:ff9b:1::', 48, 6],
  ['2002::', 16, 1],
] as const;

/** Whether webhooks may go to an IP address. Addresses that carry another one are judged by that one, too. */
export function isAllowedAddress(address: string, allowLoopback: boolean): boolean {
  const bare = address.replace(/%.*$/, '');
  const version = isIP(bare);
  if (version === 0) return false;
  const family = version === 4 ? 'ipv4' : 'ipv6';
  if (NEVER.check(bare, family)) return false;
  if (LOOPBACK.check(bare, family)) return allowLoopback;
  const carried = version === 6 ? carriedAddress(bare) : undefined;
  return carried === undefined || isAllowedAddress(carried, allowLoopback);
}

function carriedAddress(address: string): string | undefined {
  for (const [prefix, bits, group] of CARRIERS) {
    const carrier = new BlockList();
    carrier.addSubnet(prefix, bits, 'ipv6');
    if (!carrier.check(address, 'ipv6')) continue;
    const [high, low] = groupsOf(address).slice(group, group + 2);
    return [high >> 8, high & 0xff, low >> 8, low & 0xff].join('.');
  }
  return undefined;
}

/** The eight 16-bit groups of an address; URLs know how to write one in hexadecimal groups only. */
function groupsOf(address: string): number[] {
  const [head, tail] = new URL(`http://[${address}]`).hostname.slice(1, -1).split('::');
  const groups = (text: string | undefined): number[] =>
    text === undefined || text === '' ? [] : text.split(':').map((one) => Number.parseInt(one, 16));
  const [before, behind] = [groups(head), groups(tail)];
  return [...before, ...Array.from({ length: 8 - before.length - behind.length }, () => 0), ...behind];
}

/**
 * The address of a webhook.
 *
 * @throws OakumError OAK_WEBHOOK_ADDRESS when nothing is ever sent there. What a name stands for is looked at when
 *   something is sent, each time
 */
export function webhookAddress(text: string): URL {
  const refuse = (why: string): OakumError =>
    new OakumError('OAK_WEBHOOK_ADDRESS', { detail: `"${shownAddress(text)}": ${why}.` });
  const url = URL.parse(text.trim());
  if (url === null || url.href.length > 2000) throw refuse('it is no address');
  if (url.protocol !== 'https:' && url.protocol !== 'http:') throw refuse('it is neither http nor https');
  if (url.username !== '' || url.password !== '') throw refuse('it carries a name or password');
  const literal = hostOf(url);
  if (isIP(literal) !== 0 && !isAllowedAddress(literal, true)) throw refuse('it is no address of a receiver');
  return url;
}

/** The host of a URL as the network knows it: an address of version 6 without its brackets. */
export function hostOf(url: URL): string {
  return url.hostname.replace(/^\[(.*)\]$/, '$1');
}

/** Longer parts of a path are keys in many chat programs. */
const LONGEST_SHOWN = 24;

/** The address of a webhook without what may be secret in it. */
export function shownAddress(text: string): string {
  const url = URL.parse(text.trim());
  if (url === null) return '(no address)';
  const path = url.pathname
    .split('/')
    .map((part) => (part.length >= LONGEST_SHOWN ? '…' : part))
    .join('/');
  return `${url.protocol}//${url.host}${path}${url.search === '' ? '' : '?…'}`;
}

/**
 * Resolves names for a connection, and gives only addresses that are allowed: those are the ones connected to, so
 * that a name cannot stand for one address while it is checked and for another one afterwards.
 */
export function allowedLookup(
  allowLoopback: boolean,
  resolve: typeof resolveName = resolveName,
): LookupFunction {
  return (hostname, options, callback) => {
    resolve(hostname, { ...options, all: true }, (error, addresses) => {
      if (error !== null) return callback(error, '', 0);
      const allowed = addresses.filter((one) => isAllowedAddress(one.address, allowLoopback));
      if (allowed.length === 0)
        return callback(new OakumError('OAK_WEBHOOK_ADDRESS', { detail: `"${hostname}".` }), '', 0);
      if (options.all === true) callback(null, allowed);
      else callback(null, allowed[0].address, allowed[0].family);
    });
  };
}

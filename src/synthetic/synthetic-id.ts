import { mix32 } from './random.ts';

/** Of every synthetic update. */
export const PUBLISHER_ID = '80d4785c-9e90-4532-ab04-632e1db34be0';

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

/**
 * The UpdateID of a document by its place in the catalogue. Computed whenever it is mentioned, so that a
 * million of them need not be remembered. Different places have different ids: the first group of digits
 * is a permutation of the place.
 */
export function syntheticId(seed: number, index: number): string {
  const lane = (number: number): number => mix32(mix32(seed + Math.imul(number, 0x9e37_79b9)) ^ index);
  const [first, second, third, fourth] = [lane(1), lane(2), lane(3), lane(4)];
  // A random GUID says so in two places (RFC 9562, 5.4).
  const version = (second & 0xffff_0fff) | 0x4000;
  const variant = (third & 0x3fff_ffff) | 0x8000_0000;
  return `${hex(first)}-${hex16(version >>> 16)}-${hex16(version)}-${hex16(variant >>> 16)}-${hex16(variant)}${hex(fourth)}`;
}

function hex(value: number): string {
  return hex16(value >>> 16) + hex16(value);
}

function hex16(value: number): string {
  return HEX[(value >>> 8) & 0xff] + HEX[value & 0xff];
}

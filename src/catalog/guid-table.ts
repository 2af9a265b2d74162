import type { Guid } from '../soap/simple-type.ts';
import { sharedInts } from './growing-array.ts';

/**
 * GUIDs by a small number and numbers by GUID: 16 bytes for each and an open-addressing hash table, instead
 * of a million strings in a Map. Plain data, so that threads can share it.
 */
export interface GuidTable {
  /** Four words for each number. */
  readonly words: Int32Array;
  /** 1 for each number that has a GUID. */
  readonly known: Uint8Array;
  /** A power of two of them: number + 1, or 0 where nothing is. */
  readonly slots: Int32Array;
}

const PARSED = new Int32Array(4);
/** Values of the characters 0-9, a-f and A-F; 255 for all others. */
const DIGITS = Uint8Array.from({ length: 128 }, (_, code) => {
  const value = Number.parseInt(String.fromCharCode(code), 16);
  return Number.isNaN(value) ? 255 : value;
});
/** Where the 32 digits of a GUID with hyphens stand. */
const POSITIONS = Uint8Array.from(
  'xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx'.matchAll(/x/g),
  (match) => match.index,
);

/** Reads a GUID with hyphens into four words; false if it is none. */
export function parseGuidWords(text: string, into: Int32Array, at: number): boolean {
  if (text.length !== 36) return false;
  let invalid = 0;
  for (let word = 0, digit = 0; word < 4; word++) {
    let bits = 0;
    for (let count = 0; count < 8; count++, digit++) {
      const value = DIGITS[text.charCodeAt(POSITIONS[digit])] ?? 255;
      invalid |= value;
      bits = (bits << 4) | value;
    }
    into[at + word] = bits;
  }
  return (invalid & 0xf0) === 0;
}

/** Puts the hash table beside the GUIDs. */
export function buildGuidTable(words: Int32Array, known: Uint8Array): GuidTable {
  const count = known.length;
  let size = 16;
  while (size < count * 2) size *= 2;
  const slots = sharedInts(size);
  for (let number = 0; number < count; number++) {
    if (known[number] === 0) continue;
    let slot = hash(words, number * 4) & (size - 1);
    while (slots[slot] !== 0) slot = (slot + 1) & (size - 1);
    slots[slot] = number + 1;
  }
  return { words, known, slots };
}

/** The number of a GUID, or undefined. */
export function findGuid({ words, slots }: GuidTable, guid: Guid): number | undefined {
  if (!parseGuidWords(guid, PARSED, 0)) return undefined;
  const [a, b, c, d] = PARSED;
  const mask = slots.length - 1;
  for (let slot = hash(PARSED, 0) & mask; ; slot = (slot + 1) & mask) {
    const number = slots[slot] - 1;
    if (number < 0) return undefined;
    const at = number * 4;
    if (words[at] === a && words[at + 1] === b && words[at + 2] === c && words[at + 3] === d) return number;
  }
}

/** The GUID of a number, or undefined. */
export function guidAt({ words, known }: GuidTable, number: number): Guid | undefined {
  if (known[number] !== 1) return undefined;
  let hex = '';
  for (let at = number * 4; at < number * 4 + 4; at++) hex += (words[at] >>> 0).toString(16).padStart(8, '0');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-') as Guid;
}

function hash(words: Int32Array, at: number): number {
  let bits = Math.imul(words[at] ^ Math.imul(words[at + 1], 0x85ebca6b), 0xc2b2ae35);
  bits ^= Math.imul(words[at + 2] ^ Math.imul(words[at + 3], 0x27d4eb2f), 0x165667b1);
  bits = Math.imul(bits ^ (bits >>> 15), 0x2c1b3c6d);
  return bits ^ (bits >>> 13);
}

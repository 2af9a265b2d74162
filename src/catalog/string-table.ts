import { Buffer } from 'node:buffer';
import { GrowingArray } from './growing-array.ts';

/** Strings as their UTF-16 units one after the other, so that threads can share them. */
export interface StringTable {
  /** String `i` is `units[starts[i], starts[i + 1])`. */
  readonly starts: Int32Array;
  readonly units: Uint16Array;
}

/** Collects strings, each once. What was built before stays valid. */
export class StringTableBuilder {
  readonly #starts = new GrowingArray(Int32Array);
  readonly #units = new GrowingArray(Uint16Array);
  readonly #indices = new Map<string, number>();

  constructor() {
    this.#starts.push(0);
  }

  /** The index of a string. */
  intern(text: string): number {
    const known = this.#indices.get(text);
    if (known !== undefined) return known;
    const index = this.#indices.size;
    this.#indices.set(text, index);
    for (let at = 0; at < text.length; at++) this.#units.push(text.charCodeAt(at));
    this.#starts.push(this.#units.length);
    return index;
  }

  build(): StringTable {
    return { starts: this.#starts.view(), units: this.#units.view() };
  }
}

export function stringAt({ starts, units }: StringTable, index: number): string {
  const from = starts[index];
  const bytes = (starts[index + 1] - from) * 2;
  return Buffer.from(units.buffer, units.byteOffset + from * 2, bytes).toString('utf16le');
}

/** Whether a string of the table is this one; costs nothing but comparing. */
export function stringEquals({ starts, units }: StringTable, index: number, text: string): boolean {
  const from = starts[index];
  if (starts[index + 1] - from !== text.length) return false;
  for (let at = 0; at < text.length; at++) if (units[from + at] !== text.charCodeAt(at)) return false;
  return true;
}

export function hashString(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return hash ^ (hash >>> 15);
}

import type { Guid } from '../soap/simple-type.ts';
import type { DriverRow } from './catalog-rows.ts';
import type { DriverEntry } from './driver-entry.ts';
import { isPrinterClass } from './driver-match.ts';
import { GrowingArray, sharedInts } from './growing-array.ts';
import { groupPairs, type Lists } from './lists.ts';
import { hashString, stringAt, stringEquals, StringTableBuilder, type StringTable } from './string-table.ts';

/**
 * The Driver Table ([MS-WUSP] 3.1.1) as plain data that threads share: struct of arrays, one place for
 * each driver and hardware id, ascending by ordinal. Texts are indices into `strings`.
 */
export interface DriverTable {
  readonly ordinals: Int32Array;
  readonly verDateMs: Float64Array;
  readonly verVersions: BigUint64Array;
  readonly whqlDriverIds: Float64Array;
  /** TEXTS of them for each entry. */
  readonly texts: Int32Array;
  readonly strings: StringTable;
  /** Lower-case hardware ids, as indices into `strings`, and the entries of each. */
  readonly ids: Int32Array;
  readonly byId: Lists;
  /** Open addressing, a power of two: index into `ids` + 1, or 0. */
  readonly slots: Int32Array;
  /** Entries of printer drivers. */
  readonly printers: Int32Array;
}

/** hardwareId, driverClass, company, provider, manufacturer, model, and as JSON scores, distribution, targets. */
const TEXTS = 9;

/** Collects drivers. What was built before stays valid. */
export class DriverTableBuilder {
  readonly #ordinals = new GrowingArray(Int32Array);
  readonly #verDateMs = new GrowingArray(Float64Array);
  readonly #verVersions = new GrowingArray(BigUint64Array);
  readonly #whqlDriverIds = new GrowingArray(Float64Array);
  readonly #texts = new GrowingArray(Int32Array);
  readonly #strings = new StringTableBuilder();
  /** By string index of a lower-case hardware id: its index. */
  readonly #idIndices = new Map<number, number>();
  readonly #ids = new GrowingArray(Int32Array);
  readonly #entryIds = new GrowingArray(Int32Array);
  readonly #printers = new GrowingArray(Int32Array);

  add(ordinal: number, row: DriverRow): void {
    const entry = this.#ordinals.length;
    this.#ordinals.push(ordinal);
    this.#verDateMs.push(row.verDateMs);
    this.#verVersions.push(row.verVersion);
    this.#whqlDriverIds.push(row.whqlDriverId);
    const { hardwareId, driverClass, company, provider, manufacturer, model } = row;
    for (const text of [hardwareId, driverClass, company, provider, manufacturer, model]) this.#text(text);
    this.#text(JSON.stringify(row.featureScores));
    this.#text(JSON.stringify(row.distributionComputerHardwareIds));
    this.#text(JSON.stringify(row.targetComputerHardwareIds));
    this.#entryIds.push(this.#idOf(hardwareId.toLowerCase()));
    if (isPrinterClass(driverClass)) this.#printers.push(entry);
  }

  build(): DriverTable {
    const strings = this.#strings.build();
    const ids = this.#ids.view();
    const entryIds = this.#entryIds.view();
    const tell = (pair: (key: number, value: number) => void): void => {
      for (let entry = 0; entry < entryIds.length; entry++) pair(entryIds[entry], entry);
    };
    return {
      ordinals: this.#ordinals.view(),
      verDateMs: this.#verDateMs.view(),
      verVersions: this.#verVersions.view(),
      whqlDriverIds: this.#whqlDriverIds.view(),
      texts: this.#texts.view(),
      strings,
      ids,
      byId: groupPairs(ids.length, tell, true),
      slots: hashSlots(strings, ids),
      printers: this.#printers.view(),
    };
  }

  #text(text: string): void {
    this.#texts.push(this.#strings.intern(text));
  }

  #idOf(lowerCase: string): number {
    const text = this.#strings.intern(lowerCase);
    const known = this.#idIndices.get(text);
    if (known !== undefined) return known;
    const index = this.#ids.length;
    this.#idIndices.set(text, index);
    this.#ids.push(text);
    return index;
  }
}

function hashSlots(strings: StringTable, ids: Int32Array): Int32Array {
  let size = 16;
  while (size < ids.length * 2) size *= 2;
  const slots = sharedInts(size);
  for (let index = 0; index < ids.length; index++) {
    let slot = hashString(stringAt(strings, ids[index])) & (size - 1);
    while (slots[slot] !== 0) slot = (slot + 1) & (size - 1);
    slots[slot] = index + 1;
  }
  return slots;
}

/**
 * The drivers for a hardware id in lower case, in the order of their import. Hundreds may share one, of
 * which a computer is offered few: only those that are wanted are made into entries.
 */
export function driversFor(
  table: DriverTable,
  hardwareId: string,
  isWanted: (ordinal: number) => boolean = () => true,
): DriverEntry[] {
  const { slots, ids, strings, byId, ordinals } = table;
  const mask = slots.length - 1;
  for (let slot = hashString(hardwareId) & mask; slots[slot] !== 0; slot = (slot + 1) & mask) {
    const index = slots[slot] - 1;
    if (!stringEquals(strings, ids[index], hardwareId)) continue;
    const entries: DriverEntry[] = [];
    const end = byId.starts[index + 1];
    for (let at = byId.starts[index]; at < end; at++) {
      const entry = byId.values[at];
      if (isWanted(ordinals[entry])) entries.push(entryAt(table, entry));
    }
    return entries;
  }
  return [];
}

/** The hardware ids a printer driver prints with; none for any other revision. */
export function printerIds({ printers, ordinals, texts, strings }: DriverTable, ordinal: number): string[] {
  let low = 0;
  let high = printers.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (ordinals[printers[middle]] < ordinal) low = middle + 1;
    else high = middle;
  }
  const found: string[] = [];
  for (; low < printers.length && ordinals[printers[low]] === ordinal; low++) {
    found.push(stringAt(strings, texts[printers[low] * TEXTS]));
  }
  return found;
}

function entryAt(table: DriverTable, entry: number): DriverEntry {
  const text = (index: number): string => stringAt(table.strings, table.texts[entry * TEXTS + index]);
  return {
    ordinal: table.ordinals[entry],
    hardwareId: text(0),
    verDateMs: table.verDateMs[entry],
    verVersion: table.verVersions[entry],
    whqlDriverId: table.whqlDriverIds[entry],
    driverClass: text(1),
    company: text(2),
    provider: text(3),
    manufacturer: text(4),
    model: text(5),
    featureScores: JSON.parse(text(6)) as Record<string, number>,
    distributionComputerHardwareIds: JSON.parse(text(7)) as Guid[],
    targetComputerHardwareIds: JSON.parse(text(8)) as Guid[],
  };
}

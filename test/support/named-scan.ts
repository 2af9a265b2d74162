import { scanDrivers, scanPrinterDrivers, type DriverAnswer } from '../../src/catalog/drivers.ts';
import type { ComputerSpec, DeviceSpec } from '../../src/catalog/driver-match.ts';
import type { PageLimits } from '../../src/catalog/page.ts';
import { scan, watermarkKey, type ScanAnswer, type Watermark } from '../../src/catalog/scan.ts';
import { isLeaf } from '../../src/catalog/snapshot.ts';
import type { NamedCatalog } from './catalog-builder.ts';
import { computer } from './driver-builder.ts';

type Names = readonly (string | number)[];

/** What a client says, by names. Everything left out is empty; a number is an id that means nothing here. */
export interface Said {
  readonly installed?: Names;
  readonly cached?: Names;
  /** Names of categories. */
  readonly filter?: readonly string[];
  readonly twoGroups?: boolean;
  /** The client was told everything up to this change, for its groups and filter unless others are said. */
  readonly told?: number;
  readonly toldGroups?: readonly string[];
  readonly toldFilter?: readonly string[];
  readonly groups?: readonly string[];
  readonly page?: Partial<PageLimits>;
}

/** An answer by names, ids in the order they were listed. */
export interface NamedAnswer {
  /** In the order of their declaration. */
  readonly new: readonly string[];
  /** The same in the order they are sent. */
  readonly sent: readonly string[];
  readonly changed: readonly string[];
  readonly outOfScope: readonly string[];
  readonly deployedOutOfScope: readonly string[];
  readonly truncated: boolean;
}

export const NO_LIMITS: PageLimits = { updates: Number.MAX_SAFE_INTEGER, bytes: Number.MAX_SAFE_INTEGER };

/** The software pass. */
export function ask(shop: NamedCatalog, said: Said = {}): NamedAnswer {
  return named(shop, scan(shop.catalog, question(shop, said)));
}

export interface NamedDriverAnswer extends NamedAnswer {
  /** Hardware ids by driver. */
  readonly matched: Readonly<Record<string, readonly string[]>>;
}

/** The driver pass. */
export function askForDrivers(
  shop: NamedCatalog,
  devices: readonly DeviceSpec[],
  said: Said = {},
  spec: ComputerSpec = computer(),
): NamedDriverAnswer {
  return withMatches(shop, scanDrivers(shop.catalog, question(shop, said), devices, spec));
}

export function askForPrinters(shop: NamedCatalog, said: Said = {}): NamedDriverAnswer {
  return withMatches(shop, scanPrinterDrivers(shop.catalog, question(shop, said)));
}

function question(shop: NamedCatalog, said: Said) {
  const groups = said.groups ?? [];
  const filter = (said.filter ?? []).map((name) => shop.updateId(name));
  return {
    installed: shop.ids(said.installed ?? []),
    cached: shop.ids(said.cached ?? []),
    filter,
    twoGroups: said.twoGroups ?? false,
    watermark: watermark(shop, said),
    audience: shop.audience(...groups),
    page: { ...NO_LIMITS, ...said.page },
  };
}

function watermark(shop: NamedCatalog, said: Said): Watermark {
  if (said.told === undefined) return { change: 0, key: '' };
  const audience = shop.audience(...(said.toldGroups ?? said.groups ?? []));
  const filter = (said.toldFilter ?? said.filter ?? []).map((name) => shop.updateId(name));
  return { change: said.told, key: watermarkKey(audience, filter) };
}

function named(shop: NamedCatalog, answer: ScanAnswer): NamedAnswer {
  const name = (ordinal: number): string => shop.name(ordinal);
  const nameOfId = (id: number): string => shop.nameOfId(id);
  return {
    new: answer.newUpdates.toSorted((one, other) => one - other).map(name),
    sent: answer.newUpdates.map(name),
    changed: answer.changedUpdates.map(name),
    outOfScope: answer.outOfScopeIds.map(nameOfId),
    deployedOutOfScope: answer.deployedOutOfScopeIds.map(nameOfId),
    truncated: answer.truncated,
  };
}

function withMatches(shop: NamedCatalog, { hardwareIds, ...answer }: DriverAnswer): NamedDriverAnswer {
  const matched = Object.fromEntries([...hardwareIds].map(([ordinal, ids]) => [shop.name(ordinal), ids]));
  return { ...named(shop, answer), matched };
}

/**
 * What a client receives, round by round, from an empty cache to the end of its loop ([MS-WUSP]
 * 2.2.2.2.4: again while truncated, or while something new is no leaf).
 *
 * @param has names of the updates that it finds installed on its machine
 */
export function rounds(
  shop: NamedCatalog,
  has: readonly string[],
  said: Omit<Said, 'installed' | 'cached'> = {},
): readonly (readonly string[])[] {
  const all: (readonly string[])[] = [];
  const cache: string[] = [];
  const installed = (name: string): boolean =>
    has.includes(name) && !isLeaf(shop.snapshot, shop.ordinal(name));
  for (;;) {
    const answer = ask(shop, {
      ...said,
      installed: cache.filter(installed),
      cached: cache.filter((name) => !installed(name)),
    });
    all.push(answer.new);
    cache.push(...answer.new);
    const grown = answer.new.some((name) => !isLeaf(shop.snapshot, shop.ordinal(name)));
    if (!answer.truncated && !grown) return all;
    if (all.length > 10_000) throw new Error('the loop of the client does not end');
  }
}

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  catalog,
  classification,
  detectoid,
  driver,
  product,
  software,
  type NamedCatalog,
  type RevisionDeclaration,
} from '../../test/support/catalog-builder.ts';
import { computer, device } from '../../test/support/driver-builder.ts';
import { countedReads } from '../../test/support/counted-reads.ts';
import { Catalog } from './catalog.ts';
import type { DeviceSpec } from './driver-match.ts';
import { scanDrivers, scanPrinterDrivers } from './drivers.ts';
import { scan, type ScanQuestion } from './scan.ts';
import { ordinalOfIdentity } from './snapshot.ts';

const GROWTH = 40;

/** A catalogue of which a client has Windows with 50 updates; the rest shares nothing but a classification. */
function shopWith(others: number): NamedCatalog {
  const repeat = (count: number, prefix: string, one: (index: number) => RevisionDeclaration) =>
    Object.fromEntries(Array.from({ length: count }, (_, index) => [`${prefix}${index}`, one(index)]));
  return catalog({
    Security: classification(),
    Windows: product(),
    Server: product(),
    Desktop: detectoid({ in: ['Windows'] }),
    ...repeat(50, 'Fix', () => software({ in: ['Security', 'Windows'], needs: ['Desktop'] })),
    ...repeat(others, 'Other', () => software({ in: ['Security', 'Server'] })),
    ...repeat(others / 10, 'Driver', (index) =>
      driver({ id: `PCI\\${index}` }, { in: ['Security', 'Server'] }),
    ),
    ...repeat(others / 10, 'Printer', () =>
      driver({ id: 'LPT', class: 'Printer' }, { in: ['Security', 'Server'] }),
    ),
    Revised: [software(), software(), software()],
  });
}

const shops = [shopWith(100), shopWith(100 * GROWTH)];

/** How often each question reads the catalogue, the small one and the large one. */
function costs(ask: (catalog: Catalog, shop: NamedCatalog, question: ScanQuestion) => unknown): number[] {
  return shops.map((shop) => {
    const { data, reads } = countedReads(shop.snapshot);
    const counted = new Catalog(data);
    const question: ScanQuestion = {
      installed: shop.ids(['Security', 'Windows', 'Desktop']),
      cached: shop.ids(['Server', 'Fix1', 'Fix2', 'Fix3', 'Other7']),
      filter: [],
      twoGroups: true,
      watermark: { change: 0, key: '' },
      audience: counted.audience([]),
      page: { updates: 30, bytes: 1_000_000 },
    };
    const before = reads();
    ask(counted, shop, question);
    return reads() - before;
  });
}

describe(`in a catalogue ${GROWTH} times as large, of which a client needs no more,`, () => {
  const sentences: readonly [sentence: string, ask: Parameters<typeof costs>[0]][] = [
    ['a scan', (shop, _named, question) => scan(shop, question)],
    [
      'the first scan limited to a category',
      (shop, named, question) => scan(shop, { ...question, filter: [named.updateId('Windows')] }),
    ],
    [
      'a driver pass',
      (shop, _named, question) => scanDrivers(shop, question, [device(['PCI\\1', 'LPT'])], computer()),
    ],
    ['the printer catalogue', (shop, _named, question) => scanPrinterDrivers(shop, question)],
    [
      'the search for an older revision',
      (shop, named) => ordinalOfIdentity(shop.snapshot, named.updateId('Revised'), 1),
    ],
    [
      'the search for a revision that is not there',
      (shop, named) => ordinalOfIdentity(shop.snapshot, named.updateId('Revised'), 9),
    ],
  ];
  for (const [sentence, ask] of sentences) {
    test(`${sentence} reads about as much`, () => {
      const [small, large] = costs(ask);
      assert.ok(small > 0);
      // Ids are found by halving, so a little more it is.
      assert.ok(large <= 2 * small, `${large} reads instead of ${small}`);
    });
  }
});

describe('the devices of a computer', () => {
  const vendors = Array.from({ length: 100 }, (_, index) => `Vendor ${index}`);
  const shop = catalog(
    Object.fromEntries(
      vendors.map((provider) => [provider, driver({ id: 'LPT', class: 'Printer', provider })]),
    ),
  );
  const sentences: readonly [sentence: string, one: DeviceSpec][] = [
    ['of one kind', device(['LPT'])],
    [
      'that keep to one vendor',
      device(['LPT'], { has: { by: 'LPT', class: 'Printer', provider: 'Vendor 7' } }),
    ],
  ];
  for (const [sentence, one] of sentences) {
    test(`${sentence} cost the same, be it one or a hundred`, () => {
      const [single, hundred] = [1, 100].map((count) => {
        const { data, reads } = countedReads(shop.snapshot);
        const counted = new Catalog(data);
        const before = reads();
        scanDrivers(
          counted,
          {
            installed: new Int32Array(0),
            cached: new Int32Array(0),
            filter: [],
            watermark: { change: 0, key: '' },
            audience: counted.audience([]),
            page: { updates: 30, bytes: 1_000_000 },
          },
          Array.from({ length: count }, () => one),
          computer(),
        );
        return reads() - before;
      });
      assert.equal(hundred, single);
    });
  }
});

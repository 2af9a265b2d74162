import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import * as fc from 'fast-check';
import { build, type DeclaredCatalog } from '../../test/support/catalog-arbitrary.ts';
import { driver, type NamedCatalog } from '../../test/support/catalog-builder.ts';
import { computer, device, type DriverDeclaration } from '../../test/support/driver-builder.ts';
import { NO_LIMITS } from '../../test/support/named-scan.ts';
import type { DriverMetadata } from '../metadata/driver-metadata.ts';
import type { Guid } from '../soap/simple-type.ts';
import type { ComputerSpec, DeviceSpec, InstalledDriverSpec } from './driver-match.ts';
import { scanDrivers, type DriverAnswer } from './drivers.ts';

/** A driver, offered or installed, as the five rules of [MS-WUSP] 3.1.5.7 look at it. */
interface Match {
  /** The id of the computer that it is targeted at, if it is. */
  readonly computerHardwareId: Guid | undefined;
  readonly featureScore: number;
  readonly deviceId: string | undefined;
  readonly date: number;
  readonly version: bigint;
}

/** "one of the two is a better match for a device ... if one of the following rules applies" */
function isBetter(one: Match, other: Match, onto: DeviceSpec, spec: ComputerSpec): boolean {
  const ids = [...onto.hardwareIds, ...onto.compatibleIds].map((id) => id.toLowerCase());
  const listedEarlier = <T>(list: readonly T[], a: T | undefined, b: T | undefined): boolean =>
    a !== undefined &&
    list.includes(a) &&
    (b === undefined || !list.includes(b) || list.indexOf(a) < list.indexOf(b));
  const sameComputers =
    !listedEarlier(spec.computerHardwareIds, one.computerHardwareId, other.computerHardwareId) &&
    !listedEarlier(spec.computerHardwareIds, other.computerHardwareId, one.computerHardwareId);
  const sameScores = sameComputers && one.featureScore === other.featureScore;
  const sameIds =
    sameScores &&
    !listedEarlier(ids, one.deviceId, other.deviceId) &&
    !listedEarlier(ids, other.deviceId, one.deviceId);
  const sameDates = sameIds && one.date === other.date;
  return (
    // "targeted to a more specific Computer HardwareId match ... listed earlier"
    listedEarlier(spec.computerHardwareIds, one.computerHardwareId, other.computerHardwareId) ||
    // "Both ... are the same specificity, but it has a better feature score"
    (sameComputers && one.featureScore < other.featureScore) ||
    // "matches on a device HardwareID or CompatibleID that is listed earlier"
    (sameScores && listedEarlier(ids, one.deviceId, other.deviceId)) ||
    // "a more recent DriverVerDate"
    (sameIds && one.date > other.date) ||
    // "a higher DriverVerVersion"
    (sameDates && one.version > other.version)
  );
}

interface Offer extends Match {
  readonly ordinal: number;
  readonly hardwareId: string;
}

/** Every way in which a driver of the catalogue fits a device. */
function offersFor(shop: NamedCatalog, onto: DeviceSpec, spec: ComputerSpec): Offer[] {
  const ids = new Set([...onto.hardwareIds, ...onto.compatibleIds].map((id) => id.toLowerCase()));
  return [...shop.rows.drivers].flatMap((row): Offer[] => {
    const deviceId = row.hardwareId.toLowerCase();
    const targets = [row.targetComputerHardwareIds, row.distributionComputerHardwareIds];
    const fitting = targets.map((ids_) => spec.computerHardwareIds.find((id) => ids_.includes(id)));
    const forOthers = targets.some((ids_, index) => ids_.length > 0 && fitting[index] === undefined);
    if (!ids.has(deviceId) || forOthers || !vendorFits(row, onto.installedDriver)) return [];
    return [
      {
        ordinal: shop.snapshot.revisionIds.indexOf(row.revisionId),
        hardwareId: row.hardwareId,
        computerHardwareId: spec.computerHardwareIds.find((id) => fitting.includes(id)),
        featureScore:
          new Map(Object.entries(row.featureScores)).get(spec.featureScoreKey.toLowerCase()) ?? 255,
        deviceId,
        date: row.verDateMs,
        version: row.verVersion,
      },
    ];
  });
}

function vendorFits(offer: DriverMetadata, has: InstalledDriverSpec | undefined): boolean {
  if (has === undefined || has.driverClass !== 'Printer' || has.skipProviderFiltering) return true;
  return offer.provider === has.provider && offer.manufacturer === has.manufacturer;
}

function matchOf(has: InstalledDriverSpec): Match {
  return {
    computerHardwareId: has.matchingComputerHardwareId,
    featureScore:
      has.rank === -1
        ? 255
        : Number.parseInt(BigInt.asUintN(32, BigInt(has.rank)).toString(16).padStart(8, '0').slice(2, 4), 16),
    deviceId: has.matchingId?.toLowerCase(),
    date: has.verDateMs,
    version: has.verVersion,
  };
}

// Few values of everything, so that ties are the rule.
const idOf = (index: number): string => `Id\\${index}`;
const hardwareId = fc.nat(4).map(idOf);
const day = fc.integer({ min: 1, max: 3 }).map((date) => `2026-01-0${date}`);
const version = fc.constantFrom('1.0.0.0', '1.0.0.1', '2.0.0.0');
const models = fc.oneof(
  { weight: 3, arbitrary: fc.constant<number[]>([]) },
  { weight: 1, arbitrary: fc.array(fc.nat(3), { maxLength: 2 }) },
);
const vendor = fc.constantFrom('A', 'B');
const entry: fc.Arbitrary<DriverDeclaration> = fc.record({
  id: hardwareId,
  date: day,
  version,
  whql: fc.nat(3),
  provider: vendor,
  manufacturer: vendor,
  scores: fc.dictionary(fc.constantFrom('amd64.10.0', 'x86.6.1'), fc.constantFrom(0, 1, 254, 255)),
  models,
  servedTo: models,
});
const devices = fc.array(
  fc
    .record({
      hardwareIds: fc.array(hardwareId, { maxLength: 4 }),
      compatible: fc.array(hardwareId, { maxLength: 3 }),
      has: fc.option(
        fc.record({
          by: hardwareId,
          date: day,
          version,
          class: fc.constantFrom('Net', 'Printer'),
          provider: vendor,
          manufacturer: vendor,
          model: fc.option(fc.nat(4), { nil: undefined }),
          rank: fc.constantFrom(-1, 0, 0x00_01_ff_ff, 0x7f_fe_00_00, 0x00_ff_00_00, 0x80_01_00_00 - 2 ** 32),
          anyVendor: fc.boolean(),
        }),
        { nil: undefined },
      ),
    })
    .map(({ hardwareIds, ...rest }) => device(hardwareIds, rest)),
  { minLength: 1, maxLength: 4 },
);
const specs = fc
  .record({
    models: fc.uniqueArray(fc.nat(3), { maxLength: 3 }),
    key: fc.constantFrom('AMD64.10.0', 'x86.6.1', ''),
  })
  .map(({ models: list, key }) => computer(list, key));
const catalogs = fc
  .record({
    drivers: fc.array(fc.array(entry, { minLength: 1, maxLength: 3 }), { maxLength: 25, size: 'max' }),
    approved: fc.array(fc.nat(24)),
  })
  .map(({ drivers, approved }): DeclaredCatalog => ({
    declarations: drivers.map((entries, index) => [`D${index}`, driver(entries)]),
    options: {
      approvals: Object.fromEntries(
        approved
          .filter((index) => index < drivers.length)
          .map((index) => [`D${index}`, { Everyone: 'Install' }]),
      ),
    },
  }));

function ask(
  shop: NamedCatalog,
  onto: readonly DeviceSpec[],
  spec: ComputerSpec,
  groups: readonly string[],
): DriverAnswer {
  const question = {
    installed: new Int32Array(0),
    cached: new Int32Array(0),
    filter: [],
    watermark: { change: 0, key: '' },
    audience: shop.audience(...groups),
    page: NO_LIMITS,
  };
  return scanDrivers(shop.catalog, question, onto, spec);
}

describe('for any drivers, devices and computers', () => {
  test('the driver that is offered is beaten by none, and beats the installed one', () => {
    fc.assert(
      fc.property(catalogs, devices, specs, (declared, onto, spec) => {
        const shop = build(declared);
        for (const one of onto) {
          const answer = ask(shop, [one], spec, []);
          const offers = offersFor(shop, one, spec).filter(
            (offer) =>
              one.installedDriver === undefined || isBetter(offer, matchOf(one.installedDriver), one, spec),
          );
          assert.equal(answer.newUpdates.length, Math.min(1, offers.length));
          for (const [ordinal, [matched]] of answer.hardwareIds) {
            // A driver may name one hardware id twice; one of the two is what was chosen.
            const chosen = offers.filter(
              (offer) => offer.ordinal === ordinal && offer.hardwareId === matched,
            );
            const unbeaten = chosen.some(
              (offer) => !offers.some((other) => isBetter(other, offer, one, spec)),
            );
            assert.ok(unbeaten, 'it fits, and none is better');
          }
        }
      }),
      { numRuns: 300 },
    );
  });

  test('of the approved ones the best is offered, and nothing else but the best of all', () => {
    fc.assert(
      fc.property(catalogs, devices, specs, (declared, onto, spec) => {
        const shop = build(declared);
        const approved = new Set([...shop.rows.approvals].map((approval) => approval.update));
        const updateOf = (ordinal: number): number => shop.snapshot.updates[ordinal];
        for (const one of onto) {
          const answer = ask(shop, [one], spec, ['Everyone']);
          const offers = offersFor(shop, one, spec).filter(
            (offer) =>
              one.installedDriver === undefined || isBetter(offer, matchOf(one.installedDriver), one, spec),
          );
          const unbeaten = (among: readonly Offer[]): Set<number> =>
            new Set(
              among
                .filter((offer) => !among.some((other) => isBetter(other, offer, one, spec)))
                .map((offer) => offer.ordinal),
            );
          const best = unbeaten(offers);
          const bestApproved = unbeaten(offers.filter((offer) => approved.has(updateOf(offer.ordinal))));
          for (const ordinal of answer.newUpdates) assert.ok(best.has(ordinal) || bestApproved.has(ordinal));
          assert.equal(
            answer.newUpdates.some((ordinal) => best.has(ordinal)),
            best.size > 0,
          );
          assert.equal(
            answer.newUpdates.some((ordinal) => bestApproved.has(ordinal)),
            bestApproved.size > 0,
          );
        }
      }),
      { numRuns: 200 },
    );
  });

  test('a computer is offered what each of its devices would be offered alone', () => {
    fc.assert(
      fc.property(catalogs, devices, specs, (declared, onto, spec) => {
        const shop = build(declared);
        const together = ask(shop, onto, spec, ['Everyone']);
        const alone = onto.map((one) => ask(shop, [one], spec, ['Everyone']));
        const sorted = (ordinals: Iterable<number>): number[] => [...new Set(ordinals)].sort((a, b) => a - b);
        assert.deepEqual(sorted(together.newUpdates), sorted(alone.flatMap((answer) => answer.newUpdates)));
        for (const [ordinal, ids] of together.hardwareIds) {
          const each = new Set(alone.flatMap((answer) => answer.hardwareIds.get(ordinal) ?? []));
          assert.deepEqual([...ids].sort(), [...each].sort());
        }
      }),
      { numRuns: 100 },
    );
  });
});

import { CLASSIFICATIONS } from '../metadata/authoring/classification.ts';
import { memberOf } from '../metadata/authoring/relations-spec.ts';
import type { DriverMetadataSpec } from '../metadata/authoring/update-spec.ts';
import { payload } from './payload.ts';
import type { SampleUpdate } from './sample-update.ts';
import { CATEGORY, CREATED, DETECTOID, PUBLISHER_ID } from './taxonomy.ts';

interface DriverOptions {
  readonly updateId: string;
  readonly model: string;
  readonly driverClass: string;
  /** Most specific first: each further one has a higher, which is a worse, feature score. */
  readonly hardwareIds: readonly string[];
  readonly verDate: string;
  readonly verVersion: string;
  readonly bestScore: number;
  readonly bytes: number;
}

const DRIVERS: readonly DriverOptions[] = [
  {
    updateId: 'ba254ffb-5a42-4a5d-971a-f711b2d9b562',
    model: 'Oakum Bight Gigabit Ethernet',
    driverClass: 'Networking',
    hardwareIds: ['PCI\\VEN_0A4B&DEV_0020&SUBSYS_00010A4B', 'PCI\\VEN_0A4B&DEV_0020'],
    verDate: '2025-03-04',
    verVersion: '12.20.0.5',
    bestScore: 0x80,
    bytes: 88_064,
  },
  {
    updateId: '69cb9ac9-0d24-47fb-bffc-10d5ffc1e460',
    model: 'Oakum Bight Gigabit Ethernet',
    driverClass: 'Networking',
    hardwareIds: ['PCI\\VEN_0A4B&DEV_0020&SUBSYS_00010A4B', 'PCI\\VEN_0A4B&DEV_0020'],
    verDate: '2026-01-09',
    verVersion: '12.21.2.0',
    bestScore: 0x80,
    bytes: 90_112,
  },
  {
    updateId: '65852757-f19f-476b-8e2b-b146e74438c2',
    model: 'Oakum Sounding Sensor',
    driverClass: 'Other Hardware',
    hardwareIds: [
      'PCI\\VEN_0A4B&DEV_0050&SUBSYS_00010A4B',
      'PCI\\VEN_0A4B&DEV_0050',
      'PCI\\VEN_0A4B&DEV_0051',
    ],
    verDate: '2025-11-20',
    verVersion: '3.4.0.0',
    bestScore: 0x40,
    bytes: 35_328,
  },
  {
    updateId: '5279aff7-e13f-4b1c-8026-5cb75025cdd0',
    model: 'Oakum Plank 200',
    driverClass: 'Printers',
    hardwareIds: ['USBPRINT\\OakumPlank_2000A4B', 'OakumPlank_2000A4B'],
    verDate: '2025-09-01',
    verVersion: '10.0.1.0',
    bestScore: 0xa0,
    bytes: 1_204_224,
  },
];

/**
 * A set of drivers for devices that the simulated agent's computers have: two versions of one, one for a device
 * without a driver, and a printer's.
 */
export function driverUpdates(): readonly SampleUpdate[] {
  return DRIVERS.map((options, index) => {
    const { updateId, model, verVersion, bytes } = options;
    const cabinet = payload(`driver-${updateId.slice(0, 8)}.cab`, bytes, { patchingType: 'SelfContained' });
    return {
      spec: {
        type: 'Driver',
        updateId,
        revisionNumber: 1,
        created: CREATED,
        publisherId: PUBLISHER_ID,
        deployable: true,
        texts: [{ language: 'en', title: `Oakum - ${options.driverClass} - ${model} - ${verVersion}` }],
        relations: {
          prerequisites: [
            DETECTOID.x64,
            memberOf(CATEGORY.workstation),
            memberOf(CLASSIFICATIONS.drivers.updateId),
          ],
        },
        files: [cabinet.file],
        drivers: options.hardwareIds.map((hardwareId, rank) => metadata(options, hardwareId, rank, index)),
      },
      payloads: [cabinet],
    };
  });
}

function metadata(
  options: DriverOptions,
  hardwareId: string,
  rank: number,
  index: number,
): DriverMetadataSpec {
  const { model, driverClass, verDate, verVersion, bestScore } = options;
  return {
    hardwareId,
    whqlDriverId: 9_000_600 + index,
    driverClass,
    company: 'Oakum Samples',
    // What the drivers say that these devices have: a printer takes only those of its own provider.
    provider: 'Oakum',
    manufacturer: 'Oakum',
    model,
    verDate,
    verVersion,
    featureScores: { 'AMD64.10.0': bestScore + rank, 'ARM64.10.0': bestScore + 8 + rank },
  };
}

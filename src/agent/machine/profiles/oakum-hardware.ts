import type { MachineJson } from '../machine-schema.ts';
import type { WindowsTraits } from './windows-traits.ts';

/** What RegisterComputer tells about the hardware. */
export interface RegistrationFacts {
  readonly manufacturer: string;
  readonly model: string;
  readonly biosVersion: string;
  readonly biosName: string;
  /** An xs:dateTime. */
  readonly biosReleaseDate: string;
  readonly firmwareVersion: string;
  readonly mobileOperator: string;
}

// Windows 11 sends `unknown` for what it does not look up, and these words (observed).
const SHARED_FACTS = {
  manufacturer: 'Oakum',
  biosVersion: 'unknown',
  biosName: 'unknown',
  biosReleaseDate: '2024-02-01T00:00:00Z',
  firmwareVersion: 'unknown',
  mobileOperator: 'Not Present',
} as const;

export const NOTEBOOK: RegistrationFacts = { ...SHARED_FACTS, model: 'Caulker 14' };
export const RACK_SERVER: RegistrationFacts = { ...SHARED_FACTS, model: 'Drydock R2' };

export const PROCESSOR = {
  name: 'Oakum Mallet 4C @ 3.40GHz',
  vendor: 'OakumProcess',
  identifier: 'Intel64 Family 6 Model 90 Stepping 1',
  level: 6,
  revision: 0x5a01,
  count: 4,
  mhz: 3400,
  ramMB: 8192,
} as const;

/** Computer hardware ids as SMBIOS yields them: most specific first. */
export const COMPUTER_HARDWARE_IDS: readonly string[] = [1, 2, 3, 4, 5, 6].map(
  (rank) => `0a4b000${rank}-0a4b-5a4b-8a4b-00000000000${rank}`,
);

type DeviceJson = NonNullable<MachineJson['devices']>[number];
type DriverJson = NonNullable<DeviceJson['driver']>;

const setupClass = (number: string): string => `{4D36E9${number}-E325-11CE-BFC1-08002BE10318}`;

// A driver that Windows brings along says so by the date that all of them have.
const INBOX_DATE = '2006-06-21';

function pciDevice(
  number: string,
  model: string,
  driverClass: string,
  driver: Partial<DriverJson> | undefined,
): DeviceJson {
  const id = `PCI\\VEN_0A4B&DEV_${number}`;
  return {
    hardwareIds: [`${id}&SUBSYS_00010A4B&REV_02`, `${id}&SUBSYS_00010A4B`, id],
    compatibleIds: [`${id}&REV_02`, 'PCI\\VEN_0A4B'],
    ...(driver && { driver: { ...oakumDriver(id, model, driverClass), ...driver } }),
  };
}

function oakumDriver(matchingId: string, model: string, driverClass: string): DriverJson {
  return {
    matchingId,
    verDate: '2024-05-14',
    verVersion: '4.2.0.17',
    class: driverClass,
    manufacturer: 'Oakum',
    provider: 'Oakum',
    model,
    rank: 0x00f8_2001,
  };
}

function inboxDriver(
  traits: WindowsTraits,
  matchingId: string,
  model: string,
  driverClass: string,
): DriverJson {
  const { major, minor, build } = traits.osVersion;
  return {
    matchingId,
    verDate: INBOX_DATE,
    verVersion: `${major}.${minor}.${traits.servicedBuild ?? build}.1`,
    class: driverClass,
    manufacturer: 'Microsoft',
    provider: 'Microsoft',
    model,
    rank: 0x00ff_0002,
  };
}

/** The devices of the invented hardware: with its own drivers, with those of Windows, and one without any. */
export function oakumDevices(traits: WindowsTraits): DeviceJson[] {
  const inbox = (matchingId: string, model: string, driverClass: string): DriverJson =>
    inboxDriver(traits, matchingId, model, driverClass);
  return [
    pciDevice('0010', 'Oakum Strand Graphics', setupClass('68'), {}),
    pciDevice('0020', 'Oakum Bight Gigabit Ethernet', setupClass('72'), { verVersion: '12.19.1.37' }),
    pciDevice('0021', 'Oakum Halyard Wireless', setupClass('72'), {
      verDate: '2023-11-02',
      verVersion: '23.10.0.8',
    }),
    pciDevice('0030', 'Oakum Foghorn Audio', setupClass('6C'), { verVersion: '6.0.9100.1' }),
    pciDevice('0040', 'Oakum Bilge Storage Controller', setupClass('7B'), { verVersion: '19.5.0.1037' }),
    // Nothing that Windows brings along fits it.
    pciDevice('0050', 'Oakum Sounding Sensor', '', undefined),
    {
      hardwareIds: ['ACPI\\VEN_OAK&DEV_0101', 'ACPI\\OAK0101', '*OAK0101'],
      compatibleIds: ['ACPI\\MSFT0101', '*MSFT0101'],
      driver: inbox('*MSFT0101', 'Trusted Platform Module 2.0', '{D94EE5D8-D189-4994-83D2-F68D7D41B0E6}'),
    },
    {
      hardwareIds: [
        'HID\\VID_0A4B&PID_0001&REV_0100',
        'HID\\VID_0A4B&PID_0001',
        'HID_DEVICE_SYSTEM_MOUSE',
        'HID_DEVICE',
      ],
      driver: inbox('HID_DEVICE_SYSTEM_MOUSE', 'HID-compliant mouse', setupClass('6F')),
    },
    {
      hardwareIds: [
        'HID\\VID_0A4B&PID_0002&REV_0100',
        'HID\\VID_0A4B&PID_0002',
        'HID_DEVICE_SYSTEM_KEYBOARD',
        'HID_DEVICE',
      ],
      driver: inbox('HID_DEVICE_SYSTEM_KEYBOARD', 'HID Keyboard Device', setupClass('6B')),
    },
    {
      hardwareIds: ['MONITOR\\OAK0014'],
      compatibleIds: ['*PNP09FF'],
      driver: inbox('*PNP09FF', 'Generic PnP Monitor', setupClass('6E')),
    },
    {
      hardwareIds: ['SCSI\\DiskOAKUM___KEEL_512GB_____1.00', 'SCSI\\DiskOAKUM___KEEL_512GB____', 'GenDisk'],
      driver: inbox('GenDisk', 'Disk drive', setupClass('67')),
    },
    {
      hardwareIds: ['USBPRINT\\OakumPlank_2000A4B', 'OakumPlank_2000A4B'],
      driver: { ...oakumDriver('OakumPlank_2000A4B', 'Oakum Plank 200', 'Printer'), rank: -1 },
      flags: 1,
    },
  ];
}

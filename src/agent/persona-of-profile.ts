import type { Device as DeviceMessage } from '../protocol/wusp/client.ts';
import { parseDriverVersion } from '../metadata/driver-metadata.ts';
import type { Encodable } from '../soap/message-type.ts';
import type { DateTime } from '../soap/simple-type.ts';
import type { Device } from './machine/device.ts';
import { formatDeviceAttributes, type DeviceAttributes } from './machine/device-attributes.ts';
import { featureScoreKey, type Machine } from './machine/machine.ts';
import { keyAt } from './machine/registry.ts';
import type { Profile } from './machine/profiles/profile.ts';
import type { Persona } from './persona.ts';

export interface PersonaOptions {
  /** Address of the server as policy names it; absent for an agent that none was named to. */
  readonly server?: string;
  /** Program that asks for scans; the orchestrator of automatic updates unless given. */
  readonly callerId?: string;
}

/** How a machine of a profile presents itself. */
export function personaOf(
  profile: Profile,
  machine: Machine,
  dnsName: string,
  options: PersonaOptions = {},
): Persona {
  const { registration, isModern } = profile;
  const { server, callerId = 'UpdateOrchestrator' } = options;
  const [major = 0, minor = 0, build = 0, qfe = 0] = profile.clientVersion.split('.').map(Number);
  const { osVersion } = machine;
  const biosVendor = biosVendorOf(machine);
  return {
    userAgent: profile.userAgent,
    protocolVersion: profile.protocolVersion,
    computerInfo: {
      DnsName: dnsName,
      OSMajorVersion: osVersion.major,
      OSMinorVersion: osVersion.minor,
      OSBuildNumber: osVersion.build,
      OSServicePackMajorNumber: osVersion.spMajor,
      OSServicePackMinorNumber: osVersion.spMinor,
      OSLocale: machine.uiLanguage,
      ComputerManufacturer: registration.manufacturer,
      ComputerModel: registration.model,
      BiosVersion: registration.biosVersion,
      BiosName: registration.biosName,
      BiosReleaseDate: registration.biosReleaseDate as DateTime,
      ProcessorArchitecture: machine.architecture === 'x86' ? 'x86' : machine.architecture.toUpperCase(),
      SuiteMask: machine.suiteMask,
      OldProductType: machine.productType,
      NewProductType: machine.sku,
      SystemMetrics: 0,
      ClientVersionMajorNumber: major,
      ClientVersionMinorNumber: minor,
      ClientVersionBuildNumber: build,
      ClientVersionQfeNumber: qfe,
      // [MS-WUSP] note 14: from Windows 10 on.
      ...(isModern && {
        OSDescription: profile.osDescription,
        OEM: registration.manufacturer,
        DeviceType: registration.model,
        FirmwareVersion: registration.firmwareVersion,
        MobileOperator: registration.mobileOperator,
      }),
    },
    devices: machine.devices.map((device) => deviceMessage(device, isModern)),
    computerHardwareIds: machine.computerHardwareIds,
    featureScoreKey: featureScoreKey(machine),
    deviceAttributes: formatDeviceAttributes(withServer(machine.deviceAttributes, server)),
    products: profile.products,
    callerId,
    ...(biosVendor !== undefined && { biosVendor }),
    locales: [machine.uiLanguage, machine.uiLanguage.split('-')[0]],
    geoId: 'USA',
    modern: isModern,
  };
}

/** Agents name the server they were sent to among their attributes, which are in alphabetical order (observed). */
function withServer(attributes: DeviceAttributes, server: string | undefined): DeviceAttributes {
  if (server === undefined || attributes.size === 0) return attributes;
  const own = { name: 'UpdateServiceUrl', value: server.replace(/\/+$/, '') };
  const key = own.name.toLowerCase();
  const entries = [...attributes].filter(([name]) => name !== key);
  const at = entries.findIndex(([name]) => name > key);
  return new Map(entries.toSpliced(at < 0 ? entries.length : at, 0, [key, own]));
}

function biosVendorOf({ registry }: Machine): string | undefined {
  const key = keyAt(registry, { view: 'native', path: 'HARDWARE\\DESCRIPTION\\System\\BIOS' });
  const vendor = key?.values.get('biosvendor')?.data;
  return typeof vendor === 'string' ? vendor : undefined;
}

// Bit 0 of DeviceFlags ([MS-WUSP] 2.2.2.2.4).
const NOT_PLUG_AND_PLAY = 1;

/**
 * A device as the driver pass describes it. One without a driver still names the year 1 and version 0, and
 * only what plug and play does not enumerate tells who made its driver (observed). Before Windows 10 there are
 * no computer hardware ids, extension drivers and flags ([MS-WUSP] notes 16, 17 and 20); DriverRank was not
 * there either, but the WSDL requires it.
 */
function deviceMessage(device: Device, isModern: boolean): Encodable<typeof DeviceMessage> {
  const { driver, extensionDrivers = [], flags = 0 } = device;
  const maker = (flags & NOT_PLUG_AND_PLAY) === 0 ? undefined : driver;
  return {
    HardwareIDs: device.hardwareIds,
    CompatibleIDs: device.compatibleIds.length > 0 ? device.compatibleIds : undefined,
    installedDriver: {
      MatchingID: driver?.matchingId,
      DriverVerDate: driverDate(driver?.verDate),
      DriverVerVersion: driver === undefined ? 0n : parseDriverVersion(driver.verVersion),
      Class: unlessEmpty(driver?.class),
      Manufacturer: unlessEmpty(maker?.manufacturer),
      Provider: unlessEmpty(maker?.provider),
      Model: unlessEmpty(maker?.model),
      MatchingComputerHWID: isModern ? (driver?.matchingComputerHardwareId ?? null) : undefined,
      DriverRank: isModern ? (driver?.rank ?? -1) : -1,
      ...(isModern && {
        SkipProviderFiltering: driver?.skipProviderFiltering,
        IsGeneric: driver?.isGeneric,
      }),
    },
    ...(isModern && {
      extensionDrivers:
        extensionDrivers.length === 0
          ? undefined
          : extensionDrivers.map((extension) => ({
              ExtensionId: extension.extensionId,
              DriverVerDate: driverDate(extension.verDate),
              DriverVerVersion: parseDriverVersion(extension.verVersion),
              Class: extension.class,
              DriverRank: extension.rank,
              MatchingComputerHWID: extension.matchingComputerHardwareId ?? null,
            })),
      DeviceFlags: device.flags,
    }),
  };
}

function driverDate(date = '0001-01-01'): DateTime {
  return `${date}T00:00:00Z` as DateTime;
}

function unlessEmpty(text: string | undefined): string | undefined {
  return text === '' ? undefined : text;
}

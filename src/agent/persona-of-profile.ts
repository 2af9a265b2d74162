import type { Device as DeviceMessage } from '../protocol/wusp/client.ts';
import { parseDriverVersion } from '../metadata/driver-metadata.ts';
import type { Encodable } from '../soap/message-type.ts';
import type { DateTime } from '../soap/simple-type.ts';
import type { Device } from './machine/device.ts';
import { formatDeviceAttributes } from './machine/device-attributes.ts';
import { featureScoreKey, type Machine } from './machine/machine.ts';
import type { Profile } from './machine/profiles/profile.ts';
import type { Persona } from './persona.ts';

/** How a machine of a profile presents itself. */
export function personaOf(profile: Profile, machine: Machine, dnsName: string): Persona {
  const { registration, isModern } = profile;
  const [major = 0, minor = 0, build = 0, qfe = 0] = profile.clientVersion.split('.').map(Number);
  const { osVersion } = machine;
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
    devices: machine.devices.map(deviceMessage),
    computerHardwareIds: machine.computerHardwareIds,
    featureScoreKey: featureScoreKey(machine),
    deviceAttributes: formatDeviceAttributes(machine.deviceAttributes),
    products: profile.products,
    callerId: 'UpdateOrchestrator',
    locales: [machine.uiLanguage, machine.uiLanguage.split('-')[0]],
    geoId: 'USA',
    modern: isModern,
  };
}

/** A device as the driver pass describes it. One without a driver still names the year 1 and version 0 (observed). */
function deviceMessage(device: Device): Encodable<typeof DeviceMessage> {
  const { driver } = device;
  return {
    HardwareIDs: device.hardwareIds,
    CompatibleIDs: device.compatibleIds.length > 0 ? device.compatibleIds : undefined,
    installedDriver: {
      MatchingID: driver?.matchingId,
      DriverVerDate: (driver === undefined
        ? '0001-01-01T00:00:00Z'
        : `${driver.verDate}T00:00:00Z`) as DateTime,
      DriverVerVersion: driver === undefined ? 0n : parseDriverVersion(driver.verVersion),
      Class: unlessEmpty(driver?.class),
      Manufacturer: unlessEmpty(driver?.manufacturer),
      Provider: unlessEmpty(driver?.provider),
      Model: unlessEmpty(driver?.model),
      MatchingComputerHWID: driver?.matchingComputerHardwareId ?? null,
      DriverRank: driver?.rank ?? -1,
      SkipProviderFiltering: driver?.skipProviderFiltering,
      IsGeneric: driver?.isGeneric,
    },
    DeviceFlags: device.flags,
  };
}

function unlessEmpty(text: string | undefined): string | undefined {
  return text === '' ? undefined : text;
}

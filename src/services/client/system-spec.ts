import type { ComputerSpec, DeviceSpec } from '../../catalog/driver-match.ts';
import type { Device, SyncUpdateParameters } from '../../protocol/wusp/client.ts';
import type { Decoded } from '../../soap/message-type.ts';
import { dateTimeToMs } from '../../soap/simple-type.ts';

/** The client's devices, from its SystemSpec ([MS-WUSP] 2.2.2.2.4). */
export function deviceSpecs(parameters: Decoded<typeof SyncUpdateParameters>): DeviceSpec[] {
  return (parameters.SystemSpec ?? []).map(deviceSpec);
}

function deviceSpec(device: Decoded<typeof Device>): DeviceSpec {
  const installed = device.installedDriver;
  return {
    hardwareIds: device.HardwareIDs ?? [],
    compatibleIds: device.CompatibleIDs ?? [],
    installedDriver: installed
      ? {
          matchingId: installed.MatchingID ?? undefined,
          verDateMs: installed.DriverVerDate ? dateTimeToMs(installed.DriverVerDate) : 0,
          verVersion: installed.DriverVerVersion ?? 0n,
          driverClass: installed.Class ?? '',
          provider: installed.Provider ?? '',
          manufacturer: installed.Manufacturer ?? '',
          matchingComputerHardwareId: installed.MatchingComputerHWID ?? undefined,
          // Required by the WSDL, and yet clients before Windows 10 do not have it.
          rank: installed.DriverRank ?? -1,
          skipProviderFiltering: installed.SkipProviderFiltering === true,
        }
      : undefined,
  };
}

export function computerSpec(parameters: Decoded<typeof SyncUpdateParameters>): ComputerSpec {
  return {
    computerHardwareIds: parameters.ComputerSpec?.HardwareIDs ?? [],
    featureScoreKey: parameters.FeatureScoreMatchingKey ?? '',
  };
}

import { parseDeviceAttributes } from '../../src/agent/machine/device-attributes.ts';
import type { Device, ExtensionDriver } from '../../src/agent/machine/device.ts';
import { applyPatch } from '../../src/agent/machine/machine-patch.ts';
import type { Machine } from '../../src/agent/machine/machine.ts';
import { profile, type Profile } from '../../src/agent/machine/profiles/profile.ts';
import type { Device as DeviceMessage } from '../../src/protocol/wusp/client.ts';
import {
  clientService,
  GetExtendedUpdateInfo,
  RegisterComputer,
  SyncUpdates,
} from '../../src/protocol/wusp/client.ts';
import { decodeMessage } from '../../src/soap/decode.ts';
import { openEnvelope } from '../../src/soap/envelope.ts';
import type { ComplexType, Decoded } from '../../src/soap/message-type.ts';
import { capturedExchange } from './captured-exchange.ts';

/** The machine facts of a captured agent, so that the simulated one can be that computer. */
export interface CapturedMachine {
  readonly profile: Profile;
  readonly machine: Machine;
}

/**
 * The computer that sent the captures: a profile of its system, and the facts that its own requests tell.
 *
 * @param capture whose DeviceAttributes; some of them changed between the captures
 */
export function capturedMachine(capture: 'scan' | 'flow'): CapturedMachine {
  const base = profile('windows-11-25h2');
  const info = read(RegisterComputer.request, capturedExchange('scan', 4)).computerInfo;
  const drivers = read(SyncUpdates.request, capturedExchange('scan', 9)).parameters;
  const details = capturedExchange(capture, capture === 'scan' ? 10 : 15);
  const attributes = read(GetExtendedUpdateInfo.request, details).deviceAttributes ?? '';
  const products = read(SyncUpdates.request, capturedExchange('flow', 1)).parameters?.ProductsParameters;
  const machine = applyPatch(base.machine, [
    {
      fact: 'registry-value',
      key: { view: 'native', path: 'HARDWARE\\DESCRIPTION\\System\\BIOS' },
      name: 'BIOSVendor',
      value: { name: 'BIOSVendor', type: 'REG_SZ', data: biosVendor() },
    },
  ]);
  return {
    profile: {
      ...base,
      registration: {
        manufacturer: info?.ComputerManufacturer ?? '',
        model: info?.ComputerModel ?? '',
        biosVersion: info?.BiosVersion ?? '',
        biosName: info?.BiosName ?? '',
        biosReleaseDate: info?.BiosReleaseDate ?? '',
        firmwareVersion: info?.FirmwareVersion ?? '',
        mobileOperator: info?.MobileOperator ?? '',
      },
      osDescription: info?.OSDescription ?? '',
      products: products?.Products ?? '',
    },
    machine: {
      ...machine,
      // The agent itself knows which server it was sent to.
      deviceAttributes: parseDeviceAttributes(attributes.replace(/UpdateServiceUrl=[^;]*;/, '')),
      devices: (drivers?.SystemSpec ?? []).map(deviceOf),
      computerHardwareIds: drivers?.ComputerSpec?.HardwareIDs ?? [],
    },
  };
}

function biosVendor(): string {
  return /<string>T=([^<]*)/.exec(capturedExchange('flow', 16).requestBody)?.[1] ?? '';
}

function read<T extends ComplexType>(type: T, { requestBody }: { readonly requestBody: string }): Decoded<T> {
  const { scanner } = openEnvelope(Buffer.from(requestBody));
  const limits = { arrayItems: 10_000, ints: 10_000 };
  return decodeMessage(scanner, type, { namespaces: [clientService.namespace], limits });
}

function deviceOf(message: Decoded<typeof DeviceMessage>): Device {
  const { installedDriver: driver, extensionDrivers, DeviceFlags: flags } = message;
  return {
    hardwareIds: message.HardwareIDs ?? [],
    compatibleIds: message.CompatibleIDs ?? [],
    ...(driver?.MatchingID && {
      driver: {
        matchingId: driver.MatchingID,
        verDate: dateOf(driver.DriverVerDate),
        verVersion: versionOf(driver.DriverVerVersion),
        class: driver.Class ?? '',
        manufacturer: driver.Manufacturer ?? '',
        provider: driver.Provider ?? '',
        model: driver.Model ?? '',
        rank: driver.DriverRank ?? -1,
        ...(driver.SkipProviderFiltering && { skipProviderFiltering: true }),
        ...(driver.IsGeneric && { isGeneric: true }),
      },
    }),
    ...(extensionDrivers && {
      extensionDrivers: extensionDrivers.map((extension): ExtensionDriver => ({
        extensionId: extension.ExtensionId ?? '',
        verDate: dateOf(extension.DriverVerDate),
        verVersion: versionOf(extension.DriverVerVersion),
        class: extension.Class ?? '',
        rank: extension.DriverRank ?? -1,
      })),
    }),
    ...(typeof flags === 'number' && { flags }),
  };
}

function dateOf(dateTime: string | null | undefined): string {
  return (dateTime ?? '').slice(0, 10);
}

function versionOf(packed: bigint | null | undefined): string {
  return [48n, 32n, 16n, 0n].map((shift) => ((packed ?? 0n) >> shift) & 0xffffn).join('.');
}

import { OakumError } from '../../errors/oakum-error.ts';
import type { ComputerDetails } from '../../fleet/computer-registry.ts';
import type { ComputerInfo } from '../../protocol/wusp/client.ts';
import { RegisterComputer } from '../../protocol/wusp/client.ts';
import { implement } from '../../soap/endpoint.ts';
import type { Decoded } from '../../soap/message-type.ts';
import { cookieGuard } from '../cookies/session.ts';
import { present } from '../parameters.ts';
import type { Call, ServiceContext } from '../service-context.ts';

/** Longer texts are cut: nothing about a computer needs more, and nothing of it is interpreted. */
const TEXT_LENGTH = 256;

/** RegisterComputer ([MS-WUSP] 2.2.2.2.3, 3.1.5.5). */
export function registerComputer(context: ServiceContext) {
  return implement(RegisterComputer, {
    guard: cookieGuard(context),
    async handle(call: Call, request, cookie) {
      if (!context.settings.registrationRequired) throw new OakumError('OAK_REGISTRATION_NOT_REQUIRED');
      const info = present(request.computerInfo, 'computerInfo');
      await context.computers.register(cookie.clientId, call.address, details(info));
      return {};
    },
  });
}

function details(info: Decoded<typeof ComputerInfo>): ComputerDetails {
  const version = [
    info.ClientVersionMajorNumber,
    info.ClientVersionMinorNumber,
    info.ClientVersionBuildNumber,
    info.ClientVersionQfeNumber,
  ];
  return {
    dnsName: text(info.DnsName),
    osMajor: info.OSMajorVersion ?? undefined,
    osMinor: info.OSMinorVersion ?? undefined,
    osBuild: info.OSBuildNumber ?? undefined,
    osServicePackMajor: info.OSServicePackMajorNumber ?? undefined,
    osServicePackMinor: info.OSServicePackMinorNumber ?? undefined,
    osLocale: text(info.OSLocale),
    manufacturer: text(info.ComputerManufacturer),
    model: text(info.ComputerModel),
    biosVersion: text(info.BiosVersion),
    biosName: text(info.BiosName),
    biosReleaseDate: info.BiosReleaseDate ?? undefined,
    processorArchitecture: text(info.ProcessorArchitecture),
    suiteMask: info.SuiteMask ?? undefined,
    oldProductType: info.OldProductType ?? undefined,
    newProductType: info.NewProductType ?? undefined,
    systemMetrics: info.SystemMetrics ?? undefined,
    clientVersion: version.every((part) => typeof part === 'number') ? version.join('.') : undefined,
    osDescription: text(info.OSDescription),
    oem: text(info.OEM),
    deviceType: text(info.DeviceType),
    firmwareVersion: text(info.FirmwareVersion),
    mobileOperator: text(info.MobileOperator),
  };
}

function text(value: string | null | undefined): string | undefined {
  return value?.slice(0, TEXT_LENGTH);
}

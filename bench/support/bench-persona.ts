import type { Persona } from '../../src/agent/persona.ts';
import type { DateTime, Guid } from '../../src/soap/simple-type.ts';

/** About as many bytes as a Windows 11 computer sends about itself with every call (1,463 to 1,575 seen). */
const DEVICE_ATTRIBUTES = Array.from(
  { length: 60 },
  (_, index) => `Attribute${index}=10.0.26200.${index};`,
).join('');

/** A Windows 11 computer, as far as its requests go. */
export function benchPersona(): Persona {
  return {
    userAgent: 'Windows-Update-Agent/1507.2601.30012.0 Client-Protocol/2.90',
    protocolVersion: '2.90',
    computerInfo: {
      DnsName: 'bench',
      OSMajorVersion: 10,
      OSMinorVersion: 0,
      OSBuildNumber: 26_200,
      OSServicePackMajorNumber: 0,
      OSServicePackMinorNumber: 0,
      OSLocale: 'en-US',
      ComputerManufacturer: 'Oakum',
      ComputerModel: 'Bench',
      BiosVersion: 'unknown',
      BiosName: 'unknown',
      BiosReleaseDate: '2026-01-01T00:00:00Z' as DateTime,
      ProcessorArchitecture: 'AMD64',
      SuiteMask: 256,
      OldProductType: 1,
      NewProductType: 48,
      SystemMetrics: 0,
      ClientVersionMajorNumber: 1507,
      ClientVersionMinorNumber: 2601,
      ClientVersionBuildNumber: 30_012,
      ClientVersionQfeNumber: 0,
      OSDescription: 'Windows 10 Pro',
      OEM: 'Oakum',
      DeviceType: 'Bench',
      FirmwareVersion: 'unknown',
      MobileOperator: 'Not Present',
    },
    devices: [],
    computerHardwareIds: ['00000000-0000-4000-8000-000000000001' as Guid],
    featureScoreKey: 'AMD64.10.0',
    deviceAttributes: DEVICE_ATTRIBUTES,
    products: 'PN=Client.OS.rs2.amd64&Branch=ge_release&V=10.0.26200.8037;',
    callerId: 'bench',
    locales: ['en-US', 'en'],
    geoId: 'USA',
    modern: true,
  };
}

import { AGENT_GENERATIONS } from './agent-generation.ts';
import { PROCESSOR, type RegistrationFacts } from './oakum-hardware.ts';
import { fullVersion, servicedVersion, type WindowsTraits } from './windows-traits.ts';

/**
 * The DeviceAttributes string of Windows 10 and later, with the keys, order and spelling that were observed.
 * Older agents send none.
 */
export function deviceAttributesOf(traits: WindowsTraits, hardware: RegistrationFacts): string {
  const agent = AGENT_GENERATIONS[traits.agent];
  if (!agent.isModern) return '';
  const attributes: readonly (readonly [string, string | number])[] = [
    ['ActivationChannel', 'Retail'],
    ['App', 'WU_OS'],
    ['AppVer', agent.clientVersion],
    ['AttrDataVer', 330],
    ['BranchReadinessLevel', 'CB'],
    ['CurrentBranch', traits.branch],
    ['DefaultUserRegion', 244],
    ['DefenderFilterExists', 1],
    ['DefenderServiceExists', 1],
    ['DefenderStarted', 2],
    ['DefenderUUPFlags', 0],
    ['DeviceFamily', traits.isServer ? 'Windows.Server' : 'Windows.Desktop'],
    ['DL_OSVersion', fullVersion(traits)],
    ['FirmwareVersion', hardware.firmwareVersion],
    ['FlightingBranchName', ''],
    ['FlightRing', 'Retail'],
    ['InstallationType', traits.isServer ? 'Server' : 'Client'],
    ['InstallDate', 1_767_225_600],
    ['InstallLanguage', 'en-US'],
    ['IsCloudDomainJoined', 0],
    ['IsDeviceRetailDemo', 0],
    ['IsFlightingEnabled', 0],
    ['IsMDMEnrolled', 0],
    ['IsVirtualDevice', 0],
    ['LCUVer', servicedVersion(traits)],
    ['OEMModel', hardware.model],
    ['OEMName_Uncleaned', hardware.manufacturer],
    ['OSArchitecture', 'AMD64'],
    ['OSSkuId', traits.sku],
    ['OSUILocale', 'en-US'],
    ['OSVersion', fullVersion(traits)],
    ['PrimaryDiskTotalCapacity', 524_288],
    ['ProcessorClockSpeed', PROCESSOR.mhz],
    ['ProcessorCores', PROCESSOR.count],
    ['ProcessorIdentifier', PROCESSOR.identifier],
    ['ProcessorManufacturer', PROCESSOR.vendor],
    ['ProcessorModel', PROCESSOR.name],
    ['ProductType', traits.isServer ? 'ServerNT' : 'WinNT'],
    ['SecureBootCapable', 1],
    ['TelemetryLevel', 1],
    ['TotalPhysicalRAM', PROCESSOR.ramMB],
    ['TPMVersion', 2],
    ['UpdateManagementGroup', 2],
    ['WuClientVer', agent.clientVersion],
  ];
  return attributes.map(([name, value]) => `${name}=${value};`).join('');
}

/** The Products string beside it: releases as OSInstaller names them. */
export function productsOf(traits: WindowsTraits, releases: Readonly<Record<string, string>>): string {
  if (!AGENT_GENERATIONS[traits.agent].isModern) return '';
  return Object.entries(releases)
    .map(([name, version], index) => {
      const primary = index === 0 ? `&Branch=${traits.branch}&PrimaryOSProduct=1` : '';
      return `PN=${name}${primary}&V=${version};`;
    })
    .join('');
}

import { PROCESSOR, type RegistrationFacts } from './oakum-hardware.ts';
import { dword, multiSz, sz, type ViewJson } from './registry-json.ts';
import { servicedVersion, type WindowsTraits } from './windows-traits.ts';

/** Where the version of the servicing stack of 64-bit Windows 10 and later is found. */
const SERVICING_STACK =
  'SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\SideBySide\\Winners\\' +
  'amd64_microsoft-windows-servicingstack_31bf3856ad364e35_none_4a207b402ad93a1c\\10.0';

/** Keys that both views have. */
export function sharedKeys(traits: WindowsTraits): ViewJson {
  const { osVersion, netRelease, netVersion } = traits;
  const isTen = osVersion.major >= 10;
  const framework = { Install: dword(1), Release: dword(netRelease), Version: sz(netVersion) };
  return {
    'SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion': {
      // Stayed at 6.3 for ever.
      CurrentVersion: sz(isTen ? '6.3' : `${osVersion.major}.${osVersion.minor}`),
      CurrentBuild: sz(String(osVersion.build)),
      CurrentBuildNumber: sz(String(osVersion.build)),
      UBR: dword(osVersion.ubr),
      BuildBranch: sz(traits.branch),
      EditionID: sz(traits.editionId),
      ProductName: sz(traits.productName),
      InstallationType: sz(traits.isServer ? 'Server' : 'Client'),
      SystemRoot: sz('C:\\Windows'),
      ...(isTen && {
        CurrentMajorVersionNumber: dword(osVersion.major),
        CurrentMinorVersionNumber: dword(osVersion.minor),
        LCUVer: sz(servicedVersion(traits)),
      }),
      ...(traits.displayVersion !== undefined && { DisplayVersion: sz(traits.displayVersion) }),
      ...(traits.releaseId !== undefined && { ReleaseId: sz(traits.releaseId) }),
      ...(osVersion.spMajor > 0 && { CSDVersion: sz(`Service Pack ${osVersion.spMajor}`) }),
    },
    'SOFTWARE\\Microsoft\\NET Framework Setup\\NDP\\v4\\Client': framework,
    'SOFTWARE\\Microsoft\\NET Framework Setup\\NDP\\v4\\Full': framework,
  };
}

/** Keys of the native view, beside those that both have. */
export function nativeKeys(traits: WindowsTraits, hardware: RegistrationFacts): ViewJson {
  const { osVersion, isServer } = traits;
  const processors = Object.fromEntries(
    Array.from({ length: PROCESSOR.count }, (_, index) => [
      `HARDWARE\\DESCRIPTION\\System\\CentralProcessor\\${index}`,
      {
        Identifier: sz(PROCESSOR.identifier),
        ProcessorNameString: sz(PROCESSOR.name),
        VendorIdentifier: sz(PROCESSOR.vendor),
        '~MHz': dword(PROCESSOR.mhz),
      },
    ]),
  );
  return {
    'SYSTEM\\CurrentControlSet\\Control\\ProductOptions': {
      ProductType: sz(isServer ? 'ServerNT' : 'WinNT'),
      ProductSuite: multiSz('Terminal Server'),
    },
    'SYSTEM\\CurrentControlSet\\Control\\Nls\\Language': { Default: sz('0409'), InstallLanguage: sz('0409') },
    'SYSTEM\\CurrentControlSet\\Control\\MUI\\UILanguages\\en-US': {},
    'HARDWARE\\DESCRIPTION\\System\\BIOS': {
      BIOSVendor: sz('Oakum Firmware'),
      BIOSVersion: sz('1.04'),
      SystemManufacturer: sz(hardware.manufacturer),
      SystemProductName: sz(hardware.model),
    },
    ...processors,
    'SOFTWARE\\Microsoft\\Windows\\CurrentVersion': {
      ProgramFilesDir: sz('C:\\Program Files'),
      'ProgramFilesDir (x86)': sz('C:\\Program Files (x86)'),
    },
    'SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Component Based Servicing': {},
    'SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\QualityCompat': {
      'cadca5fe-87d3-4b96-b7fb-a231484277cc': dword(0),
    },
    'SOFTWARE\\Policies\\Microsoft\\Windows\\WindowsUpdate\\AU': { UseWUServer: dword(1) },
    'SYSTEM\\CurrentControlSet\\Services\\wuauserv': { Start: dword(3) },
    'SYSTEM\\CurrentControlSet\\Services\\TrustedInstaller': { Start: dword(3) },
    ...(osVersion.major >= 10 && { [SERVICING_STACK]: { '': sz(servicedVersion(traits)) } }),
  };
}

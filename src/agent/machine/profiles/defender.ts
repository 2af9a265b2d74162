import type { MachineJson } from '../machine-schema.ts';
import { dword, sz, type ViewJson } from './registry-json.ts';

const PLATFORM = '4.18.25070.3';
const SIGNATURES = '1.435.12.0';
const ENGINE = '1.1.25070.2';
const INSTALLED_IN = `C:\\ProgramData\\Microsoft\\Windows Defender\\Platform\\${PLATFORM}-0`;
const SIGNATURES_IN =
  'C:\\ProgramData\\Microsoft\\Windows Defender\\Definition Updates\\{0A4B0000-0A4B-4A4B-8A4B-0000000000D5}';

/** Microsoft Defender Antivirus, running, with signatures that are out of date. */
export const DEFENDER_KEYS: ViewJson = {
  'SYSTEM\\CurrentControlSet\\Services\\WinDefend': { Start: dword(2) },
  'SYSTEM\\CurrentControlSet\\Services\\WdFilter': { Start: dword(0) },
  'SYSTEM\\CurrentControlSet\\Services\\WdNisSvc': { Start: dword(3) },
  'SOFTWARE\\Microsoft\\Windows Defender': {
    ProductType: dword(2),
    InstallLocation: sz(`${INSTALLED_IN}\\`),
    UUPFlags: dword(0),
  },
  'SOFTWARE\\Microsoft\\Windows Defender\\NIS': {},
  'SOFTWARE\\Microsoft\\Windows Defender\\Signature Updates': {
    SignatureLocation: sz(SIGNATURES_IN),
    AVSignatureVersion: sz(SIGNATURES),
    ASSignatureVersion: sz(SIGNATURES),
    EngineVersion: sz(ENGINE),
    SignatureType: dword(0),
  },
  'SOFTWARE\\Microsoft\\Windows Defender\\Miscellaneous Configuration': { DeltaUpdateFailure: dword(0) },
};

export const DEFENDER_FILES: NonNullable<MachineJson['files']> = {
  ...Object.fromEntries(
    ['MpClient.dll', 'MsMpEng.exe'].map((name) => [`${INSTALLED_IN}\\${name}`, { version: PLATFORM }]),
  ),
  [`${SIGNATURES_IN}\\mpengine.dll`]: { version: ENGINE },
  ...Object.fromEntries(
    ['mpasbase.vdm', 'mpasdlta.vdm', 'mpavbase.vdm', 'mpavdlta.vdm'].map((name) => [
      `${SIGNATURES_IN}\\${name}`,
      { version: SIGNATURES },
    ]),
  ),
};

export const DEFENDER_RELEASES = {
  'DefenderPlatform.amd64': PLATFORM,
  'DefenderSignature.amd64': SIGNATURES,
} as const;

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { applyPatch } from './machine/machine-patch.ts';
import { profile, profileNames } from './machine/profiles/profile.ts';
import { personaOf, type PersonaOptions } from './persona-of-profile.ts';
import { callerAttributes, processCaller } from './persona.ts';

const personaNamed = (name: string, options?: PersonaOptions) =>
  personaOf(profile(name), profile(name).machine, 'rope.example', options);

test('each system asks with the protocol version and the user agent of its era', () => {
  const modern = (client: string, protocol: string): string =>
    `Windows-Update-Agent/${client} Client-Protocol/${protocol}`;
  const rows = {
    'windows-7-sp1': ['1.8', 'Windows-Update-Agent'],
    'windows-8.1': ['1.8', modern('7.9.9600.19670', '1.21')],
    'windows-server-2012-r2': ['1.8', modern('7.9.9600.19670', '1.21')],
    'windows-server-2016': ['1.8', modern('10.0.10011.16384', '1.40')],
    'windows-server-2019': ['1.9', modern('10.0.10011.16384', '1.81')],
    'windows-server-2022': ['2.4', modern('10.0.10011.16384', '2.40')],
    'windows-10-22h2': ['2.50', modern('10.0.10011.16384', '2.50')],
    'windows-11-23h2': ['2.90', modern('1507.2601.30012.0', '2.90')],
    'windows-11-24h2': ['2.90', modern('1507.2601.30012.0', '2.90')],
    'windows-11-25h2': ['2.90', modern('1507.2601.30012.0', '2.90')],
    'windows-server-2025': ['2.90', modern('1507.2601.30012.0', '2.90')],
  };
  assert.deepEqual(Object.keys(rows).sort(), [...profileNames].sort());
  for (const [name, expected] of Object.entries(rows)) {
    const { protocolVersion, userAgent } = personaNamed(name);
    assert.deepEqual([protocolVersion, userAgent], expected, name);
  }
});

test('systems before Windows 10 download with BITS', () => {
  assert.deepEqual(profileNames.filter((name) => profile(name).downloader === 'bits').sort(), [
    'windows-7-sp1',
    'windows-8.1',
    'windows-server-2012-r2',
  ]);
  for (const name of profileNames) {
    const { downloader, downloaderUserAgent } = profile(name);
    const begin = downloader === 'bits' ? /^Microsoft BITS\/7\./ : /^Microsoft-Delivery-Optimization\/10\./;
    assert.match(downloaderUserAgent, begin, name);
  }
});

test('a registration has what its system knows', () => {
  for (const name of profileNames) {
    const { computerInfo, modern } = personaNamed(name);
    assert.equal(computerInfo.DnsName, 'rope.example');
    assert.equal(computerInfo.ProcessorArchitecture, 'AMD64');
    assert.equal(computerInfo.OldProductType, name.includes('server') ? 3 : 1, name);
    for (const field of [
      'OSDescription',
      'OEM',
      'DeviceType',
      'FirmwareVersion',
      'MobileOperator',
    ] as const) {
      assert.equal(computerInfo[field] !== undefined, modern, `${name} ${field}`);
    }
  }
  const { computerInfo } = personaNamed('windows-7-sp1');
  assert.deepEqual(
    [computerInfo.OSMajorVersion, computerInfo.OSMinorVersion, computerInfo.OSBuildNumber],
    [6, 1, 7601],
  );
  assert.equal(computerInfo.OSServicePackMajorNumber, 1);
  assert.deepEqual([computerInfo.ClientVersionMajorNumber, computerInfo.ClientVersionMinorNumber], [7, 6]);
});

test('a device without a driver names the year 1, version 0 and no rank', () => {
  const bare = personaNamed('windows-11-25h2').devices.find(
    ({ installedDriver }) => installedDriver?.MatchingID === undefined,
  );
  assert.deepEqual(definedIn(bare?.installedDriver), {
    DriverVerDate: '0001-01-01T00:00:00Z',
    DriverVerVersion: 0n,
    MatchingComputerHWID: null,
    DriverRank: -1,
  });
});

test('only what plug and play does not enumerate tells who made its driver', () => {
  const { devices } = personaNamed('windows-11-25h2');
  const told = devices.filter(({ installedDriver }) => installedDriver?.Manufacturer !== undefined);
  assert.equal(told.length, 1);
  assert.equal(told[0].DeviceFlags, 1);
  assert.equal(told[0].installedDriver?.Class, 'Printer');
  assert.ok(devices.every(({ installedDriver }) => installedDriver?.Provider !== 'Microsoft'));
});

test('devices before Windows 10 have no computer hardware id, no flags and no rank', () => {
  for (const name of ['windows-7-sp1', 'windows-8.1', 'windows-server-2012-r2']) {
    for (const device of personaNamed(name).devices) {
      assert.equal(device.DeviceFlags, undefined);
      assert.equal(device.extensionDrivers, undefined);
      assert.equal(device.installedDriver?.MatchingComputerHWID, undefined);
      // The WSDL requires the element.
      assert.equal(device.installedDriver?.DriverRank, -1);
    }
  }
});

test('an extension driver is told beside the driver', () => {
  const base = profile('windows-11-25h2');
  const [first, ...others] = base.machine.devices;
  const extension = {
    extensionId: '{0a4b0000-0000-4000-8000-0000000000f1}',
    verDate: '2025-03-04',
    verVersion: '1.2.3.4',
    class: '{0a4b0000-0000-4000-8000-0000000000f2}',
    rank: 7,
  };
  const machine = { ...base.machine, devices: [{ ...first, extensionDrivers: [extension] }, ...others] };
  const [device, next] = personaOf(base, machine, 'rope.example').devices;
  assert.equal(next.extensionDrivers, undefined);
  assert.deepEqual(device.extensionDrivers, [
    {
      ExtensionId: extension.extensionId,
      DriverVerDate: '2025-03-04T00:00:00Z',
      DriverVerVersion: 0x0001_0002_0003_0004n,
      Class: extension.class,
      DriverRank: 7,
      MatchingComputerHWID: null,
    },
  ]);
});

test('the server stands among the attributes where the alphabet puts it, once', () => {
  const { deviceAttributes } = personaNamed('windows-11-25h2', { server: 'http://wsus.example:8530/' });
  assert.match(
    deviceAttributes,
    /;UpdateManagementGroup=2;UpdateServiceUrl=http:\/\/wsus\.example:8530;WuClientVer=/,
  );
  const base = profile('windows-11-25h2');
  const machine = applyPatch(base.machine, [
    { fact: 'device-attribute', name: 'UpdateServiceUrl', value: 'http://other.example' },
  ]);
  const options = { server: 'http://wsus.example:8530' };
  assert.equal(personaOf(base, machine, 'rope.example', options).deviceAttributes, deviceAttributes);
  assert.equal(personaNamed('windows-8.1', options).deviceAttributes, '');
});

test('the caller is named in the attributes of a call', () => {
  assert.match(callerAttributes(personaNamed('windows-11-25h2')), /;Id=UpdateOrchestrator;/);
  const callerId = processCaller('rope.exe');
  assert.match(
    callerAttributes(personaNamed('windows-11-25h2', { callerId })),
    /;Id=<<PROCESS>>: rope\.exe;/,
  );
});

function definedIn(value: object | null | undefined): Record<string, unknown> {
  return Object.fromEntries(Object.entries(value ?? {}).filter(([, one]) => one !== undefined));
}

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { operatingSystemOf, type SystemFacts } from './operating-system.ts';

const NOTHING: SystemFacts = {
  major: null,
  minor: null,
  build: null,
  suiteMask: null,
  oldProductType: null,
  newProductType: null,
  systemMetrics: null,
  architecture: null,
  description: null,
};
const of = (facts: Partial<SystemFacts>) => operatingSystemOf({ ...NOTHING, ...facts });
const modern = (build: number, oldProductType: number, newProductType: number) =>
  of({ major: 10, minor: 0, build, oldProductType, newProductType, description: 'Windows 10 Pro' });

describe('from Windows 10 on the build and the product type tell the system', () => {
  for (const [build, type, sku, name] of [
    [26_200, 1, 48, 'Windows 11 25H2 Pro'],
    [26_100, 1, 4, 'Windows 11 24H2 Enterprise'],
    [22_631, 1, 101, 'Windows 11 23H2 Home'],
    [19_045, 1, 48, 'Windows 10 22H2 Pro'],
    [17_763, 1, 125, 'Windows 10 1809 Enterprise LTSC'],
    [14_393, 3, 7, 'Windows Server 2016 Standard'],
    [17_763, 3, 8, 'Windows Server 2019 Datacenter'],
    [20_348, 2, 7, 'Windows Server 2022 Standard'],
    [26_100, 3, 7, 'Windows Server 2025 Standard'],
    [25_398, 3, 13, 'Windows Server 23H2 Standard Core'],
    [26_120, 1, 48, 'Windows 11 Pro'],
    [18_990, 1, 48, 'Windows 10 Pro'],
    [26_120, 3, 7, 'Windows Server Standard'],
  ] as const) {
    test(`${build}, type ${type}, edition ${sku}: ${name}`, () =>
      assert.equal(modern(build, type, sku).name, name));
  }

  test('with version, number and role apart', () => {
    assert.deepEqual(modern(20_348, 2, 7), {
      name: 'Windows Server 2022 Standard',
      product: 'Windows Server 2022',
      version: undefined,
      edition: 'Standard',
      number: '10.0.20348',
      isServer: true,
      isDomainController: true,
    });
    assert.equal(modern(26_100, 1, 48).version, '24H2');
  });

  test('an edition that nobody knows, not even by a property of every object, is left out', () => {
    assert.equal(modern(26_100, 1, 9999).name, 'Windows 11 24H2');
    assert.equal(of({ major: 10, minor: 0, build: 26_100, oldProductType: 1 }).name, 'Windows 11 24H2');
  });
});

describe('before Windows 10 the table of the specification tells it', () => {
  for (const [facts, name] of [
    [{ major: 6, minor: 3, oldProductType: 1 }, 'Windows 8.1'],
    [{ major: 6, minor: 3, oldProductType: 3 }, 'Windows Server 2012 R2'],
    [{ major: 6, minor: 2, oldProductType: 2 }, 'Windows Server 2012'],
    [{ major: 6, minor: 1, newProductType: 0x30 }, 'Windows 7 Professional'],
    [{ major: 6, minor: 1, newProductType: 0x0a }, 'Windows Server 2008 R2 Enterprise Edition'],
    [{ major: 6, minor: 0, newProductType: 6 }, 'Windows Vista Business'],
    [{ major: 5, minor: 1, architecture: 'x86' }, 'Windows XP Professional operating system'],
    [{ major: 5, minor: 1, systemMetrics: 87, architecture: 'x86' }, 'Windows XP Media Center Edition'],
    [
      { major: 5, minor: 2, suiteMask: 0x82, systemMetrics: 89, architecture: 'amd64' },
      'Windows Server 2003 R2 Datacenter x64 Edition operating system',
    ],
    [
      { major: 5, minor: 2, suiteMask: 0x12, oldProductType: 3, architecture: 'Amd64' },
      'Windows Server 2003 Enterprise x64 Edition operating system',
    ],
    [
      { major: 5, minor: 2, oldProductType: 3, architecture: 'AMD64' },
      'Windows Server 2003 Standard x64 Edition operating system',
    ],
    [{ major: 6, minor: 1, newProductType: 0x999 }, 'Windows 6.1'],
  ] as const) {
    test(name, () => assert.equal(of(facts).name, name));
  }
});

test('who tells nothing is called what it calls itself, or unknown', () => {
  assert.equal(of({ description: 'Oak OS' }).name, 'Oak OS');
  assert.equal(of({}).name, 'unknown');
  assert.equal(of({}).number, '?.?.?');
});

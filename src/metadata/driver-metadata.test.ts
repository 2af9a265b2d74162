import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ownDocument } from '../../test/support/own-documents.ts';
import { parseDriverDate, parseDriverVersion, type DriverMetadata } from './driver-metadata.ts';
import { parseUpdateDocument } from './update-document.ts';

function probe(from: string | RegExp, to: string): DriverMetadata {
  const text = ownDocument('driver').toString();
  assert.notEqual(text.replace(from, to), text);
  return parseUpdateDocument(Buffer.from(text.replace(from, to))).drivers[0];
}

describe('a driver date', () => {
  const cases: readonly (readonly [text: string, expected: string | undefined])[] = [
    ['2024-03-28', '2024-03-28T00:00:00Z'],
    [' 2024-03-28 ', '2024-03-28T00:00:00Z'],
    ['2024-03-28Z', '2024-03-28T00:00:00Z'],
    ['2024-03-28+02:00', '2024-03-27T22:00:00Z'],
    ['2024-03-28T10:20:30', '2024-03-28T10:20:30Z'],
    ['2024-03-28T10:20:30.1234567-08:00', '2024-03-28T18:20:30.123Z'],
    ['03/28/2024', '2024-03-28T00:00:00Z'],
    ['3-8-2024', '2024-03-08T00:00:00Z'],
    ['06/21/2006', '2006-06-21T00:00:00Z'],
    ['0001-01-01', '0001-01-01T00:00:00Z'],
    ['01/01/0001', '0001-01-01T00:00:00Z'],
    ['28/03/2024', undefined],
    ['03/32/2024', undefined],
    ['00/10/2024', undefined],
    ['03/28/24', undefined],
    ['2024-13-01', undefined],
    ['2024', undefined],
    ['yesterday', undefined],
    ['', undefined],
  ];
  for (const [text, expected] of cases) {
    it(`${JSON.stringify(text)} is ${expected ?? 'none'}`, () => {
      assert.equal(parseDriverDate(text), expected === undefined ? 0 : Date.parse(expected));
    });
  }
});

describe('a driver version', () => {
  const cases: readonly (readonly [text: string, expected: bigint])[] = [
    ['1.2.3.4', 0x0001_0002_0003_0004n],
    ['10.0.19041.1', 0x000a_0000_4a61_0001n],
    ['65535.65535.65535.65535', 0xffff_ffff_ffff_ffffn],
    [' 1.2.3.4 ', 0x0001_0002_0003_0004n],
    ['6.1', 0x0006_0001_0000_0000n],
    ['1.2.3.4.5', 0x0001_0002_0003_0004n],
    ['1.65536.3.4', 0x0001_0000_0003_0004n],
    ['1.-2.3x.0x4', 0x0001_0000_0000_0000n],
    ['', 0n],
    ['none', 0n],
  ];
  for (const [text, expected] of cases) {
    it(`${JSON.stringify(text)} is ${expected.toString(16)}`, () => {
      assert.equal(parseDriverVersion(text), expected);
    });
  }
});

describe('driver metadata', () => {
  it('takes feature scores of one byte only: a smaller one would win over every other driver', () => {
    for (const score of ['0xff', '-1', '256', '1e1', '', '12 ']) {
      const { featureScores } = probe('FeatureScore="160"', `FeatureScore="${score}"`);
      assert.deepEqual(featureScores, { 'arm64.10.0': 255 }, score);
    }
    assert.equal(probe('FeatureScore="160"', 'FeatureScore="0"').featureScores['amd64.10.0'], 0);
  });

  it('passes over computer hardware ids that are none', () => {
    const { distributionComputerHardwareIds } = probe(
      'A095400B-E4B0-46E8-805E-869CF3FF82C2',
      'this computer',
    );
    assert.deepEqual(distributionComputerHardwareIds, ['7f56e615-da94-4bf6-8198-c328749c0a08']);
  });

  it('has no WHQL id where it is no number of 32 bits', () => {
    for (const id of ['4294967296', 'x', '-1', '9'.repeat(400)]) {
      assert.equal(probe('WhqlDriverID="4200417"', `WhqlDriverID="${id}"`).whqlDriverId, 0, id);
    }
    assert.equal(probe('4200417', '4294967295').whqlDriverId, 0xffff_ffff);
  });

  it('is taken from the driver namespace only', () => {
    assert.equal(probe(/xmlns:drv="[^"]*"/, 'xmlns:drv="urn:other"'), undefined);
  });
});

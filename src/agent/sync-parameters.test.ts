import assert from 'node:assert/strict';
import { test } from 'node:test';
import { updateIdOf } from '../../test/support/core-fragment.ts';
import { SyncUpdateParameters } from '../protocol/wusp/client.ts';
import { encodeElement } from '../soap/encode.ts';
import { XmlWriter } from '../xml/writer.ts';
import { profile } from './machine/profiles/profile.ts';
import { personaOf } from './persona-of-profile.ts';
import { driverParameters, knowsCategoryScans, softwareParameters } from './sync-parameters.ts';

const personaNamed = (name: string) => personaOf(profile(name), profile(name).machine, 'rope.example');
const MODERN = personaNamed('windows-11-25h2');
const OLD = ['windows-7-sp1', 'windows-8.1', 'windows-server-2012-r2'].map(personaNamed);
const NOTHING = { installed: [], other: [], drivers: [] };
const SOME = { installed: [3, 8], other: [1, 9], drivers: [5] };

/** Names of the parameters as they follow each other on the wire. */
function namesOf(parameters: ReturnType<typeof softwareParameters>): string[] {
  const writer = new XmlWriter('/>');
  encodeElement(writer, 'parameters', SyncUpdateParameters, parameters);
  const text = writer.toBuffer().toString();
  return Object.keys(SyncUpdateParameters.fields)
    .filter((name) => new RegExp(`<${name}[/>]`).test(text))
    .sort((one, other) => text.search(`<${one}[/>]`) - text.search(`<${other}[/>]`));
}

test('a first call leaves the empty lists out', () => {
  assert.deepEqual(namesOf(softwareParameters(MODERN, NOTHING, [])), [
    'ExpressQuery',
    'SkipSoftwareSync',
    'NeedTwoGroupOutOfScopeUpdates',
    'AlsoPerformRegularSync',
    'ComputerSpec',
    'ProductsParameters',
  ]);
});

test('a software call names what is cached, and an empty computer', () => {
  const parameters = softwareParameters(MODERN, SOME, []);
  assert.deepEqual(parameters.InstalledNonLeafUpdateIDs, [3, 8]);
  assert.deepEqual(parameters.OtherCachedUpdateIDs, [1, 9]);
  assert.equal(parameters.CachedDriverIDs, undefined);
  assert.equal(parameters.SkipSoftwareSync, false);
  assert.equal(parameters.ExpressQuery, false);
  assert.deepEqual(parameters.ComputerSpec, {});
  assert.equal(parameters.FilterCategoryIds, undefined);
});

test('the driver call repeats the installed list, drops the others and describes the computer', () => {
  assert.deepEqual(namesOf(driverParameters(MODERN, SOME, [])), [
    'ExpressQuery',
    'InstalledNonLeafUpdateIDs',
    'SystemSpec',
    'CachedDriverIDs',
    'SkipSoftwareSync',
    'NeedTwoGroupOutOfScopeUpdates',
    'AlsoPerformRegularSync',
    'ComputerSpec',
    'FeatureScoreMatchingKey',
    'ProductsParameters',
  ]);
  const parameters = driverParameters(MODERN, SOME, []);
  assert.equal(parameters.SkipSoftwareSync, true);
  assert.deepEqual(parameters.CachedDriverIDs, [5]);
  assert.equal(parameters.SystemSpec?.length, MODERN.devices.length);
  assert.equal(parameters.FeatureScoreMatchingKey, 'AMD64.10.0');
  assert.equal(parameters.ComputerSpec?.HardwareIDs?.length, 6);
});

test('a category scan says so, in the software call as in the driver call', () => {
  const filter = [updateIdOf(1)];
  for (const parameters of [
    softwareParameters(MODERN, NOTHING, filter),
    driverParameters(MODERN, NOTHING, filter),
  ]) {
    assert.deepEqual(parameters.FilterCategoryIds, [{ Id: filter[0] }]);
    assert.equal(parameters.AlsoPerformRegularSync, false);
    assert.equal(parameters.ProductsParameters?.Products, '');
  }
  const whole = softwareParameters(MODERN, NOTHING, []);
  assert.equal(whole.AlsoPerformRegularSync, true);
  assert.equal(whole.ProductsParameters?.Products, MODERN.products);
  assert.notEqual(MODERN.products, '');
});

test('agents before Windows 10 send nothing that came later', () => {
  for (const persona of OLD) {
    assert.deepEqual(namesOf(softwareParameters(persona, SOME, [])), [
      'ExpressQuery',
      'InstalledNonLeafUpdateIDs',
      'OtherCachedUpdateIDs',
      'SkipSoftwareSync',
      'NeedTwoGroupOutOfScopeUpdates',
    ]);
    assert.deepEqual(namesOf(driverParameters(persona, SOME, [])), [
      'ExpressQuery',
      'InstalledNonLeafUpdateIDs',
      'SystemSpec',
      'CachedDriverIDs',
      'SkipSoftwareSync',
      'NeedTwoGroupOutOfScopeUpdates',
    ]);
  }
});

test('a server before 3.2 is not asked for two groups', () => {
  for (const [version, expected] of [
    ['3.2', true],
    ['3.10', true],
    ['4.0', true],
    ['3.1', false],
    ['3.0', false],
    ['2.9', false],
    ['', false],
    ['rope', false],
  ] as const) {
    assert.equal(knowsCategoryScans(version), expected, version);
  }
  const names = namesOf(softwareParameters(MODERN, NOTHING, [], false));
  assert.ok(!names.includes('NeedTwoGroupOutOfScopeUpdates'));
});

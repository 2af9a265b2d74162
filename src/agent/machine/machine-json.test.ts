import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { SMALL_MACHINE, smallMachine } from '../../../test/support/agent-machine.ts';
import { raised } from '../../../test/support/error-code.ts';
import { machineToJson, parseMachine } from './machine-json.ts';

test('a machine survives being written as JSON', () => {
  const machine = smallMachine();
  const written: unknown = JSON.parse(JSON.stringify(machineToJson(machine)));
  assert.deepEqual(parseMachine(written), machine);
});

test('only what tells systems apart has to be said', () => {
  const machine = parseMachine({
    osVersion: { major: 6, minor: 1, build: 7601 },
    productType: 1,
    architecture: 'x86',
  });
  assert.deepEqual(machine.osVersion, { major: 6, minor: 1, build: 7601, ubr: 0, spMajor: 0, spMinor: 0 });
  assert.equal(machine.registry.wow64, undefined);
  assert.deepEqual(parseMachine(machineToJson(machine)), machine);
});

test('a fault is named by its path', () => {
  for (const [fault, path] of [
    [{ osVersion: { major: 'x', minor: 0, build: 1 } }, '/osVersion/major'],
    [{ unknown: 1 }, '/unknown'],
    [{ ramMB: -1 }, '/ramMB'],
    [
      { registry: { native: { A: { B: { type: 'REG_DWORD', data: 'text' } } } } },
      '/registry/native/A/B/data',
    ],
    [{ packages: ['no identity'] }, '/packages/0'],
    [{ products: { x: { version: '1' } } }, '/products/x'],
    [{ releases: { x: '4294967296' } }, '/releases/x'],
    [{ files: { 'C:\\x': { created: 'yesterday' } } }, '/files/C:\\x/created'],
    [{ knownFolders: { x: 'C:\\' } }, '/knownFolders/x'],
    [{ systemMetrics: { '-1': 1 } }, '/systemMetrics/-1'],
    [{ architecture: 'x86' }, '/registry/wow64'],
    [{ files: { 'a\nb': null } }, '/files/a\nb'],
  ] as const) {
    assert.equal(
      raised(() => parseMachine({ ...SMALL_MACHINE, ...fault })),
      `OAK_MACHINE_INVALID at ${path}`,
    );
  }
});

test('names that every object has are names like others', () => {
  const json = JSON.parse(
    JSON.stringify({ ...SMALL_MACHINE, releases: { constructor: '1.0' } }).replace('"Text"', '"__proto__"'),
  ) as unknown;
  const machine = parseMachine(json);
  assert.equal(machine.registry.native.get('software\\oakum')?.values.get('__proto__')?.type, 'REG_SZ');
  assert.deepEqual(machine.releases.get('constructor')?.version, [1, 0, 0, 0]);
  assert.deepEqual(parseMachine(machineToJson(machine)), machine);
});

test('whatever is parsed, nothing but the own error is raised', () => {
  fc.assert(
    fc.property(fc.anything(), fc.constantFrom(...Object.keys(SMALL_MACHINE)), (value, key) => {
      assert.match(
        raised(() => parseMachine(value)),
        /^OAK_MACHINE_INVALID at /,
      );
      assert.match(
        raised(() => parseMachine({ ...SMALL_MACHINE, [key]: value })),
        /^(OAK_MACHINE_INVALID at .*|nothing)$/s,
      );
    }),
    { numRuns: 300 },
  );
});

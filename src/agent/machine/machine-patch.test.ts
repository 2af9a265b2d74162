import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PRODUCT, smallMachine } from '../../../test/support/agent-machine.ts';
import { updateIdOf } from '../../../test/support/core-fragment.ts';
import { parseGuid, type Guid } from '../../soap/simple-type.ts';
import { machineToJson } from './machine-json.ts';
import { applyPatch, type MachineFact } from './machine-patch.ts';
import { parsePackageIdentity } from './package-identity.ts';

const identity = parsePackageIdentity('Oakum-New~t~amd64~~1.0.0.0')!;
const key = { view: 'native', path: 'SOFTWARE\\New' } as const;

test('every fact can come to hold and cease to', () => {
  const productCode = parseGuid(PRODUCT) as Guid;
  const pairs: readonly (readonly [MachineFact, MachineFact])[] = [
    [
      { fact: 'registry-value', key, name: 'A', value: { name: 'A', type: 'REG_DWORD', data: 1 } },
      { fact: 'registry-value', key, name: 'A', value: undefined },
    ],
    [
      { fact: 'registry-key', key: { ...key, view: 'wow64' }, present: true },
      { fact: 'registry-key', key: { ...key, view: 'wow64' }, present: false },
    ],
    [
      { fact: 'file', path: 'C:\\New\\a.dll', file: { path: 'C:\\New\\a.dll', version: [1, 0, 0, 0] } },
      { fact: 'file', path: 'c:\\NEW\\a.dll', file: undefined },
    ],
    [
      { fact: 'product', productCode, product: undefined },
      { fact: 'product', productCode, product: smallMachine().products.get(productCode) },
    ],
    [
      { fact: 'package', identity, present: true },
      { fact: 'package', identity, present: false },
    ],
    [
      { fact: 'release', name: 'New.Release', version: [2, 0, 0, 0] },
      { fact: 'release', name: 'new.release', version: undefined },
    ],
    [
      { fact: 'licence', name: 'New', value: 1 },
      { fact: 'licence', name: 'new', value: undefined },
    ],
    [
      { fact: 'wmi', namespace: 'root\\cimv2', query: 'select 1', rows: [{}] },
      { fact: 'wmi', namespace: 'ROOT/cimv2', query: 'SELECT  1', rows: undefined },
    ],
    [
      { fact: 'device-attribute', name: 'New', value: '1' },
      { fact: 'device-attribute', name: 'NEW', value: undefined },
    ],
    [
      { fact: 'history', updateId: updateIdOf(1), present: true },
      { fact: 'history', updateId: updateIdOf(1), present: false },
    ],
  ];
  const machine = smallMachine();
  const before = machineToJson(machine);
  for (const [there, gone] of pairs) {
    const changed = applyPatch(machine, [there]);
    assert.notDeepEqual(changed, machine, there.fact);
    const back = machineToJson(applyPatch(changed, [gone]));
    // A key stays when its last value goes.
    if (there.fact !== 'registry-value')
      assert.deepEqual({ ...back, products: {} }, { ...before, products: {} }, there.fact);
    assert.deepEqual(machineToJson(machine), before, 'the given machine stays as it is');
  }
});

test('drivers, metrics and the version of the system can be replaced', () => {
  const machine = smallMachine();
  const hardwareId = 'PCI\\VEN_0A4B&DEV_0001&REV_02';
  const osVersion = { ...machine.osVersion, build: 30_000 };
  const changed = applyPatch(machine, [
    { fact: 'driver', hardwareId, driver: undefined },
    { fact: 'system-metric', index: 87, value: 1 },
    { fact: 'os-version', osVersion },
  ]);
  assert.equal(changed.devices[0].driver, undefined);
  assert.equal(changed.systemMetrics.get(87), 1);
  assert.equal(changed.osVersion.build, 30_000);
  const driver = machine.devices[0].driver!;
  assert.deepEqual(applyPatch(changed, [{ fact: 'driver', hardwareId, driver }]).devices, machine.devices);
});

test('what does not change is shared, and nothing changed is the same machine', () => {
  const machine = smallMachine();
  assert.equal(applyPatch(machine, []), machine);
  const changed = applyPatch(machine, [{ fact: 'registry-key', key, present: true }]);
  assert.equal(changed.files, machine.files);
  assert.equal(changed.registry.wow64, machine.registry.wow64);
  assert.notEqual(changed.registry.native, machine.registry.native);
});

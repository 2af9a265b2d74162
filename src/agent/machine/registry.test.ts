import assert from 'node:assert/strict';
import { test } from 'node:test';
import { keyAt, keyPath, locateKey, subkeyNames, type Registry } from './registry.ts';
import { RegistryDraft } from './registry-draft.ts';

function registryOf(native: readonly string[], wow64?: readonly string[]): Registry {
  const view = (keys: readonly string[]): RegistryDraft['view'] => {
    const draft = new RegistryDraft(new Map());
    for (const key of keys) draft.addKey(key);
    return draft.view;
  };
  return { native: view(native), wow64: wow64 && view(wow64) };
}

test('the 32-bit view differs below SOFTWARE, but not in what both views share', () => {
  const registry = registryOf([], []);
  for (const [path, is32Bit, expected] of [
    ['SOFTWARE\\Oakum', false, 'native SOFTWARE\\Oakum'],
    ['SOFTWARE\\Oakum', true, 'wow64 SOFTWARE\\Oakum'],
    ['software\\oakum', true, 'wow64 software\\oakum'],
    ['SOFTWARE', true, 'wow64 SOFTWARE'],
    ['SOFTWAREX\\Oakum', true, 'native SOFTWAREX\\Oakum'],
    ['SYSTEM\\Oakum', true, 'native SYSTEM\\Oakum'],
    ['SOFTWARE\\Policies\\Oakum', true, 'native SOFTWARE\\Policies\\Oakum'],
    ['SOFTWARE\\PoliciesX', true, 'wow64 SOFTWARE\\PoliciesX'],
    ['SOFTWARE\\Classes\\Installer', true, 'native SOFTWARE\\Classes\\Installer'],
    ['SOFTWARE\\Classes\\CLSID\\{x}', true, 'wow64 SOFTWARE\\Classes\\CLSID\\{x}'],
    ['SOFTWARE\\WOW6432Node\\Oakum', false, 'wow64 SOFTWARE\\Oakum'],
    ['SOFTWARE\\WOW6432Node\\Oakum', true, 'wow64 SOFTWARE\\Oakum'],
    ['SOFTWARE\\Wow6432NodeX', false, 'native SOFTWARE\\Wow6432NodeX'],
  ] as const) {
    const { view, path: located } = locateKey(registry, path, is32Bit);
    assert.equal(`${view} ${located}`, expected, `${path} ${is32Bit}`);
  }
});

test('32-bit Windows has one view, whatever a rule asks for', () => {
  const registry = registryOf(['SOFTWARE\\Oakum']);
  assert.equal(locateKey(registry, 'SOFTWARE\\Oakum', true).view, 'native');
  assert.ok(keyAt(registry, locateKey(registry, 'software\\OAKUM', true)));
});

test('backslashes at either end of a key path, or twice, do not count', () => {
  assert.equal(keyPath('\\SOFTWARE\\\\Oakum\\'), 'SOFTWARE\\Oakum');
  assert.equal(keyPath('\\'), '');
});

test('a key has its ancestors, in the letter case it was made with', () => {
  const registry = registryOf(['A\\b\\C', 'a\\B\\d', 'A\\bb']);
  assert.equal(keyAt(registry, { view: 'native', path: 'a' })?.path, 'A');
  assert.deepEqual(subkeyNames(registry, { view: 'native', path: 'a\\B' }), ['C', 'd']);
  assert.deepEqual(subkeyNames(registry, { view: 'native', path: 'A' }), ['b', 'bb']);
  assert.deepEqual(subkeyNames(registry, { view: 'wow64', path: 'A' }), []);
});

test('a draft changes nothing but itself', () => {
  const first = new RegistryDraft(new Map());
  first.setValue('A\\B', { name: 'One', type: 'REG_DWORD', data: 1 });
  const before = new Map(first.view);
  const second = new RegistryDraft(first.view);
  second.setValue('a\\b', { name: 'ONE', type: 'REG_DWORD', data: 2 });
  second.setValue('A\\B', { name: 'Two', type: 'REG_SZ', data: '' });
  second.removeValue('A\\B', 'missing');
  second.removeValue('A\\missing', 'missing');
  second.addKey('');
  assert.deepEqual(first.view, before);
  assert.deepEqual([...(first.view.get('a\\b')?.values.keys() ?? [])], ['one']);
  assert.deepEqual(second.view.get('a\\b')?.values.get('one'), { name: 'ONE', type: 'REG_DWORD', data: 2 });
  second.removeValue('A\\B', 'one');
  assert.deepEqual([...(second.view.get('a\\b')?.values.keys() ?? [])], ['two']);
  second.removeKey('a');
  assert.equal(second.view.size, 0);
  assert.equal(first.view.size, 2);
});

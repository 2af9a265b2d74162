import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HRESULTS } from '../agent/hresult.ts';
import { eventIdsNamed, eventName, FAILURE_EVENT_IDS } from './event-names.ts';
import { describeResult, parseResultCode, RESULT_NAMES } from './result-codes.ts';

test('a code is described, however it is signed', () => {
  const described = {
    code: -2147023293,
    hex: '0x80070643',
    name: 'ERROR_INSTALL_FAILURE',
    meaning: 'The installer failed; its own log says why.',
  };
  assert.deepEqual(describeResult(0x8007_0643), described);
  assert.deepEqual(describeResult(-2147023293), described);
  assert.deepEqual(describeResult(0x1234_5678).name, '');
  assert.equal(describeResult(-1).hex, '0xFFFFFFFF');
});

test('a code is found by what people write', () => {
  for (const text of ['0x80070643', '-2147023293', '2147944003', ' error_install_failure '])
    assert.equal(parseResultCode(text), -2147023293, text);
  assert.equal(parseResultCode('S_OK'), 0);
  for (const text of ['', '0x', '0x123456789', '99999999999', 'what']) {
    assert.equal(parseResultCode(text), undefined, text);
  }
});

test('names are unique, and mean what the simulated agent means by them', () => {
  assert.equal(new Set(RESULT_NAMES).size, RESULT_NAMES.length);
  for (const [name, code] of Object.entries(HRESULTS)) {
    if (RESULT_NAMES.includes(name)) assert.equal(parseResultCode(name), code | 0, name);
  }
});

test('events are found by number, name and words', () => {
  assert.equal(eventName(182), 'installation failed');
  assert.equal(eventName(4711), 'event 4711');
  assert.deepEqual(eventIdsNamed('182'), [182]);
  assert.deepEqual(eventIdsNamed('Installation failed'), [182, 195, 198]);
  assert.ok(eventIdsNamed('restart').includes(201));
  assert.deepEqual(eventIdsNamed('nothing of the kind'), []);
  // A success, whatever lists of failures say.
  assert.ok(!FAILURE_EVENT_IDS.includes(203));
});

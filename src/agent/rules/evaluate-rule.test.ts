import assert from 'node:assert/strict';
import { test } from 'node:test';
import { contextOn, smallMachine } from '../../../test/support/agent-machine.ts';
import { ruleOf } from '../../../test/support/core-fragment.ts';
import { evaluateRule } from './evaluate-rule.ts';
import type { Trilean } from './trilean.ts';

const T = '<True/>';
const F = '<False/>';
const E = '<b.Unheard/>';

function verdict(xml: string, machine = smallMachine()): Trilean {
  return evaluateRule(ruleOf(xml).rule, contextOn(machine));
}

test('And, Or and Not hold what stands in them', () => {
  for (const [xml, expected] of [
    [`<And>${T}</And>`, 'true'],
    [`<And>${T}${T}${F}</And>`, 'false'],
    [`<And>${E}${F}</And>`, 'false'],
    [`<And>${T}${E}</And>`, 'error'],
    [`<Or>${F}${T}</Or>`, 'true'],
    [`<Or>${F}${F}</Or>`, 'false'],
    [`<Or>${E}${T}</Or>`, 'true'],
    [`<Or>${F}${E}</Or>`, 'error'],
    [`<Not>${F}</Not>`, 'true'],
    [`<Not>${T}</Not>`, 'false'],
    [`<Not>${E}</Not>`, 'error'],
    [`<And><Not><Or>${F}${F}</Or></Not><Or>${F}${T}</Or></And>`, 'true'],
  ] as const) {
    assert.equal(verdict(xml), expected, xml);
  }
});

test('logic that holds nothing, or too much, cannot be evaluated', () => {
  for (const xml of ['<And/>', '<Or></Or>', '<Not/>', `<Not>${T}${T}</Not>`]) {
    assert.equal(verdict(xml), 'error', xml);
    assert.equal(verdict(`<Or>${T}${xml}</Or>`), 'true', xml);
  }
});

const LOOP = 'Key="HKEY_LOCAL_MACHINE"';
const loop = (subkey: string, trueIf: string, child: string, more = ''): string =>
  `<b.RegKeyLoop ${LOOP} Subkey="SOFTWARE\\Oakum\\${subkey}" TrueIf="${trueIf}" ${more}>${child}</b.RegKeyLoop>`;
const inLoop = (subkey: string, value: string, comparison: string, data: number, more = ''): string =>
  `<b.RegDword Key="HKEY_LOOP_TARGET" Subkey="${subkey}" Value="${value}" Comparison="${comparison}" Data="${data}" ${more}/>`;

test('a loop asks every subkey', () => {
  const one = inLoop('Setup', 'Cluster', 'EqualTo', 1);
  const none = inLoop('Setup', 'Cluster', 'EqualTo', 5);
  // The subkey itself, as real rules write it.
  const all = inLoop('\\', 'Score', 'GreaterThanOrEqualTo', 5);
  const some = inLoop('', 'Score', 'GreaterThanOrEqualTo', 6);
  for (const [xml, expected] of [
    [loop('Loop', 'Any', one), 'true'],
    [loop('Loop', 'Any', none), 'false'],
    [loop('Loop', 'None', none), 'true'],
    [loop('Loop', 'None', one), 'false'],
    [loop('Alike', 'All', all), 'true'],
    [loop('Alike', 'All', some), 'false'],
    [loop('Alike', 'any', some), 'true'],
    [loop('Loop', 'Any', `<Not>${one}</Not>`), 'true'],
    [loop('Loop', 'Any', E), 'error'],
    [loop('Loop', 'None', E), 'error'],
    [loop('Loop', 'Some', one), 'error'],
    [loop('Loop', 'Any', ''), 'error'],
    [loop('Loop', 'Any', one + one), 'error'],
  ] as const) {
    assert.equal(verdict(xml), expected, xml);
  }
});

test('a loop over nothing is true for None only', () => {
  for (const subkey of ['Empty', 'Missing']) {
    assert.equal(verdict(loop(subkey, 'Any', T)), 'false');
    assert.equal(verdict(loop(subkey, 'None', T)), 'true');
    assert.equal(verdict(loop(subkey, 'All', T)), 'false');
  }
});

test('a loop over the 32-bit view stays in it', () => {
  const third = inLoop('Setup', 'Cluster', 'EqualTo', 32);
  assert.equal(verdict(loop('Loop', 'Any', third)), 'false');
  assert.equal(verdict(loop('Loop', 'Any', third, 'RegType32="true"')), 'true');
  assert.equal(
    verdict(
      loop('Loop', 'Any', inLoop('Setup', 'Cluster', 'EqualTo', 32, 'RegType32="true"'), 'RegType32="true"'),
    ),
    'true',
  );
});

test('a loop can stand in a loop', () => {
  const inner = `<b.RegKeyLoop Key="HKEY_LOOP_TARGET" Subkey="Loop" TrueIf="Any">${inLoop('Setup', 'Cluster', 'EqualTo', 1)}</b.RegKeyLoop>`;
  const outer = `<b.RegKeyLoop ${LOOP} Subkey="SOFTWARE" TrueIf="Any">${inner}</b.RegKeyLoop>`;
  assert.equal(verdict(outer), 'true');
  assert.equal(verdict(inner), 'error');
});

test('loops that multiply each other without end are refused', () => {
  const open = `<b.RegKeyLoop ${LOOP} Subkey="SOFTWARE\\Oakum\\Loop" TrueIf="Any">`;
  const nested = (depth: number): string => `${open.repeat(depth)}${F}${'</b.RegKeyLoop>'.repeat(depth)}`;
  assert.equal(verdict(nested(2)), 'false');
  for (const depth of [3, 4, 100]) assert.equal(verdict(nested(depth)), 'error');
});

test('paths have the length that their types allow', () => {
  const subkey = (length: number): string => `<b.RegKeyExists ${LOOP} Subkey="${'a'.repeat(length)}"/>`;
  assert.equal(verdict(subkey(255)), 'false');
  assert.equal(verdict(subkey(256)), 'error');
  const path = (length: number): string => `<b.FileExists Path="${'a'.repeat(length)}"/>`;
  assert.equal(verdict(path(260)), 'false');
  assert.equal(verdict(path(261)), 'error');
});

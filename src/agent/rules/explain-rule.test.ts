import assert from 'node:assert/strict';
import { test } from 'node:test';
import { contextOn, smallMachine } from '../../../test/support/agent-machine.ts';
import { ruleOf } from '../../../test/support/core-fragment.ts';
import { explainRule, explanationLines } from './explain-rule.ts';

const HERE = 'Key="HKEY_LOCAL_MACHINE" Subkey="SOFTWARE\\Oakum"';

function lines(xml: string, maxChildren?: number): string[] {
  const explanation = explainRule(ruleOf(xml).rule, contextOn(smallMachine()));
  return explanationLines(explanation, maxChildren === undefined ? {} : { maxChildren });
}

test('an explanation shows each node with its verdict and what was found', () => {
  assert.deepEqual(
    lines(
      `<Or><b.RegDword ${HERE} Value="Number" Comparison="EqualTo" Data="8"/><b.RegKeyExists ${HERE.replace('Oakum', 'Hemp')}/></Or>`,
    ),
    [
      'false Or',
      '  false b.RegDword Subkey="SOFTWARE\\Oakum" Value="Number" Comparison="EqualTo" Data="8" -> REG_DWORD 7',
      '  false b.RegKeyExists Subkey="SOFTWARE\\Hemp" -> no key SOFTWARE\\Hemp',
    ],
  );
});

test('only what decides is printed', () => {
  assert.deepEqual(lines('<And><True/><False/><b.Unheard/></And>'), [
    'false And',
    '  false False -> false',
    '  (2 others do not matter)',
  ]);
  assert.deepEqual(lines('<Not><True/></Not>'), ['false Not', '  true  True -> true']);
  assert.deepEqual(lines('<And><True/><b.Unheard x="1"/></And>'), [
    'error And',
    '  error b.Unheard x="1" -> the operator is not known',
    '  (1 other does not matter)',
  ]);
});

test('long lists are counted', () => {
  assert.deepEqual(lines(`<Or>${'<False/>'.repeat(20)}</Or>`, 2), [
    'false Or',
    '  false False -> false',
    '  false False -> false',
    '  ... and 18 more, false',
  ]);
});

test('a loop tells which subkey it is about', () => {
  const child =
    '<b.RegDword Key="HKEY_LOOP_TARGET" Subkey="" Value="Score" Comparison="GreaterThan" Data="5"/>';
  assert.deepEqual(
    lines(
      `<b.RegKeyLoop Key="HKEY_LOCAL_MACHINE" Subkey="SOFTWARE\\Oakum\\Alike" TrueIf="Any">${child}</b.RegKeyLoop>`,
    ),
    [
      'true  b.RegKeyLoop Subkey="SOFTWARE\\Oakum\\Alike" TrueIf="Any" -> 2 subkeys',
      '  true  [SOFTWARE\\Oakum\\Alike\\Second] b.RegDword Key="HKEY_LOOP_TARGET" Subkey="" Value="Score" Comparison="GreaterThan" Data="5" -> REG_DWORD 6',
      '  (1 other does not matter)',
    ],
  );
});

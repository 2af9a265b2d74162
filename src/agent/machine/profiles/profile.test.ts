import assert from 'node:assert/strict';
import { test } from 'node:test';
import { raised } from '../../../../test/support/error-code.ts';
import { contextOn } from '../../../../test/support/agent-machine.ts';
import { ruleOf } from '../../../../test/support/core-fragment.ts';
import { evaluateRule } from '../../rules/evaluate-rule.ts';
import { featureScoreKey } from '../machine.ts';
import { machineToJson, parseMachine } from '../machine-json.ts';
import { profile, profileNames } from './profile.ts';

test('there is a profile for every system that is spoken of', () => {
  assert.deepEqual([...profileNames].sort(), [
    'windows-10-22h2',
    'windows-11-23h2',
    'windows-11-24h2',
    'windows-11-25h2',
    'windows-7-sp1',
    'windows-8.1',
    'windows-server-2012-r2',
    'windows-server-2016',
    'windows-server-2019',
    'windows-server-2022',
    'windows-server-2025',
  ]);
  assert.equal(
    raised(() => profile('windows-95')),
    'OAK_PROFILE_UNKNOWN',
  );
  assert.equal(profile('Windows-11-25H2').name, 'windows-11-25h2');
});

test('every profile is whole, and its machine is JSON', () => {
  for (const name of profileNames) {
    const one = profile(name);
    assert.deepEqual(parseMachine(JSON.parse(JSON.stringify(machineToJson(one.machine)))), one.machine, name);
    assert.match(one.clientVersion, /^\d+\.\d+\.\d+\.\d+$/);
    assert.match(one.protocolVersion, /^\d+\.\d+$/);
    assert.equal(one.isModern, one.machine.osVersion.major >= 10);
    assert.equal(one.isModern, one.machine.deviceAttributes.size > 0);
    assert.equal(one.isModern, one.osDescription !== undefined);
    assert.equal(one.isModern, one.products !== '');
    assert.equal(one.downloader, one.isModern ? 'delivery-optimization' : 'bits');
    assert.equal(one.machine.productType, name.includes('server') ? 3 : 1);
    assert.ok(one.machine.devices.length >= 12);
    assert.ok(one.machine.devices.some(({ driver }) => driver === undefined));
  }
});

test('the newest client says what was observed of it', () => {
  const { machine, ...agent } = profile('windows-11-25h2');
  assert.equal(agent.userAgent, 'Windows-Update-Agent/1507.2601.30012.0 Client-Protocol/2.90');
  assert.equal(agent.protocolVersion, '2.90');
  assert.equal(agent.osDescription, 'Windows 10 Pro');
  assert.equal(featureScoreKey(machine), 'AMD64.10.0');
  assert.deepEqual(machine.osVersion, {
    major: 10,
    minor: 0,
    build: 26_200,
    ubr: 8037,
    spMajor: 0,
    spMinor: 0,
  });
  for (const [name, value] of [
    ['osskuid', '48'],
    ['osversion', '10.0.26200.8037'],
    ['lcuver', '10.0.26100.8037'],
    ['currentbranch', 'ge_release'],
    ['producttype', 'WinNT'],
  ] as const) {
    assert.equal(machine.deviceAttributes.get(name)?.value, value, name);
  }
});

test('the user agent of Windows 8.1 names another protocol than its bodies', () => {
  const { userAgent, protocolVersion } = profile('windows-8.1');
  assert.match(userAgent, /Client-Protocol\/1\.21$/);
  assert.equal(protocolVersion, '1.8');
});

test('rules tell the profiles apart', () => {
  const rule = (comparison: string, version: string, productType: number): string =>
    `<b.WindowsVersion Comparison="${comparison}" ${version} ProductType="${productType}" />`;
  const ten = 'MajorVersion="10" MinorVersion="0"';
  for (const [xml, expected] of [
    [rule('EqualTo', ten, 1), ['windows-10-22h2', 'windows-11-23h2', 'windows-11-24h2', 'windows-11-25h2']],
    [rule('LessThan', ten, 1), ['windows-7-sp1', 'windows-8.1']],
    [rule('EqualTo', `${ten} BuildNumber="26100"`, 3), ['windows-server-2025']],
  ] as const) {
    const found = profileNames.filter(
      (name) => evaluateRule(ruleOf(xml).rule, contextOn(profile(name).machine)) === 'true',
    );
    assert.deepEqual(found, expected);
  }
});

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { inflateRawSync } from 'node:zlib';
import { fixture, skipWithoutFixtures } from '../../../test/support/fixtures.ts';
import { exportedCores } from '../../../test/support/exported-cores.ts';
import { DOCUMENT_XML_LIMITS } from '../../metadata/document-limits.ts';
import { deriveFragments } from '../../metadata/fragments.ts';
import { resolveReferences } from '../../xml/text.ts';
import { Token, XmlScanner } from '../../xml/scanner.ts';
import { effectOf } from '../evaluation/effect.ts';
import { stateByRules } from '../evaluation/update-state.ts';
import { applyPatch } from '../machine/machine-patch.ts';
import { profile } from '../machine/profiles/profile.ts';
import { parseCoreFragment, type CoreUpdate } from './core-update.ts';
import { readRuleSection } from './read-rule.ts';
import { walkRule, type Rule } from './rule.ts';

const options = { skip: skipWithoutFixtures };

function rulesOf({ isInstalled, isSuperseded, isInstallable }: CoreUpdate): Rule[] {
  return [isInstalled, isSuperseded, isInstallable].flatMap((rule) => rule ?? []);
}

/** Uses by operator. Fails on what cannot be evaluated. */
function countOperators(rules: readonly Rule[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const rule of rules.flatMap((one) => [...walkRule(one)])) {
    assert.notEqual(rule.kind, 'broken', `${rule.name}: ${rule.kind === 'broken' && rule.problem}`);
    counts.set(rule.name, (counts.get(rule.name) ?? 0) + 1);
  }
  return counts;
}

/** The rules of a vendor's document, wherever they stand in it. */
function vendorRules(document: Uint8Array): Rule[] {
  const scanner = new XmlScanner(document, DOCUMENT_XML_LIMITS);
  const rules: Rule[] = [];
  while (scanner.next() !== Token.EndOfDocument) {
    if (scanner.token !== Token.StartElement) continue;
    if (!/^Is(Installed|Installable|Superseded)$/.test(scanner.localName)) continue;
    const rule = readRuleSection(scanner);
    if (rule !== undefined) rules.push(rule);
  }
  return rules;
}

test(
  'every operator of the exported catalogue is known, in the numbers that were counted',
  options,
  async () => {
    const cores = (await exportedCores()).map((core) => parseCoreFragment(core));
    assert.equal(cores.length, 4125);
    const counts = countOperators(cores.flatMap(rulesOf));
    for (const [name, expected] of Object.entries({
      'm.MsiProductInstalled': 49_968,
      And: 2085,
      'b.RegDword': 1704,
      Or: 1566,
      'b.RegSz': 1166,
      'b.RegValueExists': 1077,
      'b.RegKeyExists': 759,
      'b.WindowsVersion': 710,
      Not: 650,
      'b.RegSzToVersion': 476,
      'b.Processor': 393,
      'b.FileVersion': 211,
      True: 137,
      'b.FileExists': 136,
      'b.WindowsLanguage': 135,
      'b.WmiQuery': 71,
      CbsPackageInstalledByIdentity: 68,
      'b.LicenseDword': 64,
      'b.FileVersionPrependRegSz': 46,
      'b.SystemMetric': 13,
      ProductReleaseVersion: 12,
      'm.MsiComponentInstalledForProduct': 11,
      'm.MsiFeatureInstalledForProduct': 9,
      'b.FileModified': 7,
      False: 6,
      'b.FileExistsPrependRegSz': 6,
      'b.RegKeyLoop': 5,
      'b.FileCreatedPrependRegSz': 4,
      'b.Platform': 3,
      'm.MsiPatchInstalledForProduct': 3,
      'b.MuiInstalled': 1,
      'b.RegExpandSz': 1,
    })) {
      assert.equal(counts.get(name), expected, name);
      counts.delete(name);
    }
    assert.deepEqual([...counts.keys()], []);
  },
);

test('every rule that was captured on the wire is known', options, () => {
  const cores: string[] = [];
  for (const path of [
    'native/flow/000001/response.body',
    'native/flow-000012-excerpt.response.xml',
    'native/scan/000005/response.body',
    'native/scan/000006/response.body',
    'native/scan/000007/response.body',
  ]) {
    const text = readFileSync(fixture(path), 'utf8');
    cores.push(...[...text.matchAll(/<Xml>(.*?)<\/Xml>/gs)].map((match) => resolveReferences(match[1])));
  }
  assert.ok(cores.length >= 13);
  const counts = countOperators(cores.flatMap((core) => rulesOf(parseCoreFragment(core))));
  assert.ok((counts.get('b.FileVersionPrependRegSz') ?? 0) > 0);
});

test('every rule of the published documents and fragments is known', options, () => {
  for (const folder of ['metadata/fragments', 'metadata/fragments-only']) {
    for (const name of readdirSync(fixture(folder)).filter((one) => /core.*\.xml$/.test(one))) {
      countOperators(rulesOf(parseCoreFragment(readFileSync(join(fixture(folder), name)))));
    }
  }
  for (const name of readdirSync(fixture('metadata/documents'))) {
    const document = readFileSync(join(fixture('metadata/documents'), name));
    countOperators(rulesOf(parseCoreFragment(deriveFragments(document).core)));
  }
});

test(
  'a captured signature update is needed where signatures are older, and only the deltas that fit them',
  options,
  () => {
    const { machine } = profile('windows-11-25h2');
    const whole = parseCoreFragment(
      readFileSync(fixture('metadata/fragments/266f6222-c89d-43f2-9f8a-69340271e677-r200.core.xml')),
    );
    assert.equal(stateByRules(whole, machine), 'Needed');
    const effect = effectOf(whole, machine);
    assert.ok(effect);
    assert.equal(stateByRules(whole, applyPatch(machine, effect)), 'Installed');
    const excerpt = readFileSync(fixture('native/flow-000012-excerpt.response.xml'), 'utf8');
    const deltas = [...excerpt.matchAll(/<Xml>(.*?)<\/Xml>/gs)]
      .map((match) => parseCoreFragment(resolveReferences(match[1])))
      .filter(({ isInstallable }) => isInstallable !== undefined);
    assert.deepEqual(
      new Set(deltas.map((delta) => stateByRules(delta, machine))),
      new Set(['NotApplicable']),
    );
  },
);

test('the metadata of a captured CBS package is read', options, () => {
  const core = parseCoreFragment(
    readFileSync(fixture('metadata/fragments-only/cbs-rollupfix-core-reduced.xml')),
  );
  assert.equal(core.metadata.cbs?.identity.name, 'Package_for_RollupFix');
  assert.deepEqual(core.metadata.cbs?.identity.version, [22_000, 1936, 1, 9]);
});

test('every rule of the vendors is known', options, () => {
  for (const folder of ['sdp/hp', 'sdp/dell']) {
    for (const name of readdirSync(fixture(folder))) {
      const rules = vendorRules(readFileSync(join(fixture(folder), name)));
      assert.ok(rules.length > 0, name);
      countOperators(rules);
    }
  }
});

test('every rule of a whole vendor catalogue is known', options, () => {
  const rules = vendorRules(onlyMember(readFileSync(fixture('sdp/HpCatalogForSms.zip'))));
  const counts = countOperators(rules);
  assert.equal(counts.get('b.WindowsVersion'), 14_525);
  assert.equal(counts.get('b.WmiQuery'), 8295);
  assert.equal(counts.get('And'), 18_183);
});

/** The one file of a zip, by its central directory. */
function onlyMember(zip: Buffer): Buffer {
  const directory = zip.readUInt32LE(zip.lastIndexOf(Buffer.from('PK\u0005\u0006')) + 16);
  const size = zip.readUInt32LE(directory + 20);
  const header = zip.readUInt32LE(directory + 42);
  const start = header + 30 + zip.readUInt16LE(header + 26) + zip.readUInt16LE(header + 28);
  return inflateRawSync(zip.subarray(start, start + size));
}

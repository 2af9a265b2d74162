import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { test } from 'node:test';
import fc from 'fast-check';
import { coreFragment, coreUpdate, ruleOf, updateIdOf } from '../../../test/support/core-fragment.ts';
import { raised } from '../../../test/support/error-code.ts';
import { mutate, mutations } from '../../../test/support/mutations.ts';
import { smallMachine } from '../../../test/support/agent-machine.ts';
import { effectOf } from '../evaluation/effect.ts';
import { explainUpdate } from '../evaluation/explain-update.ts';
import { explanationText } from '../evaluation/explanation-text.ts';
import { Evaluation } from '../evaluation/evaluation.ts';
import { parseCoreFragment } from './core-update.ts';
import { ruleText, walkRule } from './rule.ts';

test('a fragment says what an agent needs to know', () => {
  const update = parseCoreFragment(
    '<UpdateIdentity UpdateID="0A4B0000-0000-4000-9000-000000000001" RevisionNumber="204" />' +
      '<Properties UpdateType="Software" ExplicitlyDeployable="true" AutoSelectOnWebSites="true" OSUpgrade="swap" EulaID="x" />' +
      '<Relationships><SupersededUpdates><UpdateIdentity UpdateID="0a4b0000-0000-4000-9000-000000000002" /></SupersededUpdates>' +
      '<Prerequisites><UpdateIdentity UpdateID="0a4b0000-0000-4000-9000-000000000003" /><AtLeastOne IsCategory="true">' +
      '<UpdateIdentity UpdateID="0a4b0000-0000-4000-9000-000000000004" /></AtLeastOne></Prerequisites></Relationships>' +
      '<ApplicabilityRules><IsInstalled><Not><True /></Not></IsInstalled><IsInstallable><True /></IsInstallable></ApplicabilityRules>',
  );
  assert.equal(update.updateId, updateIdOf(1));
  assert.equal(update.revisionNumber, 204);
  assert.equal(update.updateType, 'Software');
  assert.equal(update.explicitlyDeployable, true);
  assert.equal(update.autoSelectOnWebSites, true);
  assert.equal(update.osUpgrade, 'swap');
  assert.equal(update.eulaId, 'x');
  assert.deepEqual(update.relations.superseded, [updateIdOf(2)]);
  assert.deepEqual(update.relations.prerequisites, [
    { isCategory: false, updateIds: [updateIdOf(3)] },
    { isCategory: true, updateIds: [updateIdOf(4)] },
  ]);
  assert.equal(update.isInstalled?.kind, 'not');
  assert.equal(update.isInstallable?.name, 'True');
  assert.equal(update.isSuperseded, undefined);
});

test('rules keep their names and attributes', () => {
  const { rule } = ruleOf(
    '<And><b.RegSz Key="HKEY_LOCAL_MACHINE" Subkey="A\\B" Value="C" Comparison="EqualTo" Data="&lt;&amp;" />' +
      '<m.MsiFeatureInstalledForProduct><m.Feature>F</m.Feature><m.Product>{0a4b0000-0000-4000-8000-00000000000a}</m.Product></m.MsiFeatureInstalledForProduct></And>',
  );
  assert.deepEqual([...walkRule(rule)].map(ruleText), [
    'And',
    'b.RegSz Subkey="A\\B" Value="C" Comparison="EqualTo" Data="<&"',
    'm.MsiFeatureInstalledForProduct m.Feature=F m.Product={0a4b0000-0000-4000-8000-00000000000a}',
  ]);
});

test('an unknown operator is kept with what stands in it', () => {
  const { rule } = ruleOf('<b.Moon Phase="full"><True/></b.Moon>');
  assert.equal(rule.kind === 'broken' && rule.isUnknown, true);
  assert.deepEqual(
    [...walkRule(rule)].map(({ name }) => name),
    ['b.Moon', 'True'],
  );
  assert.deepEqual({ ...rule.attributes }, { Phase: 'full' });
});

test('a section with two rules cannot be evaluated', () => {
  const { rule } = ruleOf('<True/><True/>');
  assert.equal(rule.kind, 'broken');
});

test('comments, white space and CDATA change nothing', () => {
  const update = parseCoreFragment(
    Buffer.from(`\n${coreFragment({ id: 1, isInstalled: ' <!-- why --> <And> text <True/></And> ' })}\r\n`),
  );
  assert.equal(update.isInstalled?.kind, 'and');
});

test('what is no fragment is refused', () => {
  const whole = coreFragment({ id: 1 });
  for (const [xml, expected] of [
    ['', 'OAK_DOCUMENT_INVALID'],
    ['<UpdateIdentity UpdateID="x" RevisionNumber="1" /><Properties />', 'OAK_DOCUMENT_INVALID'],
    [whole.replace('RevisionNumber="1"', ''), 'OAK_DOCUMENT_INVALID'],
    [whole.replace('RevisionNumber="1"', 'RevisionNumber="2147483648"'), 'OAK_DOCUMENT_INVALID'],
    [whole.replace('Software', 'Hardware'), 'OAK_DOCUMENT_INVALID'],
    [whole.replace(/<Properties.*/, ''), 'OAK_DOCUMENT_INVALID'],
    [`${whole}</Fragment><Fragment>`, 'OAK_XML_MALFORMED'],
    [`<!DOCTYPE a>${whole}`, 'OAK_XML_DTD'],
    [`${whole}<a>`, 'OAK_XML_MALFORMED'],
    [coreFragment({ id: 1, isInstalled: '<Not>'.repeat(300) + '</Not>'.repeat(300) }), 'OAK_XML_LIMIT'],
  ] as const) {
    assert.equal(
      raised(() => parseCoreFragment(xml)),
      expected,
      xml.slice(0, 80),
    );
  }
});

test('names that every object has are names like others', () => {
  for (const name of ['constructor', '__proto__', 'toString', 'hasOwnProperty']) {
    const { rule } = ruleOf(`<${name} ${name}="1"><b.RegDword ${name}="1"/></${name}>`);
    assert.equal(rule.kind, 'broken', name);
    assert.equal(rule.attributes[name], '1');
  }
});

const HOSTILE = coreFragment({
  id: 1,
  deployable: true,
  prerequisites: [[2], [3, 4]],
  bundled: [[5, [6, 2]]],
  superseded: [7],
  isInstalled:
    '<And><b.RegDword Key="HKEY_LOCAL_MACHINE" Subkey="SOFTWARE\\Oakum" Value="Number" Comparison="EqualTo" Data="9" />' +
    '<Or><b.FileVersion Path="\\x.dll" Csidl="37" Comparison="LessThan" Version="1.2.3.4" /><Not><False/></Not></Or>' +
    '<b.RegKeyLoop Key="HKEY_LOCAL_MACHINE" Subkey="SOFTWARE\\Oakum" TrueIf="Any"><True/></b.RegKeyLoop>' +
    '<m.MsiProductInstalled ProductCode="{0a4b0000-0000-4000-8000-00000000000a}" VersionMin="1.0" /></And>',
  isInstallable: '<CbsPackageInstallable />',
  isSuperseded: '<d.WindowsDriverSuperseded />',
  metadata:
    '<CbsPackageApplicabilityMetadata><assembly xmlns="urn:schemas-microsoft-com:asm.v3"><assemblyIdentity name="a" version="1.0" />' +
    '<package><parent><assemblyIdentity name="b" version="1.0" /></parent></package></assembly></CbsPackageApplicabilityMetadata>' +
    '<m.MsiPatchMetadata><MsiPatch PatchGUID="{0a4b0000-0000-4000-8000-00000000000a}" xmlns="http://www.microsoft.com/msi/patch_applicability.xsd">' +
    '<TargetProduct><TargetVersion ComparisonType="Equal">1.0</TargetVersion></TargetProduct></MsiPatch></m.MsiPatchMetadata>' +
    '<d.WindowsDriverMetaData HardwareID="PCI\\VEN_0A4B" DriverVerDate="2024-01-01" DriverVerVersion="1.2.3.4"><d.FeatureScore OperatingSystem="amd64.10.0" FeatureScore="1" /></d.WindowsDriverMetaData>',
});

test('hostile fragments raise nothing but the own error, also when they are evaluated', () => {
  const bytes = Buffer.from(HOSTILE);
  const machine = smallMachine();
  fc.assert(
    fc.property(mutations, (changes) => {
      const code = raised(() => {
        const core = parseCoreFragment(mutate(bytes, changes));
        const evaluation = new Evaluation(machine, [{ core, isLeaf: true, action: 'Install' }]);
        explanationText(explainUpdate(evaluation, core.updateId));
        effectOf(core, machine);
      });
      assert.match(code, /^(OAK_(XML_|DOCUMENT_)\w+|nothing)$/);
    }),
    { numRuns: 400 },
  );
});

test('the same rules are read from a fragment of thousands of products', () => {
  const products = Array.from(
    { length: 5000 },
    (_, index) => `<m.MsiProductInstalled ProductCode="{${updateIdOf(index)}}" />`,
  );
  const update = coreUpdate({ id: 1, isInstalled: `<Or>${products.join('')}</Or>` });
  assert.equal([...walkRule(update.isInstalled!)].length, 5001);
});

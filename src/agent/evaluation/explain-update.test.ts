import assert from 'node:assert/strict';
import { test } from 'node:test';
import { smallMachine } from '../../../test/support/agent-machine.ts';
import { coreUpdate, updateIdOf, type CoreParts } from '../../../test/support/core-fragment.ts';
import { Evaluation } from './evaluation.ts';
import { explainUpdate, type Outcome } from './explain-update.ts';
import { explanationText } from './explanation-text.ts';

const T = '<True/>';
const F = '<False/>';
const needed = { isInstalled: F, isInstallable: T } as const;
const NUMBER =
  '<b.RegDword Key="HKEY_LOCAL_MACHINE" Subkey="SOFTWARE\\Oakum" Value="Number" Comparison="GreaterThan" Data="7"/>';

type Parts = CoreParts & { readonly action?: string };

function explain(...updates: readonly Parts[]): {
  readonly outcome: Outcome;
  readonly lines: readonly string[];
} {
  const evaluation = new Evaluation(
    smallMachine(),
    updates.map(({ action = 'Evaluate', ...parts }) => ({ core: coreUpdate(parts), isLeaf: true, action })),
  );
  const explanation = explainUpdate(evaluation, updateIdOf(1));
  const text = explanationText(explanation, { titleOf: (id) => `U${Number(id.slice(-12))}` });
  // The ids only repeat what the titles say.
  return {
    outcome: explanation.outcome,
    lines: text.replaceAll(/ 0a4b0000-0000-4000-9000-\d{12}/g, '').split('\n'),
  };
}

const approved = { id: 1, deployable: true, action: 'Install' } as const;

test('an offered update says so', () => {
  assert.deepEqual(explain({ ...approved, ...needed, prerequisites: [[2, 3]] }, { id: 3, isInstalled: T }), {
    outcome: 'offered',
    lines: [
      '"U1" r1 is offered: it is approved, needed, and nothing better takes its place.',
      '  Software, action Install, Needed',
      '  Prerequisite holds: "U3" r1',
      '  IsInstalled is false:',
      '    false False -> false',
      '  IsInstallable is true:',
      '    true  True -> true',
    ],
  });
});

test('a failing prerequisite is followed to the rule that decides and the value that was found', () => {
  assert.deepEqual(
    explain(
      { ...approved, ...needed, prerequisites: [[2], [3, 4]] },
      { id: 2, type: 'Category', isInstalled: T, prerequisites: [[5]] },
      { id: 3, type: 'Detectoid', isInstalled: `<And>${T}${NUMBER}</And>` },
      { id: 5, type: 'Category', isInstalled: `<Not>${T}</Not>` },
    ),
    {
      outcome: 'prerequisites',
      lines: [
        '"U1" r1 is not offered: a prerequisite is not installed.',
        '  Software, action Install, NotApplicable',
        '  Prerequisite fails, which is:',
        '    "U2" r1: NotApplicable',
        '      Prerequisite fails, which is:',
        '        "U5" r1: NotApplicable',
        '          IsInstalled is false:',
        '            false Not',
        '              true  True -> true',
        '  Prerequisite fails, for which one is needed of:',
        '    "U3" r1: NotApplicable',
        '      IsInstalled is false:',
        '        false And',
        '          false b.RegDword Subkey="SOFTWARE\\Oakum" Value="Number" Comparison="GreaterThan" Data="7" -> REG_DWORD 7',
        '          (1 other does not matter)',
        '    "U4": not sent by the server',
      ],
    },
  );
});

test('prerequisites in a circle are told once', () => {
  const { outcome, lines } = explain(
    { ...approved, ...needed, prerequisites: [[2]] },
    { id: 2, isInstalled: T, prerequisites: [[3], [2]] },
    { id: 3, isInstalled: T, prerequisites: [[2]] },
  );
  assert.equal(outcome, 'prerequisites');
  assert.equal(lines.length, 10);
});

test('a superseded update names what takes its place, and what does not', () => {
  const { outcome, lines } = explain(
    { ...approved, ...needed },
    { id: 2, ...needed, deployable: true, action: 'Install', superseded: [1] },
    { id: 3, ...needed, deployable: true, action: 'PreDeploymentCheck', superseded: [1] },
  );
  assert.equal(outcome, 'superseded');
  assert.deepEqual(lines.slice(-3), [
    '  Superseded by:',
    '    "U2" r1: Needed, action Install, takes its place',
    '    "U3" r1: Needed, action PreDeploymentCheck, does not take its place',
  ]);
});

test('a bundle shows its members', () => {
  const { outcome, lines } = explain(
    { ...approved, bundled: [[2, 3], [4]] },
    { id: 2, isInstalled: F },
    { id: 3, ...needed, prerequisites: [[9]] },
  );
  assert.equal(outcome, 'no-applicable-member');
  assert.deepEqual(lines.slice(2), [
    '  Bundle clause 1:',
    '    "U2" r1: NotApplicable',
    '    "U3" r1: NotApplicable',
    '  Bundle clause 2:',
    '    "U4" r1: not sent by the server',
  ]);
});

test('every situation has its reason', () => {
  for (const [expected, ...updates] of [
    ['not-in-cache', { id: 2 }],
    ['offered', { ...approved, ...needed }],
    ['offered', { ...approved, ...needed, action: 'OptionalInstall' }],
    ['offered-for-removal', { ...approved, isInstalled: T, action: 'Uninstall' }],
    ['not-installed', { ...approved, ...needed, action: 'Uninstall' }],
    ['prerequisites', { ...approved, ...needed, prerequisites: [[2]] }],
    ['rule-error', { ...approved, isInstalled: '<b.Unheard/>' }],
    ['evaluated-only', { id: 1, type: 'Detectoid', isInstalled: T }],
    ['evaluated-only', { id: 1, type: 'Category', isInstalled: F }],
    ['member-of-bundle', { id: 1, ...needed, action: 'Bundle' }],
    ['installed', { ...approved, isInstalled: T }],
    ['superseded-by-rule', { ...approved, isInstalled: F, isInstallable: T, isSuperseded: T }],
    ['not-installable', { ...approved, isInstalled: F, isInstallable: F }],
    ['not-installable', { ...approved, isInstalled: F }],
    ['no-applicable-member', { ...approved, bundled: [[9]] }],
    ['blocked', { ...approved, ...needed, action: 'Block' }],
    ['not-approved', { ...approved, ...needed, action: 'PreDeploymentCheck' }],
    ['superseded', { ...approved, ...needed }, { id: 2, isInstalled: T, superseded: [1] }],
  ] as const satisfies readonly (readonly [Outcome, ...Parts[]])[]) {
    const { outcome, lines } = explain(...updates);
    assert.equal(outcome, expected, JSON.stringify(updates));
    assert.match(lines[0], /^"U1"/);
  }
});

test('an explanation stays short where a rule is long', () => {
  const products = Array.from(
    { length: 3000 },
    (_, index) => `<m.MsiProductInstalled ProductCode="{${updateIdOf(index)}}"/>`,
  );
  const { lines } = explain({ ...approved, isInstalled: `<Or>${products.join('')}</Or>` });
  assert.equal(lines.length, 17);
  assert.match(lines.at(-1)!, /and 2988 more, false$/);
});

test('what is explained can be written as JSON', () => {
  const evaluation = new Evaluation(smallMachine(), [
    { core: coreUpdate({ ...approved, ...needed, prerequisites: [[2]] }), isLeaf: true, action: 'Install' },
  ]);
  const explanation = explainUpdate(evaluation, updateIdOf(1));
  assert.deepEqual(JSON.parse(JSON.stringify(explanation)), {
    updateId: updateIdOf(1),
    revisionNumber: 1,
    updateType: 'Software',
    action: 'Install',
    state: 'NotApplicable',
    outcome: 'prerequisites',
    applicability: {
      clauses: [{ isCategory: false, holds: false, alternatives: [{ updateId: updateIdOf(2) }] }],
    },
    superseders: [],
  });
});

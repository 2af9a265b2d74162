import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  catalog,
  classification,
  detectoid,
  driver,
  part,
  product,
  software,
  type Decision,
  type NamedCatalog,
} from '../../test/support/catalog-builder.ts';
import { deploymentOf, type Deployment } from './deployment.ts';

function deployment(shop: NamedCatalog, name: string, groups: readonly string[] = ['Everyone']): Deployment {
  return deploymentOf(shop.snapshot, shop.audience(...groups), shop.ordinal(name));
}

describe('the action of a revision', () => {
  const install = { Everyone: 'Install' } as const;
  const shop = catalog(
    {
      Windows: product(),
      Security: classification(),
      DeployableProduct: product({ deployable: true }),
      Desktop: detectoid(),
      LeafDetectoid: detectoid(),
      DeployableDetectoid: detectoid({ deployable: true }),
      Part: part({ needs: ['Desktop'] }),
      InnerBundle: part({ holds: ['Part'] }),
      VisibleMember: software(),
      ApprovedBundle: software({ in: ['Windows', 'Security'], holds: ['InnerBundle', 'VisibleMember'] }),
      Bundle: software({ holds: ['Part'] }),
      ApprovedSingle: software(),
      Single: software(),
      Removed: software(),
      Offered: software(),
      Refused: software(),
      Blocked: software(),
      Lonely: part(),
      ApprovedLonely: part(),
      ApprovedMember: software(),
      BundleOfApproved: software({ holds: ['ApprovedMember'] }),
      ApprovedPart: part(),
      BundleOfPart: software({ holds: ['ApprovedPart'] }),
      Net: driver({ id: 'PCI\\1' }),
      ApprovedNet: driver({ id: 'PCI\\1' }),
      DeclinedPrerequisite: software(),
      DeclinedMember: software(),
      Live: software({ needs: ['DeclinedPrerequisite'], holds: ['DeclinedMember'] }),
    },
    {
      declined: ['DeclinedPrerequisite', 'DeclinedMember'],
      approvals: {
        DeployableProduct: install,
        DeployableDetectoid: { Everyone: 'NotApproved' },
        ApprovedBundle: install,
        ApprovedSingle: install,
        Removed: { Everyone: 'Uninstall' },
        Offered: { Everyone: 'OptionalInstall' },
        Refused: { Everyone: 'NotApproved' },
        Blocked: { Everyone: 'Block' },
        ApprovedLonely: install,
        ApprovedMember: install,
        ApprovedPart: install,
        ApprovedNet: install,
        DeclinedPrerequisite: install,
        DeclinedMember: install,
      },
    },
  );

  const cases: readonly [action: Deployment['action'], what: string, name: string][] = [
    ['Evaluate', 'a category', 'Windows'],
    ['Evaluate', 'a category that calls itself deployable and is approved', 'DeployableProduct'],
    ['Evaluate', 'a detectoid that others need', 'Desktop'],
    ['Evaluate', 'a detectoid that is a leaf', 'LeafDetectoid'],
    ['Evaluate', 'a detectoid that calls itself deployable and is refused', 'DeployableDetectoid'],
    ['Bundle', 'a hidden member of a bundle', 'Part'],
    ['Bundle', 'a bundle that is a member itself', 'InnerBundle'],
    ['Bundle', 'a member that could be approved and is not', 'VisibleMember'],
    ['Install', 'an approved bundle', 'ApprovedBundle'],
    ['PreDeploymentCheck', 'a bundle nobody decided about', 'Bundle'],
    ['Install', 'an approved single update', 'ApprovedSingle'],
    ['PreDeploymentCheck', 'a single update nobody decided about', 'Single'],
    ['Uninstall', 'an update approved for removal', 'Removed'],
    ['OptionalInstall', 'an update that users may install', 'Offered'],
    ['PreDeploymentCheck', 'an update that is not approved on purpose', 'Refused'],
    ['PreDeploymentCheck', 'a blocked update', 'Blocked'],
    ['Evaluate', 'hidden software in no bundle', 'Lonely'],
    ['Evaluate', 'hidden software in no bundle with an approval', 'ApprovedLonely'],
    ['Install', 'a visible member with an approval of its own', 'ApprovedMember'],
    ['Bundle', 'a hidden member with an approval', 'ApprovedPart'],
    ['PreDeploymentCheck', 'a driver nobody decided about', 'Net'],
    ['Install', 'an approved driver', 'ApprovedNet'],
    ['Evaluate', 'a declined prerequisite with an approval left over', 'DeclinedPrerequisite'],
    ['Bundle', 'a declined member with an approval left over', 'DeclinedMember'],
  ];
  for (const [action, what, name] of cases) {
    test(`${action} for ${what}`, () => {
      assert.equal(deployment(shop, name).action, action);
    });
  }
});

describe('what an approval says besides', () => {
  const deadline = '2026-11-01T12:00:00Z';
  const withDecision = (decision: Decision): NamedCatalog =>
    catalog({ Fix: software() }, { approvals: { Fix: { Everyone: decision } } });

  const cases: readonly [action: Exclude<Decision, object>, isAssigned: boolean, keepsDeadline: boolean][] = [
    ['Install', true, true],
    ['Uninstall', true, true],
    ['OptionalInstall', false, false],
    ['NotApproved', true, false],
    ['Block', true, false],
  ];
  for (const [action, isAssigned, keepsDeadline] of cases) {
    test(`${action} is ${isAssigned ? '' : 'not '}assigned and has ${keepsDeadline ? 'its' : 'no'} deadline`, () => {
      const { isAssigned: assigned, deadlineMs } = deployment(withDecision({ action, deadline }), 'Fix');
      assert.equal(assigned, isAssigned);
      assert.equal(deadlineMs, keepsDeadline ? Date.parse(deadline) : null);
    });
  }

  test('without a deadline there is none', () => {
    assert.equal(deployment(withDecision('Install'), 'Fix').deadlineMs, null);
  });

  test('an approval has an id and a date of its own', () => {
    const shop = withDecision('Install');
    const [approval] = shop.rows.approvals;
    const { id, changedMs } = deployment(shop, 'Fix');
    assert.deepEqual({ id, changedMs }, { id: approval.deploymentId, changedMs: approval.approvedMs });
  });

  test('where nobody decided, the id and date of the update hold', () => {
    const shop = withDecision('Install');
    const [update] = shop.rows.updates;
    const { id, changedMs, isAssigned } = deployment(shop, 'Fix', []);
    assert.deepEqual(
      { id, changedMs, isAssigned },
      { id: update.deploymentId, changedMs: update.deploymentMs, isAssigned: true },
    );
  });
});

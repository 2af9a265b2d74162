import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  catalog,
  detectoid,
  driver,
  product,
  software,
  type RevisionDeclaration,
} from '../../test/support/catalog-builder.ts';
import { device } from '../../test/support/driver-builder.ts';
import { askForDrivers, askForPrinters, type NamedDriverAnswer } from '../../test/support/named-scan.ts';

const NET = device(['PCI\\1&REV_2', 'PCI\\1'], { compatible: ['PCI\\CLASS_NET'] });

describe('drivers that are offered', () => {
  const windows = { installed: ['Windows'] } as const;
  const shopOf = (
    drivers: Readonly<Record<string, RevisionDeclaration | readonly RevisionDeclaration[]>>,
    options: Parameters<typeof catalog>[1] = {},
  ) => catalog({ Windows: product(), Desktop: detectoid(), ...drivers }, options);
  const old = driver({ id: 'PCI\\1' }, { in: ['Windows'] });
  const recent = driver({ id: 'PCI\\1', date: '2026-06-06' }, { in: ['Windows'] });
  const news = (answer: NamedDriverAnswer): readonly string[] => answer.new;

  test('have their prerequisites installed', () => {
    const shop = shopOf({
      Old: old,
      Recent: driver({ id: 'PCI\\1', date: '2026-06-06' }, { needs: ['Desktop'] }),
    });
    assert.deepEqual(news(askForDrivers(shop, [NET])), []);
    assert.deepEqual(news(askForDrivers(shop, [NET], windows)), ['Old']);
    assert.deepEqual(news(askForDrivers(shop, [NET], { installed: ['Windows', 'Desktop'] })), ['Recent']);
    assert.deepEqual(news(askForDrivers(shop, [NET], { ...windows, cached: ['Desktop'] })), ['Old']);
  });

  test('are not declined: the next best takes the place', () => {
    const shop = shopOf({ Old: old, Recent: recent }, { declined: ['Recent'] });
    assert.deepEqual(news(askForDrivers(shop, [NET], windows)), ['Old']);
  });

  test('are of the highest revision, even if an older one was better', () => {
    const shop = shopOf({
      Net: [driver({ id: 'PCI\\1', date: '2026-06-06' }), driver({ id: 'PCI\\CLASS_NET' })],
    });
    assert.deepEqual(askForDrivers(shop, [NET]).matched, { 'Net r2': ['PCI\\CLASS_NET'] });
  });

  test('are the best that is approved, and the best of all if that is another one', () => {
    const approvals = { Old: { Everyone: 'Install' } } as const;
    const shop = shopOf({ Older: old, Old: old, Recent: recent }, { approvals });
    const everyone = { ...windows, groups: ['Everyone'] };
    assert.deepEqual(news(askForDrivers(shop, [NET], everyone)), ['Old', 'Recent']);
    assert.deepEqual(news(askForDrivers(shop, [NET], windows)), ['Recent']);
  });

  test('are one, when the best of all is approved', () => {
    const approvals = { Recent: { Everyone: 'OptionalInstall' }, Old: { Everyone: 'Install' } } as const;
    const shop = shopOf({ Old: old, Recent: recent }, { approvals });
    assert.deepEqual(news(askForDrivers(shop, [NET], { ...windows, groups: ['Everyone'] })), ['Recent']);
  });

  for (const action of ['NotApproved', 'Block', 'Uninstall'] as const) {
    test(`are not hidden by a better one with the decision ${action}`, () => {
      const approvals = { Recent: { Everyone: action }, Old: { Everyone: 'Install' } } as const;
      const shop = shopOf({ Old: old, Recent: recent }, { approvals });
      const answer = askForDrivers(shop, [NET], { ...windows, groups: ['Everyone'] });
      assert.deepEqual(answer.new, ['Old', 'Recent']);
    });
  }

  test('must beat the installed one, approved or not', () => {
    const approvals = { Old: { Everyone: 'Install' } } as const;
    const shop = shopOf({ Old: old, Recent: recent }, { approvals });
    const has = { by: 'PCI\\1', date: '2026-03-03' };
    const answer = askForDrivers(shop, [device(['PCI\\1'], { has })], { ...windows, groups: ['Everyone'] });
    assert.deepEqual(answer.new, ['Recent']);
  });

  test('say by which ids they are the best, of every device, in the driver’s own letters', () => {
    const shop = shopOf({
      Multi: driver([{ id: 'Pci\\1' }, { id: 'Usb\\9' }, { id: 'PCI\\unused' }]),
      Usb: driver({ id: 'usb\\9', date: '2001-01-01' }),
      Camera: driver({ id: 'USB\\CAM' }),
    });
    const devices = [
      device(['PCI\\1']),
      device(['USB\\9']),
      device(['PCI\\1']),
      device(['X'], { compatible: ['USB\\CAM'] }),
    ];
    assert.deepEqual(askForDrivers(shop, devices).matched, {
      Multi: ['Pci\\1', 'Usb\\9'],
      Camera: ['USB\\CAM'],
    });
  });

  test('are not software', () => {
    const shop = shopOf({ Fix: software({ drivers: [{ id: 'PCI\\1' }] }) });
    assert.deepEqual(news(askForDrivers(shop, [NET])), []);
  });

  test('are none for a computer without devices', () => {
    assert.deepEqual(askForDrivers(shopOf({ Old: old }), [], windows), {
      new: [],
      sent: [],
      changed: [],
      outOfScope: [],
      deployedOutOfScope: [],
      truncated: false,
      matched: {},
    });
  });

  test('may be limited to categories', () => {
    const shop = shopOf({
      Server: product(),
      Old: driver({ id: 'PCI\\1' }, { in: ['Server'] }),
      Recent: recent,
    });
    const both = { installed: ['Windows', 'Server'] };
    assert.deepEqual(news(askForDrivers(shop, [NET], both)), ['Recent']);
    assert.deepEqual(news(askForDrivers(shop, [NET], { ...both, filter: ['Server'] })), ['Old']);
    assert.deepEqual(news(askForDrivers(shop, [NET], { ...both, filter: ['Windows', 'Server'] })), [
      'Recent',
    ]);
  });

  test('come in pages like everything else', () => {
    const shop = shopOf({ A: driver({ id: 'A' }), B: driver({ id: 'B' }), C: driver({ id: 'C' }) });
    const devices = ['A', 'B', 'C'].map((id) => device([id]));
    const first = askForDrivers(shop, devices, { page: { updates: 2 } });
    assert.deepEqual([first.new, first.truncated], [['A', 'B'], true]);
    const last = askForDrivers(shop, devices, { cached: ['A', 'B'], page: { updates: 2 } });
    assert.deepEqual([last.new, last.truncated], [['C'], false]);
  });
});

describe('drivers that a client holds', () => {
  const shop = catalog(
    {
      Windows: product(),
      Old: driver({ id: 'PCI\\1' }, { in: ['Windows'] }),
      Recent: driver({ id: 'PCI\\1', date: '2026-06-06' }),
      Usb: driver({ id: 'USB\\9' }),
      Hidden: driver({ id: 'HID\\7' }, { deployable: false }),
      Declined: driver({ id: 'PCI\\1', date: '2027-07-07' }),
    },
    { declined: ['Declined'], deploymentChanges: { Recent: 3 } },
  );

  test('are not sent again', () => {
    const answer = askForDrivers(shop, [NET], { cached: ['Recent'], told: 3 });
    assert.deepEqual([answer.new, answer.outOfScope, answer.changed], [[], [], []]);
  });

  test('are out of scope when they are no longer the best, declined, or unknown; each is said once', () => {
    const cached = ['Old', 'Declined', 5, 'Recent', 5, 'Old'];
    const answer = askForDrivers(shop, [NET], { cached });
    assert.deepEqual(answer.outOfScope, ['Old', 'Declined', '#5']);
  });

  test('are out of scope when their device is gone, or has something as good now', () => {
    assert.deepEqual(askForDrivers(shop, [NET], { cached: ['Usb'] }).outOfScope, ['Usb']);
    const has = { by: 'PCI\\1&REV_2' };
    const onto = device(['PCI\\1&REV_2', 'PCI\\1'], { has });
    assert.deepEqual(askForDrivers(shop, [onto], { cached: ['Recent'] }).outOfScope, ['Recent']);
  });

  test('are out of scope when they are software', () => {
    assert.deepEqual(askForDrivers(shop, [NET], { cached: ['Windows'] }).outOfScope, ['Windows']);
  });

  test('are told again of when their deployment changed', () => {
    assert.deepEqual(askForDrivers(shop, [NET], { cached: ['Recent'], told: 2 }).changed, ['Recent']);
    assert.deepEqual(askForDrivers(shop, [NET], { cached: ['Recent'] }).changed, ['Recent']);
  });

  test('are told again of after a scan of other categories', () => {
    const said = { cached: ['Recent', 'Hidden'], told: 3, toldFilter: ['Windows'] };
    const answer = askForDrivers(shop, [NET, device(['HID\\7'])], said);
    assert.deepEqual(answer.changed, ['Recent', 'Hidden']);
  });

  test('stay deployed outside the filter, where the client tells two groups apart', () => {
    const said = { cached: ['Recent', 'Usb', 'Declined', 5], filter: ['Windows'] };
    const apart = askForDrivers(shop, [NET], { ...said, twoGroups: true });
    assert.deepEqual(apart.deployedOutOfScope, ['Recent', 'Usb']);
    assert.deepEqual(apart.outOfScope, ['Declined', '#5']);
    assert.deepEqual(askForDrivers(shop, [NET], said).outOfScope, ['Recent', 'Usb', 'Declined', '#5']);
    const whole = askForDrivers(shop, [NET], { cached: ['Usb'], twoGroups: true });
    assert.deepEqual([whole.outOfScope, whole.deployedOutOfScope], [['Usb'], []]);
  });
});

describe('the printer catalogue', () => {
  const shop = catalog(
    {
      Windows: product(),
      Laser: driver([
        { id: 'LPT\\Laser', class: 'Printer' },
        { id: 'USB\\Laser', class: 'Printer' },
      ]),
      Ink: driver({ id: 'LPT\\Ink', class: 'PRINTERS' }, { in: ['Windows'] }),
      Net: driver({ id: 'PCI\\1' }),
      Mixed: driver([
        { id: 'LPT\\Mixed', class: 'Printer' },
        { id: 'USB\\Scan', class: 'Image' },
      ]),
      Revised: [driver({ id: 'LPT\\Old', class: 'Printer' }), driver({ id: 'LPT\\New', class: 'Printer' })],
      Declined: driver({ id: 'LPT\\Gone', class: 'Printer' }),
    },
    { declined: ['Declined'], deploymentChanges: { Laser: 4 } },
  );

  test('is every printer driver whose prerequisites are installed', () => {
    assert.deepEqual(askForPrinters(shop).new, ['Laser', 'Mixed', 'Revised r2']);
    assert.deepEqual(askForPrinters(shop, { installed: ['Windows'] }).new, [
      'Laser',
      'Ink',
      'Mixed',
      'Revised r2',
    ]);
  });

  test('says the ids that print', () => {
    assert.deepEqual(askForPrinters(shop).matched, {
      Laser: ['LPT\\Laser', 'USB\\Laser'],
      Mixed: ['LPT\\Mixed'],
      'Revised r2': ['LPT\\New'],
    });
  });

  test('minus what the client holds; what it should not hold is out of scope', () => {
    const answer = askForPrinters(shop, {
      cached: ['Laser', 'Ink', 'Net', 'Revised r1', 'Declined', 1],
      told: 3,
    });
    assert.deepEqual(answer.new, ['Mixed', 'Revised r2']);
    assert.deepEqual(answer.outOfScope, ['Ink', 'Net', 'Revised r1', 'Declined', '#1']);
    assert.deepEqual(answer.changed, ['Laser']);
  });

  test('comes in pages', () => {
    const answer = askForPrinters(shop, { page: { updates: 1 } });
    assert.deepEqual([answer.new, answer.truncated], [['Laser'], true]);
  });
});

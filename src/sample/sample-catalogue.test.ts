import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, test } from 'node:test';
import { deriveFragments } from '../metadata/fragments.ts';
import { parseUpdateDocument, type UpdateDocument } from '../metadata/update-document.ts';
import { child, documentTree, type TreeElement } from '../../test/support/document-tree.ts';
import { holds, satisfy, windows11, type Facts } from '../../test/support/rule-facts.ts';
import { sampleCatalogue } from './sample-catalogue.ts';

interface Entry {
  readonly document: UpdateDocument;
  readonly tree: TreeElement;
}

const catalogue = sampleCatalogue();
const entries: readonly Entry[] = catalogue.documents.map(({ bytes }) => ({
  document: parseUpdateDocument(bytes),
  tree: documentTree(bytes),
}));
const byId = new Map(entries.map((entry) => [entry.document.updateId as string, entry]));

describe('the sample catalogue', () => {
  test('is the same each time', () => {
    const again = sampleCatalogue();
    assert.deepEqual(
      again.documents.map(({ bytes }) => bytes),
      catalogue.documents.map(({ bytes }) => bytes),
    );
  });

  test('has about forty updates and each UpdateID once', () => {
    assert.equal(byId.size, entries.length);
    const updates = entries.filter(({ document }) => ['Software', 'Driver'].includes(document.updateType));
    assert.ok(updates.length >= 38 && updates.length <= 50, String(updates.length));
  });

  test('names no update that it does not hold, and prerequisites and members come first', () => {
    const seen = new Set<string>();
    for (const { document } of entries) {
      const { prerequisites, bundled, superseded } = document.relations;
      const earlier = [
        ...prerequisites.flatMap((clause) => clause.updateIds),
        ...bundled.flat().map((member) => member.updateId),
        ...superseded,
      ];
      for (const id of earlier) assert.ok(seen.has(id), `${document.updateId} mentions ${id}`);
      seen.add(document.updateId);
    }
  });

  test('has documents of one line from which every fragment can be derived', () => {
    for (const { bytes } of catalogue.documents) {
      assert.ok(!bytes.includes('\n') && !bytes.includes('> <') && !bytes.includes('"/>'));
      const { core, extended, localized } = deriveFragments(bytes);
      for (const fragment of [core, extended, ...localized.map((one) => one.xml)])
        documentTree(Buffer.concat([Buffer.from('<fragment>'), fragment, Buffer.from('</fragment>')]));
    }
  });

  test('tells the true size and digests of every file', () => {
    const files = new Map(
      catalogue.payloads.map(({ file, content }) => [file.sha1.toString('hex'), content]),
    );
    let named = 0;
    for (const { document } of entries) {
      for (const file of document.files) {
        const content = files.get(file.sha1.toString('hex'));
        assert.ok(content !== undefined, file.name);
        assert.equal(file.size, content.length);
        assert.deepEqual(file.sha1, createHash('sha1').update(content).digest());
        assert.deepEqual(file.sha256, createHash('sha256').update(content).digest());
        named++;
      }
    }
    assert.equal(named, catalogue.payloads.length);
    assert.ok(catalogue.payloads.some(({ content }) => content.length > 2 * 1024 * 1024));
  });

  test('has one of everything', () => {
    const some = (is: (document: UpdateDocument) => boolean): void =>
      assert.ok(
        entries.some(({ document }) => is(document)),
        String(is),
      );
    for (const handler of [
      'CommandLineInstallation',
      'WindowsInstaller',
      'Cbs',
      'OSInstaller',
      'WindowsDriver',
    ])
      some((document) => document.handler === handler);
    some((document) => document.expired);
    some((document) => document.uninstallable);
    some((document) => document.eulaId !== undefined && document.files.length > 1);
    some((document) => document.relations.bundled.length === 1 && document.relations.bundled[0].length === 2);
    some((document) => document.relations.bundled.length === 2);
    some((document) => document.relations.superseded.length === 3);
    some((document) => document.texts.length > 3);
    some((document) => document.msrcSeverity === 'Critical');
    some((document) => document.drivers.length > 2);
    some((document) => document.drivers.some((driver) => driver.driverClass === 'Printers'));
    assert.ok(
      catalogue.documents.some(({ bytes }) => deriveFragments(bytes).core.includes('OSUpgrade="swap"')),
    );
  });
});

describe('a Windows 11 computer and the sample catalogue', () => {
  test('needs a good dozen updates, and nothing any more after some rounds of installing', () => {
    const facts = windows11();
    const first = neededBy(facts);
    assert.ok(first.length >= 15 && first.length <= 30, first.map(title).join('\n'));
    assert.ok(!first.map(title).some((one) => /server|Punch|Itanium|Suite 4\.1/.test(one)));
    let rounds = 0;
    for (let needed = first; needed.length > 0; needed = neededBy(facts)) {
      for (const { tree } of needed) satisfy(ruleOf(tree, 'IsInstalled')!, facts, tree);
      assert.ok(++rounds < 6);
    }
    // What another update is a prerequisite of shows up only when that one is installed.
    assert.equal(rounds, 3);
    assert.ok(facts.registry.get('software\\oakum samples\\platform\\version') === '3.0');
    assert.ok(facts.files.get('oakum samples\\suite\\suite.exe') === '4.2.0.0');
  });

  test('is offered neither what belongs to servers nor what another processor needs', () => {
    const server: Facts = { ...windows11(), productType: 3, build: 26_100 };
    const forServer = neededBy(server).map(title);
    assert.ok(forServer.some((one) => one.includes('for servers')));
    assert.ok(!forServer.some((one) => one.includes('Agent')));
    const x86: Facts = { ...windows11(), architecture: 0 };
    assert.ok(neededBy(x86).some((entry) => title(entry).endsWith('5.0, x86')));
  });
});

const title = ({ document }: Entry): string => document.texts[0]?.title ?? '';

function ruleOf(tree: TreeElement, section: string): TreeElement | undefined {
  return child(child(tree, 'ApplicabilityRules'), section)?.children[0];
}

/** Software with files of its own that the computer lacks and may install; CBS packages are left out. */
function neededBy(facts: Facts): Entry[] {
  const installed = new Set<string>();
  const needed: Entry[] = [];
  // Prerequisites come first in the catalogue, so one pass is enough.
  for (const entry of entries) {
    const { document, tree } = entry;
    const applies = document.relations.prerequisites.every((clause) =>
      clause.updateIds.some((id) => installed.has(id)),
    );
    if (!applies) continue;
    const says = (section: string): boolean => {
      const rule = ruleOf(tree, section);
      return rule !== undefined && holds(rule, facts, tree);
    };
    if (says('IsInstalled')) installed.add(document.updateId);
    else if (document.updateType === 'Software' && !document.expired && says('IsInstallable'))
      needed.push(entry);
  }
  return needed;
}

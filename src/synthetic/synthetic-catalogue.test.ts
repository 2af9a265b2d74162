import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { before, describe, test } from 'node:test';
import { documentTree } from '../../test/support/document-tree.ts';
import { assertWellFormedFragment } from '../../test/support/well-formed.ts';
import { deriveFragments } from '../metadata/fragments.ts';
import { parseUpdateDocument, type UpdateDocument } from '../metadata/update-document.ts';
import { MEASURED, shapeOf } from './catalogue-shape.ts';
import { productName } from './names.ts';
import { syntheticDocuments } from './synthetic-catalogue.ts';

function digestOf(revisions: number, seed: number): string {
  const hash = createHash('sha256');
  for (const { bytes } of syntheticDocuments({ revisions, seed, tail: 'none' })) hash.update(bytes);
  return hash.digest('hex');
}

test('the same seed and number give the same bytes, another seed others', () => {
  const digest = digestOf(1000, 42);
  assert.equal(digestOf(1000, 42), digest);
  assert.notEqual(digestOf(1000, 43), digest);
});

test('every size has exactly as many documents as it was asked for, of which more and more are software', () => {
  for (const revisions of [1000, 1003, 6000]) {
    let documents = 0;
    for (const _ of syntheticDocuments({ revisions, seed: 5, tail: 'none' })) documents++;
    assert.equal(documents, revisions);
  }
  assert.deepEqual(shapeOf(MEASURED.revisions), MEASURED);
  const share = (revisions: number): number => shapeOf(revisions).software / revisions;
  assert.ok(share(20_000) > 0.6 && share(1_000_000) > 0.95);
});

test('no two products have one name', () => {
  const names = Array.from({ length: 2000 }, (_, number) => productName(number));
  assert.equal(new Set(names).size, names.length);
});

describe('a catalogue of the measured size', () => {
  const documents: UpdateDocument[] = [];
  const coreBytes: number[] = [];
  const nonLeaf = new Set<string>();
  const superseded = new Set<string>();
  const depths = new Map<string, number>();
  const lists = { superseded: [] as number[], clauses: [] as number[] };

  before(() => {
    for (const { spec, bytes } of syntheticDocuments({
      revisions: MEASURED.revisions,
      seed: 1,
      tail: 'none',
    })) {
      // An independent parser checks well-formedness and namespaces, ours the meaning.
      documentTree(bytes);
      const document = parseUpdateDocument(bytes);
      const { core } = deriveFragments(bytes);
      if (coreBytes.length % 50 === 0) assertWellFormedFragment(core);
      coreBytes.push(core.length);
      assert.equal(document.updateId, spec.updateId);
      documents.push(document);
      readRelations(document);
    }
  });

  function readRelations(document: UpdateDocument): void {
    const { prerequisites, bundled, superseded: older } = document.relations;
    let depth = 0;
    for (const { updateIds } of prerequisites) {
      assert.ok(updateIds.length > 0);
      for (const id of updateIds) {
        nonLeaf.add(id);
        // Everything mentioned came before: no id is missing, and no chain of relations is a circle.
        assert.ok(depths.has(id), `${document.updateId} needs ${id}`);
        depth = Math.max(depth, 1 + depths.get(id)!);
      }
    }
    for (const { updateId } of bundled.flat()) assert.ok(depths.has(updateId));
    for (const id of older) assert.ok(depths.has(id) && id !== document.updateId);
    for (const id of older) superseded.add(id);
    if (older.length > 0) lists.superseded.push(older.length);
    if (document.updateType === 'Software') lists.clauses.push(prerequisites.length);
    depths.set(document.updateId, depth);
  }

  const count = (is: (document: UpdateDocument) => boolean): number => documents.filter(is).length;

  const between = (value: number, least: number, most: number): void =>
    assert.ok(value >= least && value <= most, `${value} is not from ${least} to ${most}`);

  test('has each id once, and as many documents of each kind as were counted', () => {
    assert.equal(depths.size, MEASURED.revisions);
    const is = (type: string, leaf: boolean) => (document: UpdateDocument) =>
      document.updateType === type && nonLeaf.has(document.updateId) !== leaf;
    assert.equal(count(is('Category', false)), 249);
    assert.equal(count(is('Category', true)), 199);
    assert.equal(count(is('Detectoid', false)), 277);
    assert.equal(count(is('Detectoid', true)), 3433);
    assert.equal(count(is('Software', true)), 1095);
    assert.equal(
      count((document) => document.categoryType === 'Product'),
      148,
    );
    assert.equal(
      count((document) => document.categoryType === 'UpdateClassification'),
      19,
    );
  });

  test('has prerequisites as deep as in a real one', () => {
    const all = [...depths.values()].sort((one, other) => one - other);
    assert.equal(all[all.length >> 1], 3);
    assert.equal(all.at(-1), 7);
    between(lists.clauses.reduce((sum, clauses) => sum + clauses, 0) / lists.clauses.length, 2.3, 2.9);
    between(Math.max(...lists.clauses), 5, 8);
  });

  test('has bundles, handlers and files as a real one', () => {
    const handler = (name: string): number => count((document) => document.handler === name);
    between(handler('OSInstaller'), 240, 350);
    between(handler('Cbs'), 140, 220);
    between(handler('CommandLineInstallation'), 55, 115);
    between(handler('WindowsInstaller'), 2, 20);
    between(
      count((document) => document.relations.bundled.length > 0),
      490,
      550,
    );
    between(
      count((document) => document.explicitlyDeployable),
      500,
      560,
    );
    const files = documents.flatMap((document) => document.files);
    between(files.length, 3200, 4800);
    assert.ok(files.every((file) => file.size > 0 && file.sha256?.length === 32));
  });

  test('supersedes as a real one, as far as there is something to supersede', () => {
    const sorted = lists.superseded.sort((one, other) => one - other);
    between(sorted.length, 450, 750);
    between(sorted[sorted.length >> 1], 2, 8);
    between(sorted[Math.floor(sorted.length * 0.95)], 25, 110);
    between(sorted.at(-1) ?? 0, 150, 973);
    const live = documents.filter((document) => document.explicitlyDeployable);
    between(live.filter((document) => superseded.has(document.updateId)).length / live.length, 0.65, 0.85);
  });

  test('is written in small documents apart from the tail', () => {
    const sorted = coreBytes.sort((one, other) => one - other);
    between(sorted[sorted.length >> 1], 450, 700);
    between(sorted.at(-1) ?? 0, 5000, 60_000);
  });
});

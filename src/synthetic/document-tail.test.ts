import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { MEASURED, shapeOf } from './catalogue-shape.ts';
import { DocumentTail, type TailClass } from './document-tail.ts';
import { quantile } from './quantile-curve.ts';
import { syntheticDocuments } from './synthetic-catalogue.ts';

/** Sizes of so many documents of a class, usual ones left out. */
function sizes(tail: DocumentTail, tailClass: TailClass, documents: number): number[] {
  const drawn = Array.from({ length: documents }, () => tail.next(tailClass));
  return drawn.filter((bytes) => bytes !== undefined).sort((one, other) => one - other);
}

describe('the tail of large documents', () => {
  test('has the sizes that were measured', () => {
    const cbs = sizes(new DocumentTail(shapeOf(MEASURED.revisions), 'measured'), 'cbs', 180);
    assert.equal(cbs.length, 180);
    assert.ok(cbs[0] > 50_000 && cbs[0] < 60_000);
    assert.ok(cbs[90] > 150_000 && cbs[90] < 185_000);
    assert.equal(cbs.at(-1), 46_887_043);
    const large = cbs.filter((bytes) => bytes > 1_000_000).length;
    assert.ok(large >= 30 && large <= 46, String(large));
  });

  test('is no longer in a larger catalogue, and absent where it is not wanted', () => {
    const shape = shapeOf(1_000_000);
    const documents = Math.round((180 * shape.software) / MEASURED.software);
    const cbs = sizes(new DocumentTail(shape, 'measured'), 'cbs', documents);
    assert.ok(Math.abs(cbs.length - 180) <= 1, String(cbs.length));
    assert.ok(cbs.reduce((sum, bytes) => sum + bytes, 0) < 300e6);
    assert.deepEqual(sizes(new DocumentTail(shape, 'none'), 'cbs', 1000), []);
  });

  test('makes documents of packages as long as it says', () => {
    const lengths: number[] = [];
    for (const { spec, bytes } of syntheticDocuments({ revisions: 1000, seed: 2, tail: 'measured' })) {
      if (spec.type === 'Software' && spec.handler?.kind === 'Cbs') lengths.push(bytes.length);
    }
    assert.ok(lengths.length > 13);
    assert.ok(Math.min(...lengths) > 50_000 && Math.max(...lengths) > 46_800_000);
  });
});

test('a quantile between two points is interpolated by ratio', () => {
  const curve = [
    [0, 1],
    [0.5, 100],
    [1, 10_000],
  ] as const;
  assert.equal(quantile(curve, 0), 1);
  assert.equal(quantile(curve, 0.5), 100);
  assert.ok(Math.abs(quantile(curve, 0.75) - 1000) < 1e-6);
  assert.equal(quantile(curve, 1), 10_000);
});

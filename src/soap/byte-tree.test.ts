import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ByteTree, type Keyed } from './byte-tree.ts';

const LENGTH = 6;
const bytes = fc.uint8Array({ minLength: LENGTH, maxLength: LENGTH, max: 2 });

function find(tree: ByteTree<Keyed>, wanted: Uint8Array): Keyed | undefined {
  const candidate = tree.candidate(wanted, 0);
  return candidate !== undefined && Buffer.compare(candidate.bytes, wanted) === 0 ? candidate : undefined;
}

test('finds what was added and not removed, and nothing else', () => {
  const steps = fc.array(fc.record({ add: fc.boolean(), key: bytes }), { maxLength: 60 });
  fc.assert(
    fc.property(steps, bytes, (sequence, stranger) => {
      const tree = new ByteTree<Keyed>();
      const model = new Map<string, Keyed>();
      for (const { add, key } of sequence) {
        const name = key.join();
        const known = model.get(name);
        if (add) {
          const one = { bytes: key };
          assert.equal(tree.add(one), known);
          model.set(name, one);
        } else if (known !== undefined) {
          tree.remove(known);
          model.delete(name);
        }
        assert.equal(tree.isEmpty, model.size === 0);
        for (const one of model.values()) assert.equal(find(tree, one.bytes), one);
        assert.equal(find(tree, stranger), model.get(stranger.join()));
      }
    }),
  );
});

test('what is not in it is not removed', () => {
  const tree = new ByteTree<Keyed>();
  const one = { bytes: Uint8Array.of(1, 2) };
  tree.add(one);
  tree.remove({ bytes: Uint8Array.of(1, 2) });
  tree.remove({ bytes: Uint8Array.of(3, 4) });
  assert.equal(find(tree, one.bytes), one);
});

test('looks at a part of a longer byte string', () => {
  const tree = new ByteTree<Keyed>();
  const [one, other] = [{ bytes: Uint8Array.of(1, 2) }, { bytes: Uint8Array.of(1, 3) }];
  tree.add(one);
  tree.add(other);
  assert.equal(tree.candidate(Uint8Array.of(9, 9, 1, 3), 2), other);
});

test('made up to be as deep as can be, it stays shallow and holds the latest', () => {
  const tree = new ByteTree<Keyed>();
  let replaced = 0;
  // Each differs from all others at a place of its own.
  for (let at = 0; at < 200; at++) {
    const key = new Uint8Array(200);
    key[at] = 1;
    if (tree.add({ bytes: key }) !== undefined) replaced++;
    assert.ok(find(tree, key));
  }
  assert.ok(replaced > 100);
});

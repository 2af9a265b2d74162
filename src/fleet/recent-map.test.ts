import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { RecentMap } from './recent-map.ts';

describe('a map of what was used lately', () => {
  it('keeps what is used again and again, and no more than it may', () => {
    const map = new RecentMap<number>(10);
    map.set('used', -1);
    for (let entry = 0; entry < 100; entry++) {
      map.set(String(entry), entry);
      assert.equal(map.get('used'), -1);
    }
    const kept = Array.from({ length: 100 }, (_, entry) => entry).filter(
      (entry) => map.get(String(entry)) === entry,
    );
    assert.ok(kept.length >= 4 && kept.length <= 9, `${kept.length}`);
    assert.equal(kept.at(-1), 99);
  });

  it('has the newest value of a key, and none after it was deleted', () => {
    const map = new RecentMap<number>(4);
    map.set('a', 1);
    for (const key of ['b', 'c', 'd']) map.set(key, 0);
    map.set('a', 2);
    assert.equal(map.get('a'), 2);
    map.delete('a');
    assert.equal(map.get('a'), undefined);
    map.clear();
    assert.equal(map.get('d'), undefined);
  });
});

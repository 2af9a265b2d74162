import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { tagAttributes, tagName } from './tag.ts';

const attributes = (tag: string): [string, string][] => [...tagAttributes(Buffer.from(tag))];

describe('a tag', () => {
  it('has a name with or without prefix', () => {
    assert.deepEqual(tagName(Buffer.from('<a:b c="d"/>')), { name: 'a:b', prefix: 'a', localName: 'b' });
    assert.deepEqual(tagName(Buffer.from('</b\n>')), { name: 'b', prefix: '', localName: 'b' });
    assert.deepEqual(tagName(Buffer.from('<b/>')), { name: 'b', prefix: '', localName: 'b' });
  });

  it('has attributes in either kind of quotes, with their references resolved', () => {
    assert.deepEqual(attributes(`<a b="&lt;'ü" c = '"'\n x:d="" />`), [
      ['b', "<'ü"],
      ['c', '"'],
      ['x:d', ''],
    ]);
    assert.deepEqual(attributes('<a>'), []);
  });

  it('has no attributes after the first thing that is none', () => {
    assert.deepEqual(attributes('<a b="1" c d="2">'), [['b', '1']]);
  });

  it('is refused with references to anything undefined', () => {
    assert.throws(() => attributes('<a b="&nbsp;">'), { code: 'OAK_XML_MALFORMED' });
  });
});

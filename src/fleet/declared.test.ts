import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Type } from 'typebox';
import { declared } from './declared.ts';

const SCHEMA = Type.Object({
  name: Type.String({ minLength: 1, maxLength: 3 }),
  count: Type.Optional(Type.Integer({ minimum: 1, maximum: 5 })),
  share: Type.Optional(Type.Number()),
  version: Type.Optional(Type.Literal(1)),
  side: Type.Optional(Type.Union([Type.Literal('left'), Type.Literal('right')])),
  kind: Type.Optional(Type.Enum(['a', 'b'])),
  parent: Type.Optional(Type.Union([Type.String(), Type.Null()])),
  enabled: Type.Optional(Type.Boolean()),
  part: Type.Optional(Type.Object({ id: Type.Integer() })),
  groups: Type.Optional(Type.Array(Type.String())),
});

describe('what does not fit a declaration is named in words', () => {
  for (const [data, words] of [
    [{}, 'It lacks "name".'],
    [[], 'It is not an object.'],
    [{ nam: 'x' }, '"nam" is not known. Did you mean "name"?'],
    [{ name: 5 }, '"name" must be a text.'],
    [{ name: 'long' }, '"name" must not have more than 3 characters.'],
    [{ name: 'x', count: 'y' }, '"count" must be a whole number.'],
    [{ name: 'x', count: 0 }, '"count" must be 1 or more.'],
    [{ name: 'x', count: 6 }, '"count" must be 5 or less.'],
    [{ name: 'x', share: 'y' }, '"share" must be a number.'],
    [{ name: 'x', version: 2 }, '"version" must be 1.'],
    [{ name: 'x', side: 'up' }, '"side" must be "left" or "right".'],
    [{ name: 'x', kind: 'c' }, '"kind" must be one of a, b.'],
    [{ name: 'x', parent: 5 }, '"parent" must be a text or null.'],
    [{ name: 'x', enabled: 'y' }, '"enabled" must be true or false.'],
    [{ name: 'x', part: {} }, '"part" lacks "id".'],
    [{ name: 'x', part: { id: 'y' } }, '"part.id" must be a whole number.'],
    [{ name: 'x', groups: 'y' }, '"groups" must be a list.'],
  ] as const)
    test(JSON.stringify(data), () => {
      assert.throws(() => declared(SCHEMA, data, 'OAK_INPUT_INVALID'), {
        code: 'OAK_INPUT_INVALID',
        detail: words,
      });
    });
});

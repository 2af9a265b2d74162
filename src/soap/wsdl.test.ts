import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { assertSameBytes } from '../../test/support/same-bytes.ts';
import { CountParts, sampleService } from '../../test/support/sample-service.ts';
import { complexType, optional } from './message-type.ts';
import { operation } from './service.ts';
import { string } from './simple-type.ts';
import { writeWsdl } from './wsdl.ts';

const wsdlOf = (changes: object): string =>
  writeWsdl({ ...sampleService, ...changes }, 'http://host:8530').toString();

describe('a service description', () => {
  test('says all that the declaration says, observed elements aside', () => {
    const expected = readFileSync(new URL('../../test/data/warehouse.wsdl', import.meta.url));
    assertSameBytes(writeWsdl(sampleService, 'http://host:8530'), expected);
  });

  test('has the schema of guid only where it is used', () => {
    assert.match(wsdlOf({}), /<s:simpleType name="guid">/);
    assert.doesNotMatch(wsdlOf({ operations: { CountParts } }), /guid|s:import/);
  });

  test('gives the published address where that is another one', () => {
    const addresses = wsdlOf({ wsdlPath: '/a?b&c' }).match(/location="[^"]*"/g);
    assert.deepEqual(new Set(addresses), new Set(['location="http://host:8530/a?b&amp;c"']));
  });

  test('has the types that no message reaches', () => {
    const furtherTypes = [complexType('Spare', '1', { Part: optional(string) })];
    assert.match(wsdlOf({ furtherTypes }), /<s:complexType name="Spare">/);
  });

  test('is refused if two types have one name', () => {
    const twice = ['A', 'B'].map((field) =>
      optional(complexType('Same', '1', { [field]: optional(string) })),
    );
    const request = complexType('Ask', '1', { a: twice[0], b: twice[1] });
    const Ask = operation(request, complexType('AskResponse', '1', {}));
    assert.throws(() => wsdlOf({ operations: { Ask } }), /two types are called tns:Same/);
  });
});

import {
  arrayOf,
  complexType,
  intArray,
  kept,
  observed,
  optional,
  optionalAttribute,
  required,
  requiredAttribute,
} from '../../src/soap/message-type.ts';
import { FRAMING, operation, type ServiceDeclaration } from '../../src/soap/service.ts';
import {
  base64Binary,
  boolean,
  dateTime,
  enumeration,
  guid,
  int,
  string,
} from '../../src/soap/simple-type.ts';

/** A service that has one of everything a declaration can say, and nothing to do with updates. */

export const Colour = enumeration('Colour', ['Red', 'Green']);

export const Part = complexType(
  'Part',
  '1.2',
  {
    Id: required(int),
    Name: optional(string),
    Key: optional(guid, { nillable: true }),
    Tags: optional(arrayOf('ArrayOfString', 'string', string)),
  },
  { Rank: requiredAttribute(int), Note: optionalAttribute(string) },
);

const Ticket = complexType('Ticket', '1.3', { Until: optional(dateTime), Seal: optional(base64Binary) });

export const PutParts = operation(
  complexType('PutParts', '1.1', {
    ticket: optional(Ticket),
    ids: optional(intArray('ArrayOfInt', 'int')),
    parts: optional(arrayOf('ArrayOfPart', 'Part', Part)),
    colour: required(Colour),
    hint: observed(string),
  }),
  complexType('PutPartsResponse', '1.1', {
    PutPartsResult: required(boolean),
    Remark: optional(kept(string)),
  }),
);

export const CountParts = operation(
  complexType('CountParts', '1.4', {}),
  complexType('CountPartsResponse', '1.4', { CountPartsResult: required(int) }),
);

export const sampleService = {
  name: 'Warehouse',
  portName: 'WarehouseSoap',
  section: '1',
  namespace: 'urn:example:warehouse',
  path: '/Warehouse/Warehouse.asmx',
  framing: FRAMING.clientService,
  cacheControl: 'private',
  faultActor: false,
  alsoUnderstood: ['urn:example:common'],
  operations: { PutParts, CountParts },
} as const satisfies ServiceDeclaration;

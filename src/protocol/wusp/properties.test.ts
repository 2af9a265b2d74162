import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { OakumError } from '../../errors/oakum-error.ts';
import { FRAMING } from '../../soap/service.ts';
import { messageArbitrary } from '../../../test/support/message-arbitrary.ts';
import { mutate, mutations } from '../../../test/support/mutations.ts';
import { decodeAs, encodeWireMessage, messageTypesOf } from '../../../test/support/wire-message.ts';
import { clientService } from './client.ts';
import { reportingService } from './reporting.ts';
import { simpleAuthService } from './simple-auth.ts';

for (const service of [simpleAuthService, clientService, reportingService]) {
  describe(`messages of ${service.name}`, () => {
    for (const type of messageTypesOf(service)) {
      const messages = messageArbitrary(type);

      test(`${type.name} survives encoding and decoding`, () => {
        const framings = fc.constantFrom(service.framing, FRAMING.agentRequest);
        fc.assert(
          fc.property(messages, framings, (message, framing) => {
            const bytes = encodeWireMessage(service, framing, type, message);
            assert.deepEqual(decodeAs(service, type, bytes), message);
          }),
          { numRuns: 40 },
        );
      });

      test(`${type.name}, damaged, raises nothing but an OakumError`, () => {
        fc.assert(
          fc.property(messages, mutations, (message, damage) => {
            const bytes = mutate(encodeWireMessage(service, service.framing, type, message), damage);
            try {
              decodeAs(service, type, bytes);
            } catch (error) {
              assert.ok(error instanceof OakumError, String(error));
            }
          }),
          { numRuns: 100 },
        );
      });
    }
  });
}

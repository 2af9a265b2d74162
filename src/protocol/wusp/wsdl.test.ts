import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import type { ServiceDeclaration } from '../../soap/service.ts';
import { writeWsdl } from '../../soap/wsdl.ts';
import { fixture, skipWithoutFixtures } from '../../../test/support/fixtures.ts';
import { readWsdlStructure } from '../../../test/support/wsdl-structure.ts';
import { clientService } from './client.ts';
import { reportingService } from './reporting.ts';
import { simpleAuthService } from './simple-auth.ts';

// Nothing differs on purpose: elements that only real clients send are left out of the description.
const SERVICES: readonly (readonly [ServiceDeclaration, string])[] = [
  [simpleAuthService, 'SimpleAuth.wsdl'],
  [clientService, 'Client.wsdl'],
  [reportingService, 'ReportingWebService.wsdl'],
];

describe('service descriptions of [MS-WUSP]', { skip: skipWithoutFixtures }, () => {
  for (const [service, file] of SERVICES) {
    test(`${service.name} is described as in the published ${file}`, () => {
      const published = readFileSync(fixture(`../spec/wsdl/${file}`), 'utf8');
      const written = writeWsdl(service, 'http://localhost').toString();
      assert.deepEqual(readWsdlStructure(written), readWsdlStructure(published));
    });
  }
});

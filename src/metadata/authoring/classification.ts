import { TRUE } from './rule.ts';
import type { CategorySpec } from './update-spec.ts';

/** The classifications that every update server knows by these ids. */
export const CLASSIFICATIONS = {
  applications: { updateId: '5c9376ab-8ce6-464a-b136-22113dd69801', title: 'Applications' },
  connectors: { updateId: '434de588-ed14-48f5-8eed-a15e09a991f6', title: 'Connectors' },
  criticalUpdates: { updateId: 'e6cf1350-c01b-414d-a61f-263d14d133b4', title: 'Critical Updates' },
  definitionUpdates: { updateId: 'e0789628-ce08-4437-be74-2495b842f43b', title: 'Definition Updates' },
  developerKits: { updateId: 'e140075d-8433-45c3-ad87-e72345b36078', title: 'Developer Kits' },
  drivers: { updateId: 'ebfc1fc5-71a4-4f7b-9aca-3b9a503104a0', title: 'Drivers' },
  driverSets: { updateId: '77835c8d-62a7-41f5-82ad-f28d1af1e3b1', title: 'Driver Sets' },
  featurePacks: { updateId: 'b54e7d24-7add-428f-8b75-90a396fa584f', title: 'Feature Packs' },
  guidance: { updateId: '9511d615-35b2-47bb-927f-f73d8e9260bb', title: 'Guidance' },
  securityUpdates: { updateId: '0fa1201d-4330-4fa8-8ae9-b877473b6441', title: 'Security Updates' },
  servicePacks: { updateId: '68c5b0a3-d1a6-4553-ae49-01d3a7827828', title: 'Service Packs' },
  tools: { updateId: 'b4832bd8-e735-4761-8daf-37f882276dab', title: 'Tools' },
  updateRollups: { updateId: '28bc880e-0592-4cbf-8f95-c79b17911d5f', title: 'Update Rollups' },
  updates: { updateId: 'cd5ffd1e-e932-4e3a-bf74-18bf0b1bbd83', title: 'Updates' },
  upgrades: { updateId: '3689bdc8-b205-4af4-8d4a-a63924c5e9d5', title: 'Upgrades' },
} as const;

export type Classification = keyof typeof CLASSIFICATIONS;

/**
 * The own document of a well-known classification. Microsoft's revisions of them are 1, 2, 100 and 200:
 * 3 never collides with one, and gives way to most when a real catalogue is imported later.
 */
const REVISION_NUMBER = 3;

/** Always the same for the same classification, so that several catalogues can bring it along. */
export function classificationSpec(classification: Classification): CategorySpec {
  const { updateId, title } = CLASSIFICATIONS[classification];
  return {
    type: 'Category',
    categoryType: 'UpdateClassification',
    updateId,
    revisionNumber: REVISION_NUMBER,
    created: '2026-01-05T09:00:00Z',
    publisherId: '1c445db0-f3f3-4bb7-a5c9-49b7769fed2d',
    texts: [{ language: 'en', title }],
    isInstalled: TRUE,
  };
}

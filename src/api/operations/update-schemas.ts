import { Type } from 'typebox';
import { UPDATE_TYPES } from '../../metadata/update-document.ts';
import { count, exampleGuid, guid, textOrNull, time, timeOrNever, updateName } from '../schemas.ts';

/** Schemas and examples of updates and of decisions about them. */

export const ACTIONS = ['Install', 'OptionalInstall', 'Uninstall', 'NotApproved', 'Block'] as const;

export const action = (description?: string) =>
  Type.Enum([...ACTIONS], description === undefined ? {} : { description });

const words = (description?: string) =>
  Type.Array(Type.String(), description === undefined ? {} : { description });

const withheld = Type.Union([Type.Enum(['expired', 'licence', 'rollout']), Type.Null()], {
  description: 'Why it takes no effect now.',
});

const source = Type.Unsafe<'manual' | `rule:${number}` | `rollout:${number}`>(
  Type.String({ description: 'Who decided: `manual`, `rule:` or `rollout:` with a number.' }),
);

export const APPROVAL = Type.Object({
  groupId: guid(),
  groupName: Type.String(),
  action: action(),
  deadlineMs: timeOrNever(),
  approvedMs: time(),
  source,
  withheld,
});

export const LISTED = Type.Object({
  number: Type.Integer({ description: 'What this server calls it.' }),
  updateId: guid(),
  revisionNumber: Type.Integer(),
  revisionId: Type.Integer({ description: 'What clients of this server call the revision.' }),
  type: Type.Enum([...UPDATE_TYPES]),
  title: Type.String(),
  kbArticles: words(),
  securityBulletins: words(),
  cves: words(),
  severity: textOrNull('MSRC severity, as the vendor rates it.'),
  createdMs: timeOrNever('When the vendor made it.'),
  importedMs: time('When its newest revision came.'),
  declined: Type.Boolean(),
  deployable: Type.Boolean({ description: 'It can be approved.' }),
  expired: Type.Boolean(),
  uninstallable: Type.Boolean(),
  superseded: Type.Boolean({
    description: 'Another update, neither declined nor expired, takes its place.',
  }),
  products: words('Titles of the products it is for.'),
  classifications: words(),
  approvals: Type.Array(APPROVAL),
  relevance: Type.Union([Type.Number(), Type.Null()], {
    description: 'How well it fits what was searched for: more is better. Null without a search.',
  }),
});

const RELATED = Type.Object({
  updateId: guid(),
  title: Type.String({ description: 'Empty for what was never imported.' }),
});

export const CATEGORY = Type.Object({
  ...RELATED.properties,
  categoryType: Type.String({ description: 'Product, ProductFamily, Company, UpdateClassification…' }),
});

const FILE = Type.Object({
  name: Type.String(),
  size: count('Bytes.'),
  sha1: Type.String({ description: 'Hexadecimal.' }),
  sha256: textOrNull('Hexadecimal.'),
  stored: Type.Boolean(),
});

const DRIVER = Type.Object({
  hardwareId: Type.String(),
  driverClass: Type.String(),
  provider: Type.String(),
  manufacturer: Type.String(),
  model: Type.String(),
  dateMs: time(),
  version: Type.String(),
});

export const DETAILS = Type.Object({
  ...LISTED.properties,
  description: Type.String(),
  handler: textOrNull('What installs it.'),
  locallyPublished: Type.Boolean(),
  languages: words('Of the payload; `all` stands for a neutral one.'),
  categories: Type.Array(CATEGORY),
  prerequisites: Type.Array(Type.Array(RELATED), {
    description: 'All of them must hold; each does when one of its updates is installed.',
  }),
  bundles: Type.Array(RELATED, { description: 'What it installs.' }),
  bundledBy: Type.Array(RELATED),
  supersedes: Type.Array(RELATED),
  supersededBy: Type.Array(RELATED),
  files: Type.Array(FILE),
  drivers: Type.Array(DRIVER, { description: 'One for each hardware id.' }),
  licence: Type.Union([Type.Object({ eulaId: Type.String(), acceptedMs: timeOrNever() }), Type.Null()]),
  revisions: Type.Array(Type.Object({ revisionNumber: Type.Integer(), importedMs: time() }), {
    description: 'Those that clients can see, the newest first.',
  }),
});

/** Updates that one decision is about. */
export const updatesNamed = Type.Array(updateName, { minItems: 1, maxItems: 10_000 });

/** What `errors` of operations say that take updates by name. */
export const UPDATE_ERRORS = ['OAK_UPDATE_UNKNOWN', 'OAK_UPDATE_AMBIGUOUS'] as const;

export const exampleApproval = {
  groupId: exampleGuid('4a5b0a8f-6a34-4d0a-9d4a-0c6c2f0b6a11'),
  groupName: 'Berlin',
  action: 'Install' as const,
  deadlineMs: null,
  approvedMs: 1_794_996_000_000,
  source: 'manual' as const,
  withheld: null,
};

export const exampleListed = {
  number: 4711,
  updateId: exampleGuid('7c6f2c33-1df3-4d0b-a4d6-2f3a8e5b9c10'),
  revisionNumber: 201,
  revisionId: 5120,
  type: 'Software' as const,
  title: '2026-10 Cumulative Update for Sample System (KB5099001)',
  kbArticles: ['5099001'],
  securityBulletins: [],
  cves: ['CVE-2026-40001'],
  severity: 'Critical',
  createdMs: 1_794_900_000_000,
  importedMs: 1_794_990_000_000,
  declined: false,
  deployable: true,
  expired: false,
  uninstallable: true,
  superseded: false,
  products: ['Sample System'],
  classifications: ['Security Updates'],
  approvals: [exampleApproval],
  relevance: 20.5,
};

/** Where a decision tells of an update. */
export const exampleUpdate = {
  updateId: exampleListed.updateId,
  revisionNumber: exampleListed.revisionNumber,
  title: exampleListed.title,
};

const older = {
  updateId: exampleGuid('0d6e9a75-48a5-4d7b-9c1e-5b7f0e2a4c33'),
  title: '2026-09 Cumulative Update for Sample System (KB5098000)',
};

export const exampleDetails = {
  ...exampleListed,
  relevance: null,
  description: 'Repairs faults in Sample System.',
  handler: 'Cbs',
  locallyPublished: false,
  languages: ['all'],
  categories: [
    {
      updateId: exampleGuid('f1c5d0a2-5d0f-4d19-8a35-6f6f0d8f7b21'),
      title: 'Sample System',
      categoryType: 'Product',
    },
  ],
  prerequisites: [
    [{ updateId: exampleGuid('2b5c8d1f-9e0a-4f6b-8c3d-7a1e5f9b0d42'), title: 'Is Sample System' }],
  ],
  bundles: [],
  bundledBy: [],
  supersedes: [older],
  supersededBy: [],
  files: [
    {
      name: 'sample-system-kb5099001-x64.cab',
      size: 41_943_040,
      sha1: '2fd4e1c67a2d28fced849ee1bb76e7391b93eb12',
      sha256: null,
      stored: true,
    },
  ],
  drivers: [],
  licence: null,
  revisions: [{ revisionNumber: 201, importedMs: 1_794_990_000_000 }],
};

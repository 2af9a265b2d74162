import { Buffer } from 'node:buffer';
import { OakumError } from '../../errors/oakum-error.ts';
import { DOCUMENT_XML_LIMITS } from '../../metadata/document-limits.ts';
import { UPDATE } from '../../metadata/namespaces.ts';
import { eachChild } from '../../metadata/open-document.ts';
import { readRelations, type Relations } from '../../metadata/relations.ts';
import { UPDATE_TYPES, type UpdateType } from '../../metadata/update-document.ts';
import { parseUpdateId, type UpdateIdentity } from '../../metadata/update-identity.ts';
import { Token, XmlScanner } from '../../xml/scanner.ts';
import { NO_METADATA, type ApplicabilityMetadata } from './applicability-metadata.ts';
import { readMetadata } from './read-metadata.ts';
import { readRuleSection } from './read-rule.ts';
import type { Rule } from './rule.ts';

/** What an agent reads in the Core fragment of an update ([MS-WUSP] 3.1.1.1). */
export interface CoreUpdate extends UpdateIdentity {
  readonly updateType: UpdateType;
  readonly explicitlyDeployable: boolean;
  readonly autoSelectOnWebSites: boolean;
  readonly eulaId: string | undefined;
  /** `swap` for feature updates. */
  readonly osUpgrade: string | undefined;
  readonly relations: Relations;
  /** Undefined where a section is missing or empty, which counts as false. */
  readonly isInstalled: Rule | undefined;
  readonly isSuperseded: Rule | undefined;
  readonly isInstallable: Rule | undefined;
  readonly metadata: ApplicabilityMetadata;
}

type Draft = { -readonly [K in keyof CoreUpdate]?: CoreUpdate[K] };

// A fragment is a sequence of elements without a root and without namespaces.
const BEFORE = Buffer.from(`<Fragment xmlns="${UPDATE}">`);
const AFTER = Buffer.from('</Fragment>');

/**
 * Reads a Core fragment, as SyncUpdates delivers it.
 *
 * @param xml unescaped text, or its UTF-8 bytes
 * @throws OakumError OAK_DOCUMENT_INVALID without an identity, a type it knows or whole relationships, or what the
 * scanner raises. Rules and their metadata are never refused: see {@link readRuleSection}
 */
export function parseCoreFragment(xml: string | Uint8Array): CoreUpdate {
  const bytes = typeof xml === 'string' ? Buffer.from(xml) : xml;
  const scanner = new XmlScanner(Buffer.concat([BEFORE, bytes, AFTER]), DOCUMENT_XML_LIMITS);
  const draft: Draft = {
    relations: { prerequisites: [], bundled: [], superseded: [] },
    isInstalled: undefined,
    isSuperseded: undefined,
    isInstallable: undefined,
    metadata: NO_METADATA,
  };
  scanner.next();
  eachChild(scanner, (name) => {
    switch (name) {
      case 'UpdateIdentity':
        Object.assign(draft, readIdentity(scanner));
        break;
      case 'Properties':
        Object.assign(draft, readProperties(scanner));
        break;
      case 'Relationships':
        draft.relations = readRelations(scanner);
        break;
      case 'ApplicabilityRules':
        eachChild(scanner, (section) => readSection(scanner, section, draft));
        break;
      default:
    }
  });
  while (scanner.next() !== Token.EndOfDocument);
  if (draft.updateId === undefined) throw invalid('UpdateIdentity is missing.');
  if (draft.updateType === undefined) throw invalid('Properties is missing.');
  return Object.freeze(draft as CoreUpdate);
}

function readSection(scanner: XmlScanner, section: string, draft: Draft): void {
  if (section === 'IsInstalled') draft.isInstalled = readRuleSection(scanner);
  else if (section === 'IsSuperseded') draft.isSuperseded = readRuleSection(scanner);
  else if (section === 'IsInstallable') draft.isInstallable = readRuleSection(scanner);
  else if (section === 'Metadata') draft.metadata = readMetadata(scanner);
}

function readIdentity(scanner: XmlScanner): UpdateIdentity {
  const updateId = parseUpdateId(scanner.attribute('UpdateID') ?? '');
  const revision = scanner.attribute('RevisionNumber') ?? '';
  if (updateId === undefined) throw invalid('UpdateID is not a GUID.');
  if (!/^\d{1,10}$/.test(revision) || Number(revision) > 0x7fff_ffff) {
    throw invalid('RevisionNumber is not a number.');
  }
  return { updateId, revisionNumber: Number(revision) };
}

type Properties = Pick<
  CoreUpdate,
  'updateType' | 'explicitlyDeployable' | 'autoSelectOnWebSites' | 'eulaId' | 'osUpgrade'
>;

function readProperties(scanner: XmlScanner): Properties {
  const type = scanner.attribute('UpdateType') ?? 'Software';
  const updateType = UPDATE_TYPES.find((known) => known === type);
  if (updateType === undefined) throw invalid(`UpdateType "${type.slice(0, 40)}" is unknown.`);
  const isSet = (name: string): boolean => /^(true|1)$/.test(scanner.attribute(name) ?? '');
  return {
    updateType,
    explicitlyDeployable: isSet('ExplicitlyDeployable'),
    autoSelectOnWebSites: isSet('AutoSelectOnWebSites'),
    eulaId: scanner.attribute('EulaID'),
    osUpgrade: scanner.attribute('OSUpgrade'),
  };
}

function invalid(detail: string): OakumError {
  return new OakumError('OAK_DOCUMENT_INVALID', { detail });
}

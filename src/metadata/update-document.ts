import { OakumError } from '../errors/oakum-error.ts';
import { dateTimeToMs, parseDateTime } from '../soap/simple-type.ts';
import { Token, type XmlScanner } from '../xml/scanner.ts';
import { readDriverMetadata, type DriverMetadata } from './driver-metadata.ts';
import { readUpdateFile, type UpdateFile } from './update-file.ts';
import { XSI } from './namespaces.ts';
import { eachChild, openDocument, readFlag } from './open-document.ts';
import { readRelations, type Relations } from './relations.ts';
import { parseRevisionNumber, parseUpdateId, type UpdateIdentity } from './update-identity.ts';

export const UPDATE_TYPES = ['Category', 'Detectoid', 'Software', 'Driver'] as const;
export type UpdateType = (typeof UPDATE_TYPES)[number];

/** Title and description in one language. */
export interface LocalizedText {
  readonly language: string;
  readonly title: string;
  readonly description: string;
}

/** What a server needs to know of an update document; the rest stays in the document's bytes. */
export interface UpdateDocument extends UpdateIdentity {
  readonly updateType: UpdateType;
  /** May be approved, and counts in reports. Bundle members and categories may not. */
  readonly explicitlyDeployable: boolean;
  /** PublicationState="Expired": nothing but an uninstallation may still be approved. */
  readonly expired: boolean;
  readonly locallyPublished: boolean;
  /** UninstallationBehavior is declared. */
  readonly uninstallable: boolean;
  readonly eulaId: string | undefined;
  readonly requiresEulaAcceptance: boolean;
  /** Last part of the Handler URI: Cbs, WindowsInstaller, OSInstaller... */
  readonly handler: string | undefined;
  /** Product, ProductFamily, Company, UpdateClassification... of a category. */
  readonly categoryType: string | undefined;
  readonly creationMs: number | undefined;
  readonly defaultLanguage: string;
  readonly kbArticleIds: readonly string[];
  readonly securityBulletinIds: readonly string[];
  readonly cveIds: readonly string[];
  readonly msrcSeverity: string | undefined;
  /** Languages of the payload; `all` stands for a neutral one. */
  readonly languages: readonly string[];
  readonly texts: readonly LocalizedText[];
  readonly relations: Relations;
  /** Payload and licence files. */
  readonly files: readonly UpdateFile[];
  readonly drivers: readonly DriverMetadata[];
}

type Draft = { -readonly [K in keyof UpdateDocument]?: UpdateDocument[K] };

/**
 * Reads an update document of any type and handler ([MS-WUSP] 3.1.1.1).
 *
 * @param bytes UTF-8, the whole document
 * @throws OakumError OAK_DOCUMENT_INVALID with the reason, or what the scanner raises
 */
export function parseUpdateDocument(bytes: Uint8Array): UpdateDocument {
  const scanner = openDocument(bytes);
  const files: UpdateFile[] = [];
  const drivers: DriverMetadata[] = [];
  const texts: LocalizedText[] = [];
  const draft: Draft = { files, drivers, texts };
  const seen = new Set<string>();
  eachChild(scanner, (name) => {
    // Twice the same section would mean one thing here and another in the fragments.
    if (seen.has(name)) throw invalid(`${name} stands in it twice.`);
    seen.add(name);
    switch (name) {
      case 'UpdateIdentity':
        Object.assign(draft, readIdentity(scanner));
        break;
      case 'Properties':
        readProperties(scanner, draft);
        break;
      case 'LocalizedPropertiesCollection':
        eachChild(scanner, (child) => {
          if (child === 'LocalizedProperties') texts.push(readText(scanner));
          else if (child === 'EulaFile') files.push(readUpdateFile(scanner));
        });
        break;
      case 'Relationships':
        draft.relations = readRelations(scanner);
        break;
      case 'ApplicabilityRules':
        eachChild(scanner, (child) => {
          if (child === 'Metadata') readDriverMetadata(scanner, drivers);
        });
        break;
      case 'Files':
        eachChild(scanner, (child) => {
          if (child === 'File') files.push(readUpdateFile(scanner));
        });
        break;
      case 'HandlerSpecificData':
        readHandlerData(scanner, draft);
        break;
      default:
    }
  });
  while (scanner.next() !== Token.EndOfDocument);
  if (draft.updateId === undefined) throw invalid('UpdateIdentity is missing.');
  if (draft.updateType === undefined) throw invalid('Properties is missing.');
  draft.relations ??= { prerequisites: [], bundled: [], superseded: [] };
  return draft as UpdateDocument;
}

function readIdentity(scanner: XmlScanner): UpdateIdentity {
  const updateId = parseUpdateId(scanner.attribute('UpdateID') ?? '');
  const revisionNumber = parseRevisionNumber(scanner.attribute('RevisionNumber') ?? '');
  if (updateId === undefined) throw invalid('UpdateID is not a GUID.');
  if (revisionNumber === undefined) throw invalid('RevisionNumber is not a number.');
  return { updateId, revisionNumber };
}

function readProperties(scanner: XmlScanner, draft: Draft): void {
  const type = scanner.attribute('UpdateType') ?? 'Software';
  const updateType = UPDATE_TYPES.find((known) => known === type);
  if (updateType === undefined) throw invalid(`UpdateType "${type.slice(0, 40)}" is unknown.`);
  const created = parseDateTime(scanner.attribute('CreationDate')?.trim() ?? '');
  const kbArticleIds: string[] = [];
  const securityBulletinIds: string[] = [];
  const cveIds: string[] = [];
  const languages: string[] = [];
  const lists: Readonly<Record<string, string[]>> = {
    KBArticleID: kbArticleIds,
    SecurityBulletinID: securityBulletinIds,
    CveID: cveIds,
    CVEID: cveIds,
    Language: languages,
  };
  Object.assign(draft, {
    updateType,
    explicitlyDeployable: readFlag(scanner, 'ExplicitlyDeployable'),
    expired: scanner.attribute('PublicationState') === 'Expired',
    locallyPublished: readFlag(scanner, 'IsLocallyPublished'),
    eulaId: scanner.attribute('EulaID'),
    requiresEulaAcceptance:
      readFlag(scanner, 'RequiresLicenseAgreementAcceptance') || scanner.attribute('EulaID') !== undefined,
    handler: scanner.attribute('Handler')?.split('/').at(-1),
    creationMs: created === undefined ? undefined : dateTimeToMs(created),
    defaultLanguage: scanner.attribute('DefaultPropertiesLanguage') ?? 'en',
    msrcSeverity: scanner.attribute('MsrcSeverity'),
    uninstallable: false,
    kbArticleIds,
    securityBulletinIds,
    cveIds,
    languages,
  } satisfies Draft);
  eachChild(scanner, (name) => {
    if (name === 'UninstallationBehavior') draft.uninstallable = true;
    else if (Object.hasOwn(lists, name)) lists[name].push(scanner.readText().trim());
  });
}

function readText(scanner: XmlScanner): LocalizedText {
  const text = { Language: '', Title: '', Description: '' };
  eachChild(scanner, (name) => {
    if (name === 'Language' || name === 'Title' || name === 'Description') text[name] = scanner.readText();
  });
  return { language: text.Language.trim(), title: text.Title, description: text.Description };
}

function readHandlerData(scanner: XmlScanner, draft: Draft): void {
  if (!/(^|:)Category$/.test(scanner.attribute('type', XSI) ?? '')) return;
  const { depth } = scanner;
  while (scanner.next() !== Token.EndElement || scanner.depth !== depth) {
    if (scanner.token === Token.StartElement && scanner.localName === 'CategoryInformation') {
      draft.categoryType = scanner.attribute('CategoryType');
    }
  }
}

function invalid(detail: string): OakumError {
  return new OakumError('OAK_DOCUMENT_INVALID', { detail });
}

/** The best title for an administrator: English, else the document's own language, else any. */
export function titleOf(document: Pick<UpdateDocument, 'texts' | 'defaultLanguage'>): string {
  const { texts, defaultLanguage } = document;
  const best =
    texts.find((text) => text.language === 'en') ?? texts.find((text) => text.language === defaultLanguage);
  return (best ?? texts[0])?.title ?? '';
}

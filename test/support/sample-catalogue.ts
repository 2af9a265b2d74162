import { createHash } from 'node:crypto';
import type { UpdateId } from '../../src/metadata/update-identity.ts';

/** A small catalogue with one of everything, in dependency order: company > family > products > updates. */

const updateId = (index: number): UpdateId =>
  `0a000000-0000-4000-8000-${String(index).padStart(12, '0')}` as UpdateId;

export const SAMPLE = {
  company: updateId(1),
  family: updateId(2),
  product: updateId(3),
  otherProduct: updateId(4),
  classification: updateId(5),
  detectoid: updateId(6),
  bundle: updateId(10),
  member: updateId(11),
  standalone: updateId(12),
  otherUpdate: updateId(13),
  driver: updateId(20),
  printerDriver: updateId(21),
} as const;

export const REVISION_NUMBER = 101;
export const DRIVER_HARDWARE_ID = 'PCI\\VEN_1234&DEV_0001';
export const PRINTER_HARDWARE_ID = 'USBPRINT\\ExamplePrinter';

export interface SampleFile {
  readonly name: string;
  readonly content: Buffer;
}

/** Files of the bundle's member; their metadata is true. */
export const MEMBER_FILES: readonly SampleFile[] = [
  { name: 'payload.EXE', content: Buffer.from('not really a program\n'.repeat(50)) },
  { name: 'payload.psf', content: Buffer.alloc(3000, 7) },
];
export const LICENCE_FILE: SampleFile = { name: 'licence.txt', content: Buffer.from('Do as you like.\n') };

export const sha1Of = (content: Uint8Array): Buffer => createHash('sha1').update(content).digest();

const fileAttributes = ({ name, content }: SampleFile): string =>
  `Digest="${sha1Of(content).toString('base64')}" DigestAlgorithm="SHA1" FileName="${name}" ` +
  `Size="${content.length}" Modified="2026-09-30T10:00:00Z"`;

const additionalDigest = ({ content }: SampleFile): string =>
  `<AdditionalDigest Algorithm="SHA256">${createHash('sha256').update(content).digest('base64')}</AdditionalDigest>`;

interface Parts {
  readonly id: UpdateId;
  readonly revisionNumber?: number;
  readonly type: 'Category' | 'Detectoid' | 'Software' | 'Driver';
  readonly deployable?: boolean;
  readonly properties?: string;
  /** Title by language. */
  readonly titles?: Readonly<Record<string, string>>;
  readonly texts?: string;
  readonly categories?: readonly UpdateId[];
  readonly prerequisites?: readonly UpdateId[];
  readonly members?: readonly UpdateId[];
  readonly rules?: string;
  readonly files?: string;
  readonly handler?: string;
}

/** An update document. Everything not given is as plain as can be. */
export function updateDocument(parts: Parts): Buffer {
  const { id, revisionNumber = REVISION_NUMBER, type, deployable = false, properties = '' } = parts;
  const identity = (one: UpdateId): string => `<UpdateIdentity UpdateID="${one}"/>`;
  const clauses = [
    ...(parts.prerequisites ?? []).map(identity),
    ...(parts.categories ?? []).map((one) => `<AtLeastOne IsCategory="true">${identity(one)}</AtLeastOne>`),
  ].join('');
  const members = (parts.members ?? [])
    .map((one) => `<UpdateIdentity UpdateID="${one}" RevisionNumber="${REVISION_NUMBER}"/>`)
    .join('');
  const titles = Object.entries(parts.titles ?? { en: `${type} ${id.slice(-2)}` }).map(
    ([language, title]) =>
      `<LocalizedProperties><Language>${language}</Language><Title>${title}</Title></LocalizedProperties>`,
  );
  return Buffer.from(
    `<Update xmlns="http://schemas.microsoft.com/msus/2002/12/Update">` +
      `<UpdateIdentity UpdateID="${id}" RevisionNumber="${revisionNumber}"/>` +
      `<Properties DefaultPropertiesLanguage="en" UpdateType="${type}" ExplicitlyDeployable="${deployable}" ` +
      `CreationDate="2026-09-30T10:00:00Z" ${properties}/>` +
      `<LocalizedPropertiesCollection>${titles.join('')}${parts.texts ?? ''}</LocalizedPropertiesCollection>` +
      `<Relationships>${clauses && `<Prerequisites>${clauses}</Prerequisites>`}` +
      `${members && `<BundledUpdates>${members}</BundledUpdates>`}</Relationships>` +
      `<ApplicabilityRules><IsInstalled><True/></IsInstalled>${parts.rules ?? ''}</ApplicabilityRules>` +
      `${parts.files ?? ''}${parts.handler ?? ''}</Update>`,
  );
}

const categoryHandler = (kind: string): string =>
  `<HandlerSpecificData xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="cat:Category">` +
  `<CategoryInformation xmlns="http://schemas.microsoft.com/msus/2002/12/UpdateHandlers/Category" ` +
  `CategoryType="${kind}"/></HandlerSpecificData>`;

const driverRules = (hardwareId: string, driverClass: string): string =>
  `<Metadata><WindowsDriverMetaData xmlns="http://schemas.microsoft.com/msus/2002/12/UpdateHandlers/WindowsDriver" ` +
  `HardwareID="${hardwareId.replaceAll('&', '&amp;')}" DriverVerDate="2026-05-01" DriverVerVersion="10.1.2.3" ` +
  `WhqlDriverID="77" Class="${driverClass}" Company="Example" Provider="Example" Manufacturer="Example" ` +
  `Model="Example One"/></Metadata>`;

/** The documents of {@link SAMPLE}. */
export function sampleDocuments(): Buffer[] {
  const category = (id: UpdateId, kind: string, parent: readonly UpdateId[], title: string): Buffer =>
    updateDocument({
      id,
      type: 'Category',
      titles: { en: title },
      categories: parent,
      handler: categoryHandler(kind),
    });
  const belongsToProduct = {
    categories: [SAMPLE.product, SAMPLE.classification],
    prerequisites: [SAMPLE.detectoid],
  };
  return [
    category(SAMPLE.company, 'Company', [], 'Example Company'),
    category(SAMPLE.family, 'ProductFamily', [SAMPLE.company], 'Example Family'),
    category(SAMPLE.product, 'Product', [SAMPLE.family], 'Example Product'),
    category(SAMPLE.otherProduct, 'Product', [SAMPLE.family], 'Other Product'),
    category(SAMPLE.classification, 'UpdateClassification', [], 'Example Updates'),
    updateDocument({ id: SAMPLE.detectoid, type: 'Detectoid' }),
    updateDocument({
      id: SAMPLE.member,
      type: 'Software',
      prerequisites: [SAMPLE.detectoid],
      files: `<Files>${MEMBER_FILES.map(
        (file) => `<File ${fileAttributes(file)}>${additionalDigest(file)}</File>`,
      ).join('')}</Files>`,
    }),
    updateDocument({
      id: SAMPLE.bundle,
      type: 'Software',
      deployable: true,
      properties: `EulaID="${updateId(90)}"`,
      titles: { en: 'A bundle', de: 'Ein Bündel', 'pt-br': 'Um pacote' },
      texts: `<EulaFile Language="en" ${fileAttributes(LICENCE_FILE)}>${additionalDigest(LICENCE_FILE)}</EulaFile>`,
      members: [SAMPLE.member],
      ...belongsToProduct,
    }),
    updateDocument({ id: SAMPLE.standalone, type: 'Software', deployable: true, ...belongsToProduct }),
    updateDocument({
      id: SAMPLE.otherUpdate,
      type: 'Software',
      deployable: true,
      categories: [SAMPLE.otherProduct, SAMPLE.classification],
    }),
    updateDocument({
      id: SAMPLE.driver,
      type: 'Driver',
      deployable: true,
      categories: [SAMPLE.product],
      rules: driverRules(DRIVER_HARDWARE_ID, 'Net'),
    }),
    updateDocument({
      id: SAMPLE.printerDriver,
      type: 'Driver',
      deployable: true,
      categories: [SAMPLE.product],
      rules: driverRules(PRINTER_HARDWARE_ID, 'Printers'),
    }),
  ];
}

import { CLASSIFICATIONS, type Classification } from '../metadata/authoring/classification.ts';
import type { HandlerSpec, ReturnCodeSpec } from '../metadata/authoring/handler-spec.ts';
import { memberOf, type RelationsSpec } from '../metadata/authoring/relations-spec.ts';
import { TRUE, type Rule } from '../metadata/authoring/rule.ts';
import type { DriverSpec, SoftwareSpec } from '../metadata/authoring/update-spec.ts';
import type { Payload } from './payload.ts';
import { CREATED, PUBLISHER_ID } from './taxonomy.ts';

/** An update of the sample catalogue with the files it names. */
export interface SampleUpdate {
  readonly spec: SoftwareSpec | DriverSpec;
  readonly payloads: readonly Payload[];
}

/** What the sample updates have in common, unless they say otherwise. */
interface UpdateOptions {
  readonly updateId: string;
  readonly title: string;
  readonly description?: string;
  /** The products it belongs to. A member of a bundle has none: it comes along with the bundle. */
  readonly products?: readonly string[];
  readonly classification?: Classification;
  /** Prerequisites besides product and classification. */
  readonly prerequisites?: RelationsSpec['prerequisites'];
  readonly superseded?: readonly string[];
  /** Whatever else the document says. */
  readonly more?: Partial<SoftwareSpec>;
}

/** A licence that the administrator has to accept. */
export interface Licence {
  readonly eulaId: string;
  /** The text by language. */
  readonly texts: Readonly<Record<string, Payload>>;
}

export interface InstallableOptions extends UpdateOptions {
  readonly payloads: readonly Payload[];
  readonly isInstalled: Rule;
  /** True unless said otherwise. */
  readonly isInstallable?: Rule;
  readonly licence?: Licence;
}

const RETURN_CODES: readonly ReturnCodeSpec[] = [
  { code: 0, result: 'Succeeded' },
  { code: 3010, result: 'Succeeded', reboot: true },
];

/** An update whose first file is run. */
export function commandLineUpdate(options: InstallableOptions): SampleUpdate {
  return installable(options, {
    kind: 'CommandLineInstallation',
    program: options.payloads[0]?.file.name ?? '',
    arguments: '/quiet',
    returnCodes: RETURN_CODES,
  });
}

/** An update that a handler installs from files. */
export function installable(options: InstallableOptions, handler: HandlerSpec): SampleUpdate {
  const { payloads, licence, isInstalled, isInstallable = TRUE } = options;
  const licences = Object.entries(licence?.texts ?? {});
  const spec: SoftwareSpec = {
    ...commonSpec(options),
    handler,
    rules: { isInstalled, isInstallable },
    installation: { rebootBehavior: 'CanRequestReboot' },
    files: payloads.map((payload) => payload.file),
    ...(licence !== undefined && {
      eula: {
        eulaId: licence.eulaId,
        files: licences.map(([language, { file }]) => ({ ...file, language })),
      },
    }),
    ...options.more,
  };
  return { spec, payloads: [...payloads, ...licences.map(([, payload]) => payload)] };
}

/**
 * A bundle with its members.
 *
 * @param clauses the members: all clauses count, and in each of them whatever applies
 */
export function bundle(
  options: UpdateOptions,
  ...clauses: readonly (readonly SampleUpdate[])[]
): readonly SampleUpdate[] {
  const common = commonSpec(options);
  const bundled = clauses.map((clause) => clause.map(({ spec }) => spec));
  const spec = { ...common, ...options.more, relations: { ...common.relations, bundled } };
  return [...clauses.flat(), { spec, payloads: [] }];
}

function commonSpec(options: UpdateOptions): SoftwareSpec {
  const { updateId, title, description, products = [], classification, superseded = [] } = options;
  const clauses = [...(options.prerequisites ?? [])];
  if (products.length > 0) clauses.push(memberOf(...products));
  if (classification !== undefined) clauses.push(memberOf(CLASSIFICATIONS[classification].updateId));
  return {
    type: 'Software',
    updateId,
    revisionNumber: 1,
    created: CREATED,
    publisherId: PUBLISHER_ID,
    deployable: products.length > 0,
    texts: [{ language: 'en', title, ...(description === undefined ? {} : { description }) }],
    relations: { prerequisites: clauses, superseded },
  };
}

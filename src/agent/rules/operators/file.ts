import { canonicalPath, joinPath } from '../../machine/canonical-path.ts';
import { compareDottedVersions } from '../../machine/dotted-version.ts';
import type { MachineFile } from '../../machine/machine.ts';
import type { MachineFact, MachinePatch } from '../../machine/machine-patch.ts';
import {
  dottedVersion,
  filePath,
  fileSize,
  fileTime,
  optional,
  required,
  scalarComparison,
  unsignedInt,
  unsignedShort,
  type AttributeTable,
  type AttributeType,
} from '../attribute-type.ts';
import { holdsFor, satisfyingNumbers, satisfyingVersions, type ScalarComparison } from '../comparison.ts';
import { operator, type Operator } from '../operator.ts';
import type { RuleContext } from '../rule-context.ts';
import { findValue, locate, registryValue, type ValueArguments } from './registry-lookup.ts';

/** What a path begins with: nothing, a known folder, or a string from the registry. */
interface FolderArguments {
  readonly Path: string;
  readonly Csidl?: number | undefined;
}
type PlaceArguments = FolderArguments & Partial<ValueArguments>;

interface FileFinding {
  /** Undefined where what the path should begin with is not there. */
  readonly path: string | undefined;
  readonly file: MachineFile | undefined;
}

/** Where a simulated installer puts what the registry names no folder for. */
const DEFAULT_FOLDER = 'C:\\Program Files\\Oakum';

function isPrepended(args: PlaceArguments): args is PlaceArguments & ValueArguments {
  return args.Key !== undefined;
}

function placeOf(args: PlaceArguments, context: RuleContext): string | undefined {
  if (isPrepended(args)) {
    const found = findValue(args, context);
    if (found.kind !== 'value' || found.value.type !== 'REG_SZ') return undefined;
    return joinPath(found.value.data, args.Path);
  }
  if (args.Csidl === undefined) return joinPath(args.Path);
  const folder = context.machine.knownFolders.get(args.Csidl);
  return folder === undefined ? undefined : joinPath(folder, args.Path);
}

function findFile(args: PlaceArguments, context: RuleContext): FileFinding | 'error' {
  if (isPrepended(args) && locate(args, context) === undefined) return 'error';
  const path = placeOf(args, context);
  return { path, file: path === undefined ? undefined : context.machine.files.get(canonicalPath(path)) };
}

function showFile(found: FileFinding | 'error', args: PlaceArguments): string {
  if (found === 'error') return 'HKEY_LOOP_TARGET outside a loop';
  const { path, file } = found;
  if (path === undefined) {
    return isPrepended(args) ? 'no string in the registry to begin the path with' : `no folder ${args.Csidl}`;
  }
  if (file === undefined) return `no file ${path}`;
  const facts = [
    file.version && `version ${file.version.join('.')}`,
    file.size !== undefined && `${file.size} bytes`,
    file.createdMs !== undefined && `created ${new Date(file.createdMs).toISOString()}`,
    file.modifiedMs !== undefined && `modified ${new Date(file.modifiedMs).toISOString()}`,
    file.language !== undefined && `language ${file.language}`,
  ].filter(Boolean);
  return facts.length === 0 ? path : `${path}, ${facts.join(', ')}`;
}

/** Patches that leave a file with one of some facts, or, where it is not wanted, none. */
function placing(
  wanted: boolean,
  args: PlaceArguments,
  context: RuleContext,
  facts: readonly Partial<MachineFile>[],
): MachinePatch[] {
  const found = findFile(args, context);
  if (found === 'error') return [];
  const before: MachineFact[] = [];
  let { path } = found;
  if (path === undefined) {
    const key = isPrepended(args) ? locate(args, context) : undefined;
    // A file below a folder that does not exist is not there already.
    if (key === undefined || !wanted) return [];
    const name = args.Value ?? '';
    before.push({ fact: 'registry-value', key, name, value: { name, type: 'REG_SZ', data: DEFAULT_FOLDER } });
    path = joinPath(DEFAULT_FOLDER, args.Path);
  }
  const whole = path;
  const written = facts.map((fact): MachinePatch => {
    const file = { ...found.file, ...fact, path: whole };
    return [...before, { fact: 'file', path: whole, file }];
  });
  return wanted ? written : [[{ fact: 'file', path: whole, file: undefined }], ...written];
}

const folder = { Path: required(filePath), Csidl: optional(unsignedInt) } as const;
const prepended = { Path: required(filePath), ...registryValue } as const;

/** One check, in its two forms: below a known folder, and below a folder that the registry names. */
function bothForms(
  name: string,
  declare: (name: string, place: typeof folder | typeof prepended) => Operator,
): Operator[] {
  return [declare(`b.${name}`, folder), declare(`b.${name}PrependRegSz`, prepended)];
}

const existence = {
  Version: optional(dottedVersion),
  Created: optional(fileTime),
  Modified: optional(fileTime),
  Size: optional(fileSize),
  Language: optional(unsignedShort),
} as const;

const fileExists = (name: string, place: AttributeTable): Operator =>
  operator({
    name,
    attributes: { ...(place as typeof folder), ...existence },
    find: findFile,
    holds: (found, { Version, Created, Modified, Size, Language }) => {
      if (found === 'error') return 'error';
      const { file } = found;
      if (file === undefined) return false;
      const isVersion =
        Version === undefined ||
        (file.version !== undefined && compareDottedVersions(file.version, Version) === 0);
      return (
        isVersion &&
        (Created === undefined || file.createdMs === Created) &&
        (Modified === undefined || file.modifiedMs === Modified) &&
        (Size === undefined || file.size === Size) &&
        (Language === undefined || file.language === Language)
      );
    },
    show: showFile,
    bringAbout: (wanted, args, context) => {
      const { Version, Created, Modified, Size, Language } = args;
      const fact: Partial<MachineFile> = {
        ...(Version !== undefined && { version: Version }),
        ...(Created !== undefined && { createdMs: Created }),
        ...(Modified !== undefined && { modifiedMs: Modified }),
        ...(Size !== undefined && { size: Size }),
        ...(Language !== undefined && { language: Language }),
      };
      return placing(wanted, args, context, wanted ? [fact] : []);
    },
  });

const fileVersion = (name: string, place: AttributeTable): Operator =>
  operator({
    name,
    attributes: {
      ...(place as typeof folder),
      Comparison: required(scalarComparison),
      Version: required(dottedVersion),
    },
    find: findFile,
    holds: (found, { Comparison, Version }) => {
      if (found === 'error') return 'error';
      const version = found.file?.version;
      return version !== undefined && holdsFor(Comparison, compareDottedVersions(version, Version));
    },
    show: showFile,
    bringAbout: (wanted, args, context) =>
      placing(
        wanted,
        args,
        context,
        satisfyingVersions(args.Comparison, args.Version, wanted).map((version) => ({ version })),
      ),
  });

interface NumberArguments extends PlaceArguments {
  readonly Comparison: ScalarComparison;
  readonly Created?: number;
  readonly Modified?: number;
  readonly Size?: number;
}

/** A check of one number of a file: when it was made or changed, or how large it is. */
function fileNumber(
  attribute: 'Created' | 'Modified' | 'Size',
  type: AttributeType<number>,
  fact: 'createdMs' | 'modifiedMs' | 'size',
): (name: string, place: AttributeTable) => Operator {
  return (name, place) =>
    operator({
      name,
      attributes: {
        ...(place as typeof folder),
        Comparison: required(scalarComparison),
        [attribute]: required(type),
      },
      find: findFile,
      holds: (found, args: NumberArguments) => {
        if (found === 'error') return 'error';
        const value = found.file?.[fact];
        return value !== undefined && holdsFor(args.Comparison, value - (args[attribute] ?? 0));
      },
      show: showFile,
      bringAbout: (wanted, args: NumberArguments, context) => {
        const values = satisfyingNumbers(
          args.Comparison,
          args[attribute] ?? 0,
          wanted,
          Number.MAX_SAFE_INTEGER,
        );
        return placing(
          wanted,
          args,
          context,
          values.map((value) => ({ [fact]: value })),
        );
      },
    });
}

/** Operators about files ([MS-WUSP] 7, BaseApplicabilityRules). A missing file makes each of them false. */
export const FILE_OPERATORS: readonly Operator[] = [
  ...bothForms('FileExists', fileExists),
  ...bothForms('FileVersion', fileVersion),
  ...bothForms('FileCreated', fileNumber('Created', fileTime, 'createdMs')),
  ...bothForms('FileModified', fileNumber('Modified', fileTime, 'modifiedMs')),
  ...bothForms('FileSize', fileNumber('Size', fileSize, 'size')),
];

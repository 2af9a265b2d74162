import { Type, type Static, type TSchema } from 'typebox';
import { Value } from 'typebox/value';
import { nearestName } from '../errors/nearest-name.ts';
import { OakumError } from '../errors/oakum-error.ts';

/**
 * Every setting, once: key, type, bounds, default and unit. The file, the environment, the flags, the
 * documentation and "oakum config show" all come from this table. Keys end in their unit.
 */
export const SETTINGS = {
  listen: Type.String({
    default: '0.0.0.0:8530',
    description: 'Address and port that clients connect to. 8530 is the port WSUS uses.',
  }),
  workers: Type.String({
    default: 'auto',
    pattern: '^(auto|[1-9][0-9]?)$',
    description:
      'Processes that serve, on one port and one store: a number, or "auto" for half the processors. Each has its ' +
      'own catalogue in memory.',
  }),
  'content.baseUrl': Type.String({
    default: '',
    pattern: '^(https?://[A-Za-z0-9.:\\[\\]-]+(/[A-Za-z0-9._~/-]*)?)?$',
    description:
      'What download addresses begin with, for example http://wsus.example.com:8530. Empty: the host and port each client asked.',
  }),
  'clients.registrationRequired': Type.Boolean({
    default: true,
    description: 'Whether computers must register before they are served. Without it there is no inventory.',
  }),
  'clients.targeting': Type.Union([Type.Literal('server'), Type.Literal('client')], {
    default: 'server',
    description: 'Who assigns computers to groups: the administrator (server), or group policy (client).',
  }),
  'clients.packageServerShare': Type.String({
    default: '',
    description:
      'UNC path from which clients repair MSI packages. Empty: \\\\<this host>\\UpdateServicesPackages, as WSUS says.',
  }),
  'cookies.lifetimeMinutes': Type.Integer({
    default: 60,
    minimum: 5,
    maximum: 1440,
    description: 'How long a client may go on without renewing its cookie. WSUS: 60.',
  }),
  'cookies.keyRotationDays': Type.Integer({
    default: 30,
    minimum: 1,
    maximum: 3650,
    description: 'Age at which a new key is made to seal cookies with. Older keys still open cookies.',
  }),
  'sync.pageUpdates': Type.Integer({
    default: 200,
    minimum: 1,
    maximum: 10_000,
    description: 'Updates in one SyncUpdates answer. The specification says 200.',
  }),
  'sync.pageBytes': Type.Integer({
    default: 10_485_760,
    minimum: 65_536,
    maximum: 268_435_456,
    description:
      'Bytes of metadata in one SyncUpdates answer; a single larger update goes alone. WSUS has 5,242,880, with which ' +
      'a new computer needs more calls.',
  }),
  'sync.maxExtendedUpdates': Type.Integer({
    default: 50,
    minimum: 1,
    maximum: 1000,
    description: 'Updates a client may ask details of in one call. WSUS: 50.',
  }),
  'sync.maxListedIds': Type.Integer({
    default: 50_000,
    minimum: 400,
    maximum: 1_000_000,
    description:
      'Entries in each list of updates a client sends. WSUS stops at 400 installed and 22,000 cached.',
  }),
  'soap.maxRequestBytes': Type.Integer({
    default: 8_388_608,
    minimum: 65_536,
    maximum: 268_435_456,
    description: 'Bytes of one request, compressed or not.',
  }),
  'soap.maxDepth': Type.Integer({
    default: 32,
    minimum: 8,
    maximum: 256,
    description: 'Nesting of XML elements in a request.',
  }),
  'soap.maxElements': Type.Integer({
    default: 250_000,
    minimum: 1000,
    maximum: 10_000_000,
    description: 'XML elements in a request.',
  }),
  'soap.maxCalls': Type.Integer({
    default: 10_000,
    minimum: 1,
    maximum: 1_000_000,
    description:
      'Calls of one service that may be under way at once, from their first byte to the last of the answer. ' +
      'One more is told ServerBusy and tries again later.',
  }),
  'soap.xpress': Type.Union([Type.Literal('spliced'), Type.Literal('whole'), Type.Literal('off')], {
    default: 'spliced',
    description:
      'How answers are compressed for clients that ask for xpress, as all Windows Update Agents do: put together ' +
      'from parts that are kept compressed (spliced), each answer as a whole, which saves bandwidth and costs ' +
      'processor time (whole), or not at all (off).',
  }),
  'http.requestTimeoutSeconds': Type.Integer({
    default: 60,
    minimum: 1,
    maximum: 3600,
    description: 'Time a client has to send a whole request.',
  }),
  'http.keepAliveSeconds': Type.Integer({
    default: 75,
    minimum: 65,
    maximum: 3600,
    description: 'How long an idle connection stays open. Downloads restart when it is below 31.',
  }),
  'memory.requestCacheBytes': Type.Integer({
    default: 33_554_432,
    minimum: 0,
    maximum: 17_179_869_184,
    description:
      'Memory for requests that come again, so that they need not be read again. A scan takes 30 to 60 KB for ' +
      'each set of installed updates in the fleet.',
  }),
  'memory.answerCacheBytes': Type.Integer({
    default: 33_554_432,
    minimum: 0,
    maximum: 17_179_869_184,
    description: 'Memory for parts of answers that were sent before, compressed.',
  }),
  'memory.fragmentCacheBytes': Type.Integer({
    default: 33_554_432,
    minimum: 1_048_576,
    maximum: 17_179_869_184,
    description: 'Memory for the update metadata that clients ask for most.',
  }),
  'housekeeping.enabled': Type.Boolean({
    default: true,
    description:
      'Whether the server keeps itself in order: declines, deletes and tidies up in the background, and lists all ' +
      'of it. Rules and rollouts run in any case.',
  }),
  'housekeeping.everyHours': Type.Integer({
    default: 12,
    minimum: 1,
    maximum: 720,
    description:
      'How often it does. WSUS purges events every 12 hours and leaves the rest to the administrator.',
  }),
  'housekeeping.expiredDays': Type.Integer({
    default: 30,
    minimum: 0,
    maximum: 36500,
    description:
      'Updates that expired are declined when nobody decided about them for so many days; 0 for never. WSUS: 30.',
  }),
  'housekeeping.supersededDays': Type.Integer({
    default: 30,
    minimum: 0,
    maximum: 36500,
    description:
      'Updates that an approved one supersedes are declined when no computer needs them and nobody decided about them for ' +
      'so many days; 0 for never. WSUS: 30.',
  }),
  'housekeeping.revisionDays': Type.Integer({
    default: 30,
    minimum: 0,
    maximum: 36500,
    description: 'Old revisions are deleted so many days after a newer one came; 0 for never. WSUS: 30.',
  }),
  'housekeeping.fileDays': Type.Integer({
    default: 30,
    minimum: 0,
    maximum: 36500,
    description:
      'Stored files that no approved or needed update has used for so many days are deleted; 0 for never.',
  }),
  'housekeeping.computerDays': Type.Integer({
    default: 90,
    minimum: 0,
    maximum: 36500,
    description:
      'Computers that were not in contact for so many days are deleted; 0 for never. They come back by themselves, but not ' +
      'into the groups they were assigned to, so this is longer than the 30 days of WSUS.',
  }),
  'housekeeping.eventDays': Type.Integer({
    default: 15,
    minimum: 0,
    maximum: 36500,
    description:
      'Events are deleted after so many days; 0 for never. What computers have installed is kept apart from them. WSUS: 15.',
  }),
  'housekeeping.findingDays': Type.Integer({
    default: 30,
    minimum: 0,
    maximum: 36500,
    description: 'Findings that did not occur again for so many days are forgotten; 0 for never.',
  }),
  'housekeeping.historyDays': Type.Integer({
    default: 365,
    minimum: 0,
    maximum: 36500,
    description: 'What housekeeping did is listed for so many days; 0 for ever.',
  }),
  'log.level': Type.Union(
    [Type.Literal('error'), Type.Literal('warn'), Type.Literal('info'), Type.Literal('debug')],
    { default: 'info', description: 'How much is logged to standard error.' },
  ),
} as const satisfies Record<string, TSchema>;

export type SettingKey = keyof typeof SETTINGS;
export type Settings = { readonly [K in SettingKey]: Static<(typeof SETTINGS)[K]> };

/** Where a value came from, for "oakum config show". */
export type SettingSource = 'default' | 'file' | 'environment' | 'flag';

export interface SettingValue {
  readonly key: string;
  /** A string from the environment or a flag is read as the setting's type. */
  readonly value: unknown;
  readonly source: SettingSource;
}

export interface ResolvedSettings {
  readonly settings: Settings;
  readonly sources: Readonly<Record<SettingKey, SettingSource>>;
}

/**
 * The settings that hold: defaults, overridden by what is given, later values over earlier ones.
 *
 * @throws OakumError OAK_SETTING_UNKNOWN with the nearest name, OAK_SETTING_INVALID with what is expected
 */
export function resolveSettings(given: readonly SettingValue[]): ResolvedSettings {
  const keys = Object.keys(SETTINGS) as SettingKey[];
  const settings: Record<string, unknown> = {};
  const sources: Record<string, SettingSource> = {};
  for (const key of keys) {
    settings[key] = defaultOf(key);
    sources[key] = 'default';
  }
  for (const { key, value, source } of given) {
    if (!isSettingKey(key)) throw unknownSetting(key, source, keys);
    settings[key] = checked(key, value, source);
    sources[key] = source;
  }
  return { settings: settings as Settings, sources: sources as ResolvedSettings['sources'] };
}

/** The error for a name that no setting has, with the nearest one that has a setting. */
export function unknownSetting(name: string, source: SettingSource, known: readonly string[]): OakumError {
  const nearest = nearestName(name, known);
  return new OakumError('OAK_SETTING_UNKNOWN', {
    detail: `"${name}" (${source}).${nearest === undefined ? '' : ` Did you mean "${nearest}"?`}`,
  });
}

/** What a setting is for, in one or two sentences. */
export function descriptionOf(key: SettingKey): string {
  return (SETTINGS[key] as { readonly description?: string }).description ?? '';
}

/** The value a setting has unless something else is given. */
export function defaultOf(key: SettingKey): unknown {
  return (SETTINGS[key] as { readonly default?: unknown }).default;
}

function isSettingKey(key: string): key is SettingKey {
  return Object.hasOwn(SETTINGS, key);
}

function checked(key: SettingKey, value: unknown, source: SettingSource): unknown {
  const schema: TSchema = SETTINGS[key];
  const typed = typeof value === 'string' ? fromText(schema, value) : value;
  if (Value.Check(schema, typed)) return typed;
  throw new OakumError('OAK_SETTING_INVALID', {
    detail: `"${key}" is ${JSON.stringify(value)} (${source}); expected ${expectation(schema)}.`,
  });
}

function fromText(schema: TSchema, text: string): unknown {
  const type = (schema as { readonly type?: string }).type;
  if (type === 'integer') return /^-?\d+$/.test(text.trim()) ? Number(text) : text;
  if (type === 'boolean') return { true: true, false: false }[text.trim().toLowerCase()] ?? text;
  return text;
}

/** What a value of a setting looks like, for people. */
export function expectation(schema: TSchema): string {
  const { type, minimum, maximum, anyOf } = schema as {
    readonly type?: string;
    readonly minimum?: number;
    readonly maximum?: number;
    readonly anyOf?: readonly { readonly const: string }[];
  };
  if (anyOf !== undefined) return `one of ${anyOf.map((option) => option.const).join(', ')}`;
  if (type === 'integer') return `a whole number from ${minimum} to ${maximum}`;
  return type === 'boolean' ? 'true or false' : 'a text of the documented form';
}

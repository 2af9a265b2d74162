import { Type, type Static } from 'typebox';
import { ARCHITECTURES, PRODUCT_STATES, type Architecture, type ProductState } from './machine.ts';
import { REGISTRY_VALUE_TYPES, type RegistryValueType } from './registry.ts';

// Bounds of one machine. A real Windows has more files and keys than this, but no rule asks for them.
const MANY = 100_000;
const SOME = 10_000;

const line = (maxLength: number): Type.TString => Type.String({ maxLength });
const uint = (maximum: number): Type.TInteger => Type.Integer({ minimum: 0, maximum });
const strict = <T extends Type.TProperties>(properties: T): Type.TObject<T> =>
  Type.Object(properties, { additionalProperties: false });
// A pattern that line breaks match too: without it, whatever stands under such a name would go unchecked.
const anyName = Type.String({ pattern: '^[^]*$' });
const byName = <T extends Type.TSchema>(value: T, maxProperties = MANY): Type.TRecord<string, T> =>
  Type.Record(anyName, value, { maxProperties });
const word = <const T extends string>(words: readonly T[]): Type.TUnsafe<T> =>
  Type.Unsafe<T>({ type: 'string', enum: [...words] });

const guid = Type.String({
  pattern: '^\\{?[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}\\}?$',
});
const version = Type.String({ pattern: '^\\d{1,10}(\\.\\d{1,10}){0,3}$' });
const text = line(65_536);

// What data a type has is for {@link readRegistryData} to see: a union would blame the wrong one.
const registryValue = strict({ type: word<RegistryValueType>(REGISTRY_VALUE_TYPES), data: Type.Unknown() });

const registryView = byName(byName(registryValue));

const file = strict({
  version: Type.Optional(version),
  size: Type.Optional(uint(Number.MAX_SAFE_INTEGER)),
  created: Type.Optional(line(40)),
  modified: Type.Optional(line(40)),
  language: Type.Optional(uint(0xffff)),
});

const product = strict({
  version,
  language: Type.Optional(uint(0xffff_ffff)),
  state: Type.Optional(word<ProductState>(PRODUCT_STATES)),
  features: Type.Optional(Type.Array(line(256), { maxItems: SOME })),
  components: Type.Optional(Type.Array(guid, { maxItems: MANY })),
  patches: Type.Optional(
    Type.Array(strict({ patchCode: guid, obsoletes: Type.Optional(Type.Array(guid, { maxItems: SOME })) }), {
      maxItems: SOME,
    }),
  ),
});

const driver = strict({
  matchingId: line(1024),
  verDate: line(40),
  verVersion: version,
  class: line(256),
  manufacturer: line(256),
  provider: line(256),
  model: line(1024),
  matchingComputerHardwareId: Type.Optional(guid),
  rank: Type.Integer({ minimum: -0x8000_0000, maximum: 0x7fff_ffff }),
  skipProviderFiltering: Type.Optional(Type.Boolean()),
  isGeneric: Type.Optional(Type.Boolean()),
});

const extensionDriver = strict({
  extensionId: line(64),
  verDate: line(40),
  verVersion: version,
  class: line(256),
  rank: Type.Integer({ minimum: -0x8000_0000, maximum: 0x7fff_ffff }),
  matchingComputerHardwareId: Type.Optional(guid),
});

const device = strict({
  hardwareIds: Type.Array(line(1024), { maxItems: 1000 }),
  compatibleIds: Type.Optional(Type.Array(line(1024), { maxItems: 1000 })),
  driver: Type.Optional(driver),
  extensionDrivers: Type.Optional(Type.Array(extensionDriver, { maxItems: 100 })),
  flags: Type.Optional(uint(0xff)),
});

const wmiAnswer = strict({
  namespace: Type.Optional(line(1024)),
  query: text,
  rows: Type.Array(byName(Type.Union([Type.String(), Type.Number(), Type.Boolean()]), 1000), {
    maxItems: SOME,
  }),
});

/**
 * A machine as JSON: names are the keys of objects, versions and times are text. Only what tells systems
 * apart is required; what is left out is empty.
 */
export const MACHINE_SCHEMA = strict({
  osVersion: strict({
    major: uint(0xffff),
    minor: uint(0xffff),
    build: uint(0xffff_ffff),
    ubr: Type.Optional(uint(0xffff_ffff)),
    spMajor: Type.Optional(uint(0xffff)),
    spMinor: Type.Optional(uint(0xffff)),
  }),
  productType: uint(0xffff),
  architecture: word<Architecture>(Object.keys(ARCHITECTURES) as Architecture[]),
  suiteMask: Type.Optional(uint(0xffff)),
  sku: Type.Optional(uint(0xffff_ffff)),
  uiLanguage: Type.Optional(line(85)),
  muiLanguages: Type.Optional(Type.Array(line(85), { maxItems: 1000 })),
  processorCount: Type.Optional(uint(0xffff)),
  processorLevel: Type.Optional(uint(0xffff)),
  processorRevision: Type.Optional(uint(0xffff)),
  ramMB: Type.Optional(uint(0xffff_ffff)),
  registry: Type.Optional(strict({ native: registryView, wow64: Type.Optional(registryView) })),
  files: Type.Optional(byName(file)),
  knownFolders: Type.Optional(byName(line(1024), 256)),
  products: Type.Optional(byName(product)),
  packages: Type.Optional(Type.Array(line(1024), { maxItems: MANY })),
  releases: Type.Optional(byName(version)),
  licence: Type.Optional(byName(Type.Union([uint(0xffff_ffff), text]))),
  wmi: Type.Optional(Type.Array(wmiAnswer, { maxItems: SOME })),
  deviceAttributes: Type.Optional(text),
  devices: Type.Optional(Type.Array(device, { maxItems: SOME })),
  computerHardwareIds: Type.Optional(Type.Array(guid, { maxItems: 1000 })),
  systemMetrics: Type.Optional(byName(Type.Integer({ minimum: -0x8000_0000, maximum: 0x7fff_ffff }), 1000)),
  installHistory: Type.Optional(Type.Array(guid, { maxItems: MANY })),
});

export type MachineJson = Static<typeof MACHINE_SCHEMA>;

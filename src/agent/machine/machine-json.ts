import { Value } from 'typebox/value';
import { OakumError } from '../../errors/oakum-error.ts';
import { parseUpdateId, type UpdateId } from '../../metadata/update-identity.ts';
import { dateTimeFromMs, dateTimeToMs, parseDateTime, parseGuid, type Guid } from '../../soap/simple-type.ts';
import { canonicalPath, joinPath } from './canonical-path.ts';
import type { Device } from './device.ts';
import { formatDeviceAttributes, parseDeviceAttributes } from './device-attributes.ts';
import { formatDottedVersion, parseDottedVersion, type DottedVersion } from './dotted-version.ts';
import type { Machine, MachineFile, MsiProduct } from './machine.ts';
import { MACHINE_SCHEMA, type MachineJson } from './machine-schema.ts';
import { formatPackageIdentity, packageKey, parsePackageIdentity } from './package-identity.ts';
import type { RegistryData, RegistryValueType, RegistryView } from './registry.ts';
import { RegistryDraft } from './registry-draft.ts';
import { EMPTY_VIEW } from './registry.ts';
import { DEFAULT_WMI_NAMESPACE, wmiKey } from './wmi-query.ts';

type Json<K extends keyof MachineJson> = NonNullable<MachineJson[K]>;

/**
 * A machine from JSON, for example what {@link machineToJson} made of one.
 *
 * @throws OakumError OAK_MACHINE_INVALID with the path (JSON Pointer) of the first fault as its parameter
 */
export function parseMachine(json: unknown): Machine {
  if (!Value.Check(MACHINE_SCHEMA, json)) {
    throw schemaFault(json);
  }
  const { osVersion, registry, architecture } = json;
  const is64Bit = architecture !== 'x86' && architecture !== 'arm';
  if (!is64Bit && registry?.wow64 !== undefined)
    throw invalid('/registry/wow64', '32-bit Windows has no such view');
  return Object.freeze<Machine>({
    osVersion: { ubr: 0, spMajor: 0, spMinor: 0, ...osVersion },
    productType: json.productType,
    suiteMask: json.suiteMask ?? 0,
    sku: json.sku ?? 0,
    architecture,
    uiLanguage: json.uiLanguage ?? 'en-US',
    muiLanguages: json.muiLanguages ?? [],
    processorCount: json.processorCount ?? 1,
    processorLevel: json.processorLevel ?? 0,
    processorRevision: json.processorRevision ?? 0,
    ramMB: json.ramMB ?? 0,
    registry: {
      native: readView('/registry/native', registry?.native ?? {}),
      wow64: is64Bit ? readView('/registry/wow64', registry?.wow64 ?? {}) : undefined,
    },
    files: readFiles(json.files ?? {}),
    knownFolders: new Map(
      Object.entries(json.knownFolders ?? {}).map(([csidl, path]) => [index('/knownFolders', csidl), path]),
    ),
    products: readProducts(json.products ?? {}),
    packages: new Map(
      (json.packages ?? []).map((text, at) => {
        const identity = parsePackageIdentity(text);
        if (identity === undefined) throw invalid(`/packages/${at}`, 'is no package identity');
        return [packageKey(identity), identity];
      }),
    ),
    releases: new Map(
      Object.entries(json.releases ?? {}).map(([name, version]) => [
        name.toLowerCase(),
        { name, version: readVersion(`/releases/${name}`, version) },
      ]),
    ),
    licence: new Map(
      Object.entries(json.licence ?? {}).map(([name, value]) => [name.toLowerCase(), { name, value }]),
    ),
    wmi: new Map(
      (json.wmi ?? []).map(({ namespace = DEFAULT_WMI_NAMESPACE, query, rows }) => [
        wmiKey(namespace, query),
        { namespace, query, rows },
      ]),
    ),
    deviceAttributes: parseDeviceAttributes(json.deviceAttributes ?? ''),
    devices: (json.devices ?? []).map(readDevice),
    computerHardwareIds: (json.computerHardwareIds ?? []).map(asGuid),
    systemMetrics: new Map(
      Object.entries(json.systemMetrics ?? {}).map(([at, value]) => [index('/systemMetrics', at), value]),
    ),
    installHistory: new Set((json.installHistory ?? []).map((id) => parseUpdateId(id) as UpdateId)),
  });
}

/** The machine as JSON that {@link parseMachine} makes the same machine of. */
export function machineToJson(machine: Machine): MachineJson {
  const { registry } = machine;
  return {
    osVersion: machine.osVersion,
    productType: machine.productType,
    architecture: machine.architecture,
    suiteMask: machine.suiteMask,
    sku: machine.sku,
    uiLanguage: machine.uiLanguage,
    muiLanguages: [...machine.muiLanguages],
    processorCount: machine.processorCount,
    processorLevel: machine.processorLevel,
    processorRevision: machine.processorRevision,
    ramMB: machine.ramMB,
    registry: {
      native: writeView(registry.native),
      ...(registry.wow64 && { wow64: writeView(registry.wow64) }),
    },
    files: Object.fromEntries([...machine.files.values()].map((file) => [file.path, writeFile(file)])),
    knownFolders: Object.fromEntries(machine.knownFolders),
    products: Object.fromEntries(
      [...machine.products.values()].map((product) => [product.productCode, writeProduct(product)]),
    ),
    packages: [...machine.packages.values()].map(formatPackageIdentity),
    releases: Object.fromEntries(
      [...machine.releases.values()].map(({ name, version }) => [name, formatDottedVersion(version)]),
    ),
    licence: Object.fromEntries([...machine.licence.values()].map(({ name, value }) => [name, value])),
    wmi: [...machine.wmi.values()].map(({ namespace, query, rows }) => ({
      namespace,
      query,
      rows: [...rows],
    })),
    deviceAttributes: formatDeviceAttributes(machine.deviceAttributes),
    devices: machine.devices.map((device) => structuredClone(device) as Json<'devices'>[number]),
    computerHardwareIds: [...machine.computerHardwareIds],
    systemMetrics: Object.fromEntries(machine.systemMetrics),
    installHistory: [...machine.installHistory],
  };
}

function schemaFault(json: unknown): OakumError {
  const [fault] = Value.Errors(MACHINE_SCHEMA, json);
  const message = fault?.keyword === 'boolean' ? 'there is no such fact' : fault?.message;
  return invalid(fault?.instancePath ?? '', message ?? 'is no machine');
}

function readView(at: string, view: Json<'registry'>['native']): RegistryView {
  const draft = new RegistryDraft(EMPTY_VIEW);
  for (const [path, values] of Object.entries(view)) {
    draft.addKey(path);
    for (const [name, { type, data }] of Object.entries(values)) {
      const value = readRegistryData(type, data);
      if (value === undefined) throw invalid(`${at}/${path}/${name}/data`, `is no ${type}`);
      draft.setValue(path, { name, ...value });
    }
  }
  return draft.view;
}

/** A value's data, if they are of its type. */
function readRegistryData(type: RegistryValueType, data: unknown): RegistryData | undefined {
  switch (type) {
    case 'REG_DWORD':
      return typeof data === 'number' && Number.isInteger(data) && data >= 0 && data <= 0xffff_ffff
        ? { type, data }
        : undefined;
    case 'REG_MULTI_SZ':
      return Array.isArray(data) && data.every((one) => typeof one === 'string') ? { type, data } : undefined;
    case 'REG_SZ':
    case 'REG_EXPAND_SZ':
      return typeof data === 'string' ? { type, data } : undefined;
    case 'REG_QWORD':
      return typeof data === 'string' && /^\d{1,20}$/.test(data) ? { type, data } : undefined;
    case 'REG_BINARY':
    case 'REG_FULL_RESOURCE_DESCRIPTOR':
      return typeof data === 'string' && data.length % 2 === 0 && !/[^0-9A-Fa-f]/.test(data)
        ? { type, data }
        : undefined;
  }
}

function writeView(view: RegistryView): Json<'registry'>['native'] {
  return Object.fromEntries(
    [...view.values()].map(({ path, values }) => [
      path,
      Object.fromEntries([...values.values()].map(({ name, type, data }) => [name, { type, data }])),
    ]),
  );
}

function readFiles(files: Json<'files'>): Machine['files'] {
  return new Map(
    Object.entries(files).map(([written, { version, size, created, modified, language }]) => {
      const at = `/files/${written}`;
      const path = joinPath(written);
      const file: MachineFile = {
        path,
        ...(version !== undefined && { version: readVersion(at, version) }),
        ...(size !== undefined && { size }),
        ...(created !== undefined && { createdMs: readTime(`${at}/created`, created) }),
        ...(modified !== undefined && { modifiedMs: readTime(`${at}/modified`, modified) }),
        ...(language !== undefined && { language }),
      };
      return [canonicalPath(path), file];
    }),
  );
}

function writeFile({ version, size, createdMs, modifiedMs, language }: MachineFile): Json<'files'>[string] {
  return {
    ...(version && { version: formatDottedVersion(version) }),
    ...(size !== undefined && { size }),
    ...(createdMs !== undefined && { created: dateTimeFromMs(createdMs) }),
    ...(modifiedMs !== undefined && { modified: dateTimeFromMs(modifiedMs) }),
    ...(language !== undefined && { language }),
  };
}

function readProducts(products: Json<'products'>): Machine['products'] {
  return new Map(
    Object.entries(products).map(([code, product]): [Guid, MsiProduct] => {
      const productCode = parseGuid(code);
      if (productCode === undefined) throw invalid(`/products/${code}`, 'is no product code');
      const {
        version,
        language = 1033,
        state = 'local',
        features = [],
        components = [],
        patches = [],
      } = product;
      return [
        productCode,
        {
          productCode,
          version: readVersion(`/products/${code}`, version),
          language,
          state,
          features,
          components: components.map(asGuid),
          patches: patches.map(({ patchCode, obsoletes = [] }) => ({
            patchCode: asGuid(patchCode),
            obsoletes: obsoletes.map(asGuid),
          })),
        },
      ];
    }),
  );
}

function writeProduct({ version, language, state, ...product }: MsiProduct): Json<'products'>[string] {
  return {
    version: formatDottedVersion(version),
    language,
    state,
    features: [...product.features],
    components: [...product.components],
    patches: product.patches.map(({ patchCode, obsoletes }) => ({ patchCode, obsoletes: [...obsoletes] })),
  };
}

function readDevice(device: Json<'devices'>[number]): Device {
  const { hardwareIds, compatibleIds = [], driver, extensionDrivers, flags } = device;
  return {
    hardwareIds,
    compatibleIds,
    ...(driver && { driver: readDriver(driver) }),
    ...(extensionDrivers && { extensionDrivers: extensionDrivers.map(readDriver) }),
    ...(flags !== undefined && { flags }),
  };
}

function readDriver<T extends { readonly matchingComputerHardwareId?: string }>(driver: T) {
  const { matchingComputerHardwareId: target, ...rest } = driver;
  return { ...rest, ...(target !== undefined && { matchingComputerHardwareId: asGuid(target) }) };
}

/** For text that the schema has checked already. */
function asGuid(text: string): Guid {
  return parseGuid(text) as Guid;
}

function readVersion(path: string, text: string): DottedVersion {
  const version = parseDottedVersion(text);
  if (version === undefined) throw invalid(path, 'has a version that is none');
  return version;
}

function readTime(path: string, text: string): number {
  const time = parseDateTime(text);
  if (time === undefined) throw invalid(path, 'is no dateTime');
  return dateTimeToMs(time);
}

function index(path: string, text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw invalid(`${path}/${text}`, 'is no number');
  return Number(text);
}

function invalid(path: string, what: string): OakumError {
  const parameter = path === '' ? '/' : path.slice(0, 200);
  return new OakumError('OAK_MACHINE_INVALID', { parameter, detail: `${parameter}: ${what}.` });
}

import type { UpdateId } from '../../metadata/update-identity.ts';
import type { Guid } from '../../soap/simple-type.ts';
import { canonicalPath } from './canonical-path.ts';
import type { Device, InstalledDriver } from './device.ts';
import type { Machine, MachineFile, MsiProduct, OsVersion } from './machine.ts';
import { packageKey, type PackageIdentity } from './package-identity.ts';
import { RegistryDraft } from './registry-draft.ts';
import {
  EMPTY_VIEW,
  type KeyLocation,
  type Registry,
  type RegistryValue,
  type ViewName,
} from './registry.ts';
import type { DottedVersion } from './dotted-version.ts';
import { wmiKey, type WmiAnswer } from './wmi-query.ts';

/** One fact that comes to hold; `undefined` where something ceases to be there. */
export type MachineFact =
  | {
      readonly fact: 'registry-value';
      readonly key: KeyLocation;
      readonly name: string;
      readonly value: RegistryValue | undefined;
    }
  | { readonly fact: 'registry-key'; readonly key: KeyLocation; readonly present: boolean }
  | { readonly fact: 'file'; readonly path: string; readonly file: MachineFile | undefined }
  | { readonly fact: 'product'; readonly productCode: Guid; readonly product: MsiProduct | undefined }
  | { readonly fact: 'package'; readonly identity: PackageIdentity; readonly present: boolean }
  | { readonly fact: 'release'; readonly name: string; readonly version: DottedVersion | undefined }
  | { readonly fact: 'licence'; readonly name: string; readonly value: number | string | undefined }
  | {
      readonly fact: 'wmi';
      readonly namespace: string;
      readonly query: string;
      readonly rows: WmiAnswer['rows'] | undefined;
    }
  | { readonly fact: 'device-attribute'; readonly name: string; readonly value: string | undefined }
  | { readonly fact: 'system-metric'; readonly index: number; readonly value: number }
  | { readonly fact: 'driver'; readonly hardwareId: string; readonly driver: InstalledDriver | undefined }
  | { readonly fact: 'history'; readonly updateId: UpdateId; readonly present: boolean }
  | { readonly fact: 'os-version'; readonly osVersion: OsVersion };

/** Facts that change a machine, one after the other: what an installation leaves behind. */
export type MachinePatch = readonly MachineFact[];

type Draft = { -readonly [K in keyof Machine]: Machine[K] };

/**
 * The machine with some facts changed. The given one stays as it is, and what does not change is shared with
 * it, so that a fleet of thousands costs little more than one.
 */
export function applyPatch(machine: Machine, patch: MachinePatch): Machine {
  if (patch.length === 0) return machine;
  const draft: Draft = { ...machine };
  const views: Partial<Record<ViewName, RegistryDraft>> = {};
  for (const fact of patch) applyFact(draft, fact, views);
  if (views.native ?? views.wow64) draft.registry = withDrafts(machine.registry, views);
  return Object.freeze(draft);
}

function applyFact(draft: Draft, fact: MachineFact, views: Partial<Record<ViewName, RegistryDraft>>): void {
  const view = (name: ViewName): RegistryDraft =>
    (views[name] ??= new RegistryDraft(draft.registry[name] ?? EMPTY_VIEW));
  switch (fact.fact) {
    case 'registry-value':
      if (fact.value === undefined) view(fact.key.view).removeValue(fact.key.path, fact.name);
      else view(fact.key.view).setValue(fact.key.path, fact.value);
      break;
    case 'registry-key':
      if (fact.present) view(fact.key.view).addKey(fact.key.path);
      else view(fact.key.view).removeKey(fact.key.path);
      break;
    case 'file':
      draft.files = changed(draft.files, canonicalPath(fact.path), fact.file);
      break;
    case 'product':
      draft.products = changed(draft.products, fact.productCode, fact.product);
      break;
    case 'package':
      draft.packages = changed(
        draft.packages,
        packageKey(fact.identity),
        fact.present ? fact.identity : undefined,
      );
      break;
    case 'release':
      draft.releases = changed(
        draft.releases,
        fact.name.toLowerCase(),
        fact.version && { name: fact.name, version: fact.version },
      );
      break;
    case 'licence':
      draft.licence = changed(
        draft.licence,
        fact.name.toLowerCase(),
        fact.value === undefined ? undefined : { name: fact.name, value: fact.value },
      );
      break;
    case 'wmi':
      draft.wmi = changed(
        draft.wmi,
        wmiKey(fact.namespace, fact.query),
        fact.rows && { namespace: fact.namespace, query: fact.query, rows: fact.rows },
      );
      break;
    case 'device-attribute':
      draft.deviceAttributes = changed(
        draft.deviceAttributes,
        fact.name.toLowerCase(),
        fact.value === undefined ? undefined : { name: fact.name, value: fact.value },
      );
      break;
    case 'system-metric':
      draft.systemMetrics = changed(draft.systemMetrics, fact.index, fact.value);
      break;
    case 'driver':
      draft.devices = draft.devices.map((device) =>
        device.hardwareIds[0] === fact.hardwareId ? withDriver(device, fact.driver) : device,
      );
      break;
    case 'history': {
      const history = new Set(draft.installHistory);
      if (fact.present) history.add(fact.updateId);
      else history.delete(fact.updateId);
      draft.installHistory = history;
      break;
    }
    case 'os-version':
      draft.osVersion = fact.osVersion;
      break;
  }
}

function changed<K, V>(map: ReadonlyMap<K, V>, key: K, value: V | undefined): ReadonlyMap<K, V> {
  const copy = new Map(map);
  if (value === undefined) copy.delete(key);
  else copy.set(key, value);
  return copy;
}

function withDriver({ driver: _replaced, ...device }: Device, driver: InstalledDriver | undefined): Device {
  return driver === undefined ? device : { ...device, driver };
}

function withDrafts(registry: Registry, views: Partial<Record<ViewName, RegistryDraft>>): Registry {
  return { native: views.native?.view ?? registry.native, wow64: views.wow64?.view ?? registry.wow64 };
}

import {
  keyAt,
  keyPath,
  locateKey,
  type KeyLocation,
  type RegistryKey,
  type RegistryValue,
} from '../../machine/registry.ts';
import { anyText, flag, optional, registryRoot, registrySubkey, required } from '../attribute-type.ts';
import type { RuleContext } from '../rule-context.ts';

/** RegistryKeyAttributes of BaseTypes. RegType32 is true for the 32-bit view. */
export const registryKey = {
  Key: required(registryRoot),
  Subkey: required(registrySubkey),
  RegType32: optional(flag, false),
} as const;

/** RegistryValueAttributes. An empty name is the default value, and so is none (observed for both). */
export const registryValue = { ...registryKey, Value: optional(anyText, '') } as const;

export interface KeyArguments {
  readonly Key: 'HKEY_LOCAL_MACHINE' | 'HKEY_LOOP_TARGET';
  readonly Subkey: string;
  readonly RegType32: boolean;
}

export interface ValueArguments extends KeyArguments {
  readonly Value: string;
}

/** What a look into the registry finds; each kind says how far it got. */
export type RegistryFinding =
  | { readonly kind: 'outside-loop' }
  | { readonly kind: 'no-key'; readonly path: string }
  | { readonly kind: 'no-value'; readonly key: RegistryKey; readonly name: string }
  | { readonly kind: 'key'; readonly key: RegistryKey }
  | { readonly kind: 'value'; readonly value: RegistryValue };

/** Where a rule's key is; undefined for HKEY_LOOP_TARGET outside a loop. */
export function locate(
  { Key, Subkey, RegType32 }: KeyArguments,
  { machine, loopTarget }: RuleContext,
): KeyLocation | undefined {
  if (Key === 'HKEY_LOCAL_MACHINE') return locateKey(machine.registry, keyPath(Subkey), RegType32);
  if (loopTarget === undefined) return undefined;
  const path = keyPath(`${loopTarget.path}\\${Subkey}`);
  return locateKey(machine.registry, path, RegType32 || loopTarget.is32Bit);
}

export function findKey(args: KeyArguments, context: RuleContext): RegistryFinding {
  const location = locate(args, context);
  if (location === undefined) return { kind: 'outside-loop' };
  const key = keyAt(context.machine.registry, location);
  return key === undefined ? { kind: 'no-key', path: location.path } : { kind: 'key', key };
}

export function findValue(args: ValueArguments, context: RuleContext): RegistryFinding {
  const found = findKey(args, context);
  if (found.kind !== 'key') return found;
  const value = found.key.values.get(args.Value.toLowerCase());
  return value === undefined
    ? { kind: 'no-value', key: found.key, name: args.Value }
    : { kind: 'value', value };
}

/** A finding in words. */
export function showFinding(finding: RegistryFinding): string {
  switch (finding.kind) {
    case 'outside-loop':
      return 'HKEY_LOOP_TARGET outside a loop';
    case 'no-key':
      return `no key ${finding.path}`;
    case 'no-value':
      return `no ${finding.name === '' ? 'default value' : `value ${finding.name}`}`;
    case 'key':
      return 'the key is there';
    case 'value':
      return showValue(finding.value);
  }
}

function showValue(value: RegistryValue): string {
  switch (value.type) {
    case 'REG_DWORD':
      return `REG_DWORD ${value.data}`;
    case 'REG_MULTI_SZ':
      return `REG_MULTI_SZ ${JSON.stringify(value.data)}`;
    case 'REG_SZ':
    case 'REG_EXPAND_SZ':
      return `${value.type} ${JSON.stringify(value.data)}`;
    case 'REG_QWORD':
    case 'REG_BINARY':
    case 'REG_FULL_RESOURCE_DESCRIPTOR':
      return `${value.type} ${value.data.slice(0, 64)}`;
  }
}

/** What a value is for the legacy operators, which compare text only. */
export function stringForm(value: RegistryValue): string {
  return value.type === 'REG_MULTI_SZ' ? value.data.join('\n') : String(value.data);
}

import { anyComparison, anyText, int, optional, required, unsignedInt } from '../attribute-type.ts';
import type { AttributeTable } from '../attribute-type.ts';
import { operator, type Operator } from '../operator.ts';
import { registryValue } from './registry-lookup.ts';

function constant(name: string, value: boolean): Operator {
  return operator({
    name,
    attributes: {},
    find: () => value,
    holds: (found) => found,
    show: String,
  });
}

/** Operators that ask for what the simulated computer does not have. */
function absent(name: string, attributes: AttributeTable, what: string): Operator {
  return operator({ name, attributes, find: () => what, holds: () => false, show: (found) => found });
}

/** True and False, and operators that are false in a simulation. */
export const CONSTANT_OPERATORS: readonly Operator[] = [
  constant('True', true),
  constant('False', false),
  absent('b.ClusteredOS', {}, 'no cluster'),
  absent(
    'b.ClusterResourceOwner',
    { ...registryValue, Prefix: optional(anyText), Suffix: optional(anyText) },
    'no cluster',
  ),
  absent(
    'b.GenericQuery',
    {
      Namespace: required(anyText),
      Type: required(anyText),
      Parameter: required(anyText),
      Comparison: optional(anyComparison),
      Value: optional(anyText),
    },
    'no extension answers',
  ),
  absent(
    'b.Direct3D',
    {
      HardwareVersion: optional(anyText),
      FeatureLevelMajor: optional(int),
      FeatureLevelMinor: optional(int),
    },
    'no graphics processor',
  ),
  absent('b.VideoMemory', { MinSizeInMB: optional(unsignedInt) }, 'no graphics processor'),
  absent('b.SensorById', { Id: optional(anyText) }, 'no sensors'),
  absent('b.NFC', { Capability: optional(anyText) }, 'no near-field communication'),
  absent('b.Camera', { Location: optional(anyText) }, 'no camera'),
  // Of phones; its attributes are not known.
  absent('CspQuery', {}, 'no configuration service provider'),
];

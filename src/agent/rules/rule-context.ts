import type { UpdateId } from '../../metadata/update-identity.ts';
import type { Machine } from '../machine/machine.ts';
import type { ApplicabilityMetadata } from './applicability-metadata.ts';

/** The subkey that a RegKeyLoop stands on: what HKEY_LOOP_TARGET means inside it. */
export interface LoopTarget {
  /** Below HKEY_LOCAL_MACHINE. */
  readonly path: string;
  readonly is32Bit: boolean;
}

/** What a rule is evaluated against. */
export interface RuleContext {
  readonly machine: Machine;
  /** The update whose rule it is; InstalledOnce asks for it. */
  readonly updateId?: UpdateId;
  /** What stands in Metadata beside the rules. */
  readonly metadata: ApplicabilityMetadata;
  readonly loopTarget?: LoopTarget;
}

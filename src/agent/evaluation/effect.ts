import type { Machine } from '../machine/machine.ts';
import type { MachinePatch } from '../machine/machine-patch.ts';
import type { CoreUpdate } from '../rules/core-update.ts';
import { bringAbout } from './bring-about.ts';
import { contextOf } from './update-state.ts';

/**
 * What installing an update leaves behind on a machine: facts that make its IsInstalled rule true, checked by
 * asking it afterwards. Empty when it is true already; undefined when no facts do it, for example because the
 * rule asks for another operating system, or because there is none, as with bundles.
 */
export function effectOf(update: CoreUpdate, machine: Machine): MachinePatch | undefined {
  return update.isInstalled && bringAbout(update.isInstalled, true, contextOf(update, machine));
}

/** What removing an update leaves behind: facts that make its IsInstalled rule false; undefined as above. */
export function effectOfRemoval(update: CoreUpdate, machine: Machine): MachinePatch | undefined {
  return update.isInstalled && bringAbout(update.isInstalled, false, contextOf(update, machine));
}

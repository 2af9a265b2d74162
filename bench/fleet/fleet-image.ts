import type { UpdateIdentity } from '../../src/metadata/update-identity.ts';

/** An update as scripted computers remember it: without its fragments. */
export interface KnownUpdate {
  readonly id: number;
  readonly identity: UpdateIdentity;
  readonly isLeaf: boolean;
  /** Offered or part of something offered, as far as the server's action tells. */
  readonly isOffered: boolean;
}

/**
 * What the cache of a computer holds after a whole scan. Many computers share one, as fleets are installed
 * from few images: a scripted computer stores its image's number, not a thousand ids.
 */
export interface FleetImage {
  /** Revision ids, ascending. */
  readonly installed: readonly number[];
  readonly other: readonly number[];
  /** Those of `other` that a patch Tuesday brings. */
  readonly patches: readonly number[];
  /** Event 156: applicable and not installed, installed. */
  readonly needed: readonly string[];
  readonly present: readonly string[];
}

/** What every computer of the fleet knows of the server before the run. */
export interface FleetKnowledge {
  readonly images: readonly FleetImage[];
  /** Of every revision id in an image. */
  readonly identities: ReadonlyMap<number, UpdateIdentity>;
}

/** Means of what computers report; the spread would change the size of an event by a few hundred bytes. */
const NEEDED = 3;
const PRESENT = 38;

/** The image of a computer that holds these updates. */
export function fleetImage(
  updates: Iterable<KnownUpdate>,
  installed: ReadonlySet<number>,
  patches: number,
): FleetImage {
  const held = [...updates].sort((one, next) => one.id - next.id);
  const leaves = held.filter((update) => update.isLeaf);
  const reported = leaves.filter((update) => update.isOffered);
  const ids = (reported.length > 0 ? reported : leaves).map((update) => update.identity.updateId);
  return {
    installed: held.filter((update) => installed.has(update.id)).map((update) => update.id),
    other: held.filter((update) => !installed.has(update.id)).map((update) => update.id),
    // The highest ids came last into the catalogue.
    patches: leaves.slice(-patches).map((update) => update.id),
    needed: ids.slice(0, NEEDED),
    present: ids.slice(NEEDED, NEEDED + PRESENT),
  };
}

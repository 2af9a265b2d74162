import type { DriverEntry } from './driver-entry.ts';
import {
  compareQuality,
  qualityOf,
  requiredVendor,
  vendorOf,
  type ComputerSpec,
  type InstalledDriverSpec,
  type MatchQuality,
} from './driver-match.ts';

export interface Contender {
  readonly entry: DriverEntry;
  readonly quality: MatchQuality;
}

/** The best driver of all, and the best of those that are approved. */
export interface Winners {
  readonly best: Contender | undefined;
  readonly approved: Contender | undefined;
}

export interface ContestRules {
  /** The drivers for a hardware id in lower case that may be offered at all. */
  readonly driversFor: (hardwareId: string) => readonly DriverEntry[];
  readonly computer: ComputerSpec;
  readonly isApproved: (ordinal: number) => boolean;
}

const NOBODY: Winners = { best: undefined, approved: undefined };

/**
 * Finds the best driver for one device after the other. All drivers for one hardware id match a device
 * at the same position, so who wins among them is found once per question: there are ids that hundreds
 * of drivers share, and computers (or worse) that list them for hundreds of devices.
 */
export class DriverContest {
  readonly #rules: ContestRules;
  readonly #byId = new Map<string, Winners>();
  readonly #byVendor = new Map<string, ReadonlyMap<string, Winners>>();

  constructor(rules: ContestRules) {
    this.#rules = rules;
  }

  /**
   * @param deviceIds lower case, hardware ids before compatible ids, most specific first
   * @param installed undefined for a device without a driver
   */
  winners(deviceIds: readonly string[], installed: InstalledDriverSpec | undefined): Winners {
    const vendor = installed && requiredVendor(installed);
    let winners = NOBODY;
    for (const [position, id] of deviceIds.entries()) {
      const { best, approved } =
        vendor === undefined ? this.#forId(id) : (this.#forVendors(id).get(vendor) ?? NOBODY);
      winners = {
        best: better(winners.best, at(position, best)),
        approved: better(winners.approved, at(position, approved)),
      };
    }
    return winners;
  }

  #forId(id: string): Winners {
    const known = this.#byId.get(id);
    if (known !== undefined) return known;
    const winners = this.#contenders(id).reduce(this.#enter, NOBODY);
    this.#byId.set(id, winners);
    return winners;
  }

  #forVendors(id: string): ReadonlyMap<string, Winners> {
    const known = this.#byVendor.get(id);
    if (known !== undefined) return known;
    const winners = new Map<string, Winners>();
    for (const contender of this.#contenders(id)) {
      const vendor = vendorOf(contender.entry);
      winners.set(vendor, this.#enter(winners.get(vendor) ?? NOBODY, contender));
    }
    this.#byVendor.set(id, winners);
    return winners;
  }

  #contenders(id: string): Contender[] {
    const { driversFor, computer } = this.#rules;
    return driversFor(id).flatMap((entry) => {
      const quality = qualityOf(entry, 0, computer);
      return quality === undefined ? [] : [{ entry, quality }];
    });
  }

  readonly #enter = ({ best, approved }: Winners, contender: Contender): Winners => ({
    best: better(best, contender),
    approved: this.#rules.isApproved(contender.entry.ordinal) ? better(approved, contender) : approved,
  });
}

function at(position: number, contender: Contender | undefined): Contender | undefined {
  return contender && { ...contender, quality: { ...contender.quality, devicePosition: position } };
}

function better(champion: Contender | undefined, contender: Contender | undefined): Contender | undefined {
  if (champion === undefined || contender === undefined) return champion ?? contender;
  return compareQuality(contender.quality, champion.quality) < 0 ? contender : champion;
}

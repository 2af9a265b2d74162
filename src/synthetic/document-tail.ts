import { MEASURED, type CatalogueShape } from './catalogue-shape.ts';
import { quantile, type QuantileCurve } from './quantile-curve.ts';
import { Share } from './share.ts';

/** Whether a catalogue has the large documents of real ones. */
export type Tail = 'measured' | 'none';

/** Documents that a real catalogue has in three sizes above the usual, and about how long their Core is. */
const CLASSES = {
  /** All of the measured ones: median 167 KB. */
  cbs: {
    count: 180,
    of: 180,
    bytes: [
      [0, 50_662],
      [0.5, 167_067],
      [0.71, 413_000],
      [0.971, 5_000_000],
      [1, 46_887_043],
    ],
  },
  /** Long lists of files and versions. */
  commandLine: {
    count: 84,
    of: 84,
    bytes: [
      [0, 12_000],
      [1, 36_000],
    ],
  },
  /** Long lists of MSI products. */
  detectoid: {
    count: 290,
    of: 2808,
    bytes: [
      [0, 12_000],
      [1, 50_000],
    ],
  },
} as const satisfies Record<string, { count: number; of: number; bytes: QuantileCurve }>;

export type TailClass = keyof typeof CLASSES;

// Multiples of the golden ratio, wrapped to one, spread more evenly than random numbers: the quantiles come out
// right with few values.
const GOLDEN = (Math.sqrt(5) - 1) / 2;

/**
 * Says which documents are large, and how large. There are as many of them as in the measured catalogue,
 * however many other documents there are: about 300 MB in all. Otherwise a million revisions would
 * have more metadata than anybody wants to store for a test.
 */
export class DocumentTail {
  readonly #enabled: boolean;
  readonly #shares: Readonly<Record<TailClass, Share>>;
  readonly #drawn: Record<TailClass, number> = { cbs: 0, commandLine: 0, detectoid: 0 };

  constructor(shape: CatalogueShape, tail: Tail) {
    this.#enabled = tail === 'measured';
    const software = shape.software / MEASURED.software;
    const detectoids = shape.detectoids.leaf / MEASURED.detectoids.leaf;
    this.#shares = {
      cbs: shareOf('cbs', software),
      commandLine: shareOf('commandLine', software),
      detectoid: shareOf('detectoid', detectoids),
    };
  }

  /** About how many bytes the Core of the next document of a class shall have; undefined for a usual one. */
  next(tailClass: TailClass): number | undefined {
    if (!this.#enabled || !this.#shares[tailClass].next()) return undefined;
    const drawn = ++this.#drawn[tailClass];
    // The largest one there is comes once.
    const share = drawn === 13 ? 1 : (drawn * GOLDEN) % 1;
    return Math.round(quantile(CLASSES[tailClass].bytes, share));
  }
}

function shareOf(tailClass: TailClass, scale: number): Share {
  const { count, of } = CLASSES[tailClass];
  return new Share(count / (of * Math.max(1, scale)));
}

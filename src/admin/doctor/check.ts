import type { Db } from '../../store/schema.ts';
import type { ReadOnlyStore } from '../../store/read-only-store.ts';

/** What a check found. */
export interface DoctorFinding {
  readonly check: string;
  readonly severity: 'ok' | 'warning' | 'error';
  /** One sentence. */
  readonly what: string;
  /** What it was concluded from. */
  readonly evidence: string;
  /** One sentence; empty when there is nothing to do. */
  readonly cure: string;
}

export type Problem = Pick<DoctorFinding, 'what' | 'evidence' | 'cure'> & {
  readonly severity: 'warning' | 'error';
};

/** An address the settings ask the server to listen on. */
export interface ListenerFacts {
  /** The setting that names it. */
  readonly setting: string;
  /** `host:port` */
  readonly listen: string;
  readonly tls: boolean;
  /** Whether only this computer can reach it. */
  readonly loopback: boolean;
}

/** What was found at an address: nobody, this program, another one, or why nobody can listen there. */
export type PortState =
  { readonly kind: 'free' | 'oakum' | 'other' } | { readonly kind: 'unusable'; readonly reason: string };

/** What is wrong with a certificate; `kind` as the report of certificates names it. */
export interface CertificateFacts {
  readonly file: string;
  readonly problems: readonly { readonly kind: string; readonly message: string }[];
}

/** What the settings say, as far as checks want to know. */
export interface SettingsFacts {
  readonly minFreeBytes: number;
  readonly registrationRequired: boolean;
  readonly housekeepingEnabled: boolean;
  readonly housekeepingEveryHours: number;
  /** Names that clients know the server by. */
  readonly names: readonly string[];
  readonly listeners: readonly ListenerFacts[];
}

/** What a doctor looks at. Whatever is not in the data folder is put in by whoever calls. */
export interface Patient {
  readonly dataFolder: string;
  readonly nowMs: number;
  /** Undefined when there is none that can be read, which {@link storeProblem} explains. */
  readonly store: ReadOnlyStore | undefined;
  readonly storeProblem?: Problem;
  /** Undefined when they cannot be read, which {@link settingsProblem} explains. */
  readonly settings: SettingsFacts | undefined;
  readonly settingsProblem?: Problem;
  readonly probe: (listener: ListenerFacts) => Promise<PortState>;
  /**
   * The certificate that clients see; undefined without TLS, or before one was issued.
   *
   * @throws OakumError when it cannot be used
   */
  readonly certificate: () => CertificateFacts | undefined;
  /** Files that nobody but the owner may read. Those that do not exist are passed over. */
  readonly secretFiles: readonly string[];
  readonly runtime: RuntimeFacts;
}

export interface RuntimeFacts {
  /** For example `v26.1.0`. */
  readonly version: string;
  readonly leastMajor: number;
  /** Files a process may have open; undefined where the system has no such limit. */
  readonly openFiles: number | undefined;
}

/** One thing that is looked at. */
export interface Check {
  readonly name: string;
  /** What is true when nothing is wrong. */
  readonly fine: string;
  run(patient: Patient): Problem[] | Promise<Problem[]>;
}

/** A check that reads the store; without one that can be read it has nothing to say. */
export function storeCheck(
  name: string,
  fine: string,
  run: (db: Db, patient: Patient) => Promise<Problem[]>,
): Check & { readonly needsStore: true } {
  return {
    ...{ name, fine, needsStore: true },
    run: (patient) => (patient.store === undefined ? [] : run(patient.store.db, patient)),
  };
}

const NAMED = 5;

/** The first few of many names, of which some may be known only by their number. */
export function someOf(names: readonly string[], total: number = names.length): string {
  const more = total - Math.min(NAMED, names.length);
  return names.slice(0, NAMED).join(', ') + (more > 0 ? ` and ${more} more` : '');
}

export const HOUR_MS = 3_600_000;
export const DAY_MS = 24 * HOUR_MS;

/** A span of time as people say it. */
export function span(ms: number): string {
  const [amount, unit] =
    ms >= 2 * DAY_MS
      ? [ms / DAY_MS, 'days']
      : ms >= 2 * HOUR_MS
        ? [ms / HOUR_MS, 'hours']
        : [ms / 60_000, 'minutes'];
  return `${Math.round(amount)} ${unit}`;
}

export function moment(ms: number): string {
  return new Date(ms).toISOString();
}

import type { Registry } from 'prom-client';
import type { Readiness, Unready } from './health/readiness.ts';
import {
  addRuntimeMetrics,
  joinedText,
  promClient,
  registryOf,
  wellFormed,
  type CollectedMetrics,
} from './metrics/metrics-registry.ts';
import { processCollectors, type ProcessFigures } from './metrics/process-collectors.ts';
import { PROCESS_METRICS } from './metrics/process-metrics.ts';
import { storeCollectors, type StoreFigures } from './metrics/store-collectors.ts';
import { STORE_METRICS } from './metrics/store-metrics.ts';
import { askWorkers } from './worker-questions.ts';

/** How a server, of one process or several, stands. */
export interface Monitor {
  /** All figures, in the text format of Prometheus. */
  metrics(): Promise<string>;
  /** What keeps it from serving; nothing when it is ready. */
  readiness(): Promise<readonly Unready[]>;
}

export interface ProcessMonitorOptions {
  readonly process: ProcessFigures;
  readonly store: StoreFigures;
  readonly readiness: Readiness;
  /** Told of figures that could not be read. */
  readonly onFailure: (error: unknown) => void;
}

interface Registries {
  readonly ofProcess: Registry;
  readonly ofStore: Registry;
}

/** How one process stands. */
export class ProcessMonitor implements Monitor {
  readonly #options: ProcessMonitorOptions;
  #registries: Promise<Registries> | undefined;

  constructor(options: ProcessMonitorOptions) {
    this.#options = options;
  }

  async metrics(): Promise<string> {
    const { ofProcess, ofStore } = await this.#open();
    const { Registry: PromRegistry } = await promClient();
    return wellFormed(await PromRegistry.merge([ofProcess, ofStore]).metrics());
  }

  /** The figures as plain data; those of the store only when asked for. */
  async collect(withStore: boolean): Promise<CollectedMetrics[]> {
    const { ofProcess, ofStore } = await this.#open();
    return Promise.all((withStore ? [ofProcess, ofStore] : [ofProcess]).map((one) => one.getMetricsAsJSON()));
  }

  readiness(): Promise<readonly Unready[]> {
    return this.#options.readiness.check();
  }

  #open(): Promise<Registries> {
    this.#registries ??= this.#make();
    return this.#registries;
  }

  async #make(): Promise<Registries> {
    const { process: figures, store, onFailure } = this.#options;
    const client = await promClient();
    const ofProcess = registryOf(client, PROCESS_METRICS, processCollectors(figures), onFailure);
    addRuntimeMetrics(client, ofProcess);
    return { ofProcess, ofStore: registryOf(client, STORE_METRICS, storeCollectors(store), onFailure) };
  }
}

/** How several processes stand together: their figures joined, and ready only if each of them is. */
export const workersMonitor: Monitor = {
  metrics: async () => {
    const { answers } = await askWorkers('metrics', (index) => ({ withStore: index === 0 }));
    return joinedText(await promClient(), answers.flat());
  },
  readiness: async () => {
    const { answers, asked } = await askWorkers('readiness', () => ({}));
    if (asked > 0 && answers.length === asked) return answers.flat();
    const reason =
      asked === 0 ? 'No process serves.' : `${asked - answers.length} of ${asked} do not answer.`;
    return [...answers.flat(), { what: 'processes', reason }];
  },
};

import type * as Prom from 'prom-client';
import type { Metric, Registry } from 'prom-client';
import type { Collector, Collectors, MetricDefinition, Sample } from './metric.ts';

/** A registry's figures as plain data, which can go from process to process. */
export type CollectedMetrics = Awaited<ReturnType<Registry['getMetricsAsJSON']>>;

type PromClient = typeof Prom;

/** Loaded when somebody wants figures: it takes 20 ms and 2 MB. */
export function promClient(): Promise<PromClient> {
  return import('prom-client');
}

/** Puts a table of definitions and what collects them into a registry of its own. */
export function registryOf<Definitions extends Readonly<Record<string, MetricDefinition>>>(
  { Registry: PromRegistry }: PromClient,
  definitions: Definitions,
  collectors: Collectors<Definitions>,
  onFailure: (error: unknown) => void,
): Registry {
  const registry = new PromRegistry();
  // What cannot be read now is left out: the other figures are wanted most when something is wrong.
  const collected = async (collect: Collector): Promise<readonly Sample[]> => {
    try {
      return await collect();
    } catch (error) {
      onFailure(error);
      return [];
    }
  };
  for (const [name, { type, help, together = 'sum' }] of Object.entries(definitions)) {
    const collect = collectors[name];
    // What prom-client's own classes come to when they are asked; theirs are not used because they count more slowly.
    const metric = {
      name,
      get: async () => ({ name, type, help, aggregator: together, values: await collected(collect) }),
      reset: () => undefined,
    };
    registry.registerMetric(metric as unknown as Metric);
  }
  return registry;
}

/** The usual figures of a Node.js process: processor time, memory, file descriptors, the lag of its event loop. */
export function addRuntimeMetrics({ collectDefaultMetrics }: PromClient, registry: Registry): void {
  collectDefaultMetrics({ register: registry });
}

/** prom-client writes NaN, which the lag of an event loop is before its first turn, as no format has it. */
export function wellFormed(text: string): string {
  return text.replaceAll(/ Nan$/gm, ' NaN');
}

/** The figures of several processes as one text, each joined as its definition says. */
export async function joinedText(
  { AggregatorRegistry: Aggregator }: PromClient,
  collected: readonly CollectedMetrics[],
): Promise<string> {
  return wellFormed(await Aggregator.aggregate([...collected]).metrics());
}

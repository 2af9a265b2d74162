import { readFileSync } from 'node:fs';
import type { Writer } from '../../store/writer.ts';
import type { EventCounts } from './event-counts.ts';
import type { Histogram } from './histogram.ts';
import { single, type Collectors, type Sample } from './metric.ts';
import type { PROCESS_METRICS } from './process-metrics.ts';
import { OUTCOMES, type OperationCounts, type RequestCounts } from './request-counts.ts';
import type { ScanCounts } from './scan-counts.ts';

/** The catalogue that is served. */
export interface ServedCatalogue {
  readonly change: number;
  readonly revisions: number;
  readonly loadedMs: number;
  readonly loadMs: number;
}

export interface CacheFill {
  readonly cache: string;
  readonly bytes: number;
  readonly limitBytes: number;
}

/** Where the figures of a process come from. */
export interface ProcessFigures {
  readonly requests: RequestCounts;
  readonly scans: ScanCounts;
  readonly events: EventCounts;
  readonly writer: Pick<Writer, 'counts' | 'queue' | 'failure'>;
  readonly catalogue: () => ServedCatalogue;
  readonly caches: () => readonly CacheFill[];
}

/** The figures of this process, as they are when they are asked for. */
export function processCollectors(figures: ProcessFigures): Collectors<typeof PROCESS_METRICS> {
  const { requests, scans, events, writer } = figures;
  const byOperation = (value: (counts: OperationCounts) => number) => (): Sample[] =>
    requests
      .operations()
      .filter(isAsked)
      .map((counts) => ({ labels: labelsOf(counts), value: value(counts) }));
  const caches = (value: (fill: CacheFill) => number) => (): Sample[] =>
    figures.caches().map((fill) => ({ labels: { cache: fill.cache }, value: value(fill) }));
  return {
    oakum_requests_total: () => requests.operations().flatMap(requestSamples),
    oakum_request_duration_seconds: () =>
      requests
        .operations()
        .flatMap((counts, row) =>
          isAsked(counts)
            ? histogram('oakum_request_duration_seconds', requests.durations, row, labelsOf(counts))
            : [],
        ),
    oakum_request_bytes_total: byOperation((counts) => counts.requestBytes),
    oakum_response_bytes_total: byOperation((counts) => counts.answerBytes),
    oakum_response_uncoded_bytes_total: byOperation((counts) => counts.uncodedBytes),
    oakum_refusals_total: () =>
      Array.from(requests.refusals, ([code, value]) => ({ labels: { code }, value })),
    oakum_scan_rounds_total: () =>
      scans.counts().map(({ kind, rounds }) => ({ labels: { kind }, value: rounds })),
    oakum_scans_total: () => scans.counts().map((one) => ({ labels: { kind: one.kind }, value: one.scans })),
    oakum_event_commit_seconds: () => histogram('oakum_event_commit_seconds', events.commit),
    oakum_event_age_seconds: () => histogram('oakum_event_age_seconds', events.age),
    oakum_event_failures_total: () => single(events.failures),
    oakum_writer_queue_commands: () => single(writer.queue.commands),
    oakum_writer_queue_characters: () => single(writer.queue.characters),
    oakum_writer_commands_total: () => single(writer.counts.commands),
    oakum_writer_transactions_total: () => single(writer.counts.transactions),
    oakum_writer_failing: () => single(writer.failure === undefined ? 0 : 1),
    oakum_catalogue_change: () => single(figures.catalogue().change),
    oakum_catalogue_revisions: () => single(figures.catalogue().revisions),
    oakum_catalogue_loaded_timestamp_seconds: () => single(figures.catalogue().loadedMs / 1000),
    oakum_catalogue_load_seconds: () => single(figures.catalogue().loadMs / 1000),
    oakum_cache_bytes: caches((fill) => fill.bytes),
    oakum_cache_limit_bytes: caches((fill) => fill.limitBytes),
    oakum_processes: () => single(1),
    oakum_build_info: () => [{ labels: { version: ownVersion(), node: process.version }, value: 1 }],
  };
}

/** Good ends are there from the start, so that a rate has something to begin at; others once they occur. */
function requestSamples(counts: OperationCounts): Sample[] {
  return OUTCOMES.map((outcome, index) => ({
    labels: { ...labelsOf(counts), outcome },
    value: counts.requests[index],
  })).filter(({ labels, value }) => value > 0 || labels.outcome === 'ok');
}

/** Services declare operations that no client ever calls. */
function isAsked({ requests }: OperationCounts): boolean {
  return requests.some((count) => count > 0);
}

function labelsOf({ service, operation }: OperationCounts): Sample['labels'] {
  return { service, operation };
}

function histogram(name: string, counts: Histogram, number = 0, labels: Sample['labels'] = {}): Sample[] {
  const { cumulative, count, sum } = counts.row(number);
  const bucket = `${name}_bucket`;
  return [
    ...counts.bounds.map((le, index) => ({
      metricName: bucket,
      labels: { ...labels, le },
      value: cumulative[index],
    })),
    { metricName: bucket, labels: { ...labels, le: '+Inf' }, value: count },
    { metricName: `${name}_sum`, labels, value: sum },
    { metricName: `${name}_count`, labels, value: count },
  ];
}

function ownVersion(): string {
  const text = readFileSync(new URL('../../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { readonly version: string }).version;
}

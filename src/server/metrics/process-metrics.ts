import type { MetricDefinition } from './metric.ts';

/** What each process that serves counts for itself. Names end in their unit. */
export const PROCESS_METRICS = {
  oakum_requests_total: {
    type: 'counter',
    labels: ['service', 'operation', 'outcome'],
    help: 'Requests by what was asked and how it ended: ok, the ErrorCode of a fault, or refused.',
  },
  oakum_request_duration_seconds: {
    type: 'histogram',
    labels: ['service', 'operation'],
    help: 'Time from the last byte of a call to its answer being handed to the system.',
  },
  oakum_request_bytes_total: {
    type: 'counter',
    labels: ['service', 'operation'],
    help: 'Bytes of request bodies as they came.',
  },
  oakum_response_bytes_total: {
    type: 'counter',
    labels: ['service', 'operation'],
    help: 'Bytes of answers as they went: bodies of calls, and whole answers of content.',
  },
  oakum_response_uncoded_bytes_total: {
    type: 'counter',
    labels: ['service', 'operation'],
    help: 'The same before compression.',
  },
  oakum_refusals_total: {
    type: 'counter',
    labels: ['code'],
    help: 'Requests answered with an error of HTTP, by the code of the error.',
  },
  oakum_scan_rounds_total: {
    type: 'counter',
    labels: ['kind'],
    help: 'Answers to SyncUpdates.',
  },
  oakum_scans_total: {
    type: 'counter',
    labels: ['kind'],
    help: 'Answers to SyncUpdates that left nothing to ask for: scans that came to their end.',
  },
  oakum_event_commit_seconds: {
    type: 'histogram',
    help: 'Time from the arrival of a batch of events to its being on disk.',
  },
  oakum_event_age_seconds: {
    type: 'histogram',
    help: 'Time from an event on a computer to its arrival, by a clock that was corrected.',
  },
  oakum_event_failures_total: {
    type: 'counter',
    help: 'Batches of events that could not be stored; computers send them again.',
  },
  oakum_writer_queue_commands: {
    type: 'gauge',
    help: 'Writes that wait for their commit.',
  },
  oakum_writer_queue_characters: {
    type: 'gauge',
    help: 'Characters of the writes that wait for their commit.',
  },
  oakum_writer_commands_total: {
    type: 'counter',
    help: 'Writes of clients that are on disk.',
  },
  oakum_writer_transactions_total: {
    type: 'counter',
    help: 'Transactions that took them there.',
  },
  oakum_writer_failing: {
    type: 'gauge',
    together: 'max',
    help: '1 while the last transaction failed.',
  },
  oakum_catalogue_change: {
    type: 'gauge',
    together: 'min',
    help: 'Change number of the catalogue that is served.',
  },
  oakum_catalogue_revisions: {
    type: 'gauge',
    together: 'min',
    help: 'Revisions in the catalogue that is served.',
  },
  oakum_catalogue_loaded_timestamp_seconds: {
    type: 'gauge',
    together: 'min',
    help: 'When the catalogue that is served was loaded.',
  },
  oakum_catalogue_load_seconds: {
    type: 'gauge',
    together: 'max',
    help: 'How long that took.',
  },
  oakum_cache_bytes: {
    type: 'gauge',
    labels: ['cache'],
    help: 'Memory that is taken by what may be asked again.',
  },
  oakum_cache_limit_bytes: {
    type: 'gauge',
    labels: ['cache'],
    help: 'Memory that may be taken by it, by the settings memory.*.',
  },
  oakum_processes: {
    type: 'gauge',
    help: 'Processes that serve and have answered.',
  },
  oakum_build_info: {
    type: 'gauge',
    labels: ['version', 'node'],
    together: 'first',
    help: 'Always 1.',
  },
} as const satisfies Record<string, MetricDefinition>;

import type { MetricDefinition } from './metric.ts';

/** What is the same for all processes on one store, so that one of them is asked. */
export const STORE_METRICS = {
  oakum_computers: {
    type: 'gauge',
    help: 'Computers that are known.',
  },
  oakum_computers_with: {
    type: 'gauge',
    labels: ['state'],
    help: 'Computers that have at least one update that is needed, failed or waiting for a restart, or none of these.',
  },
  oakum_updates: {
    type: 'gauge',
    help: 'Updates that count in compliance.',
  },
  oakum_compliance_pairs: {
    type: 'gauge',
    labels: ['state'],
    help: 'Pairs of a computer and an update by state.',
  },
  oakum_event_refusals_total: {
    type: 'counter',
    labels: ['code'],
    help: 'Events that were not taken as they were, since the store exists.',
  },
  oakum_last_import_timestamp_seconds: {
    type: 'gauge',
    help: 'When the last import ended.',
  },
  oakum_imports_unfinished: {
    type: 'gauge',
    help: 'Imports that began and have not ended.',
  },
  oakum_store_bytes: {
    type: 'gauge',
    labels: ['part'],
    help: 'Size of the store: its database, the log beside it, and the files of updates.',
  },
  oakum_disk_free_bytes: {
    type: 'gauge',
    labels: ['folder'],
    help: 'Free space of the disk that holds the data folder, and of the one that holds its content.',
  },
} as const satisfies Record<string, MetricDefinition>;

/**
 * Runs in a thread of its own, see snapshot-source.ts: reads the store on its own connection and hands
 * over what changed.
 */
import type { DatabaseSync } from 'node:sqlite';
import { parentPort, workerData } from 'node:worker_threads';
import type { SnapshotChange } from '../catalog/snapshot.ts';
import { connect } from './connect.ts';
import { SnapshotReader } from './snapshot-reader.ts';

/** What the thread answers to each `read`. */
export type SnapshotAnswer =
  { readonly change: SnapshotChange | undefined } | { readonly failure: { readonly reason: string } };

const port = parentPort!;
const { path } = workerData as { readonly path: string };
let database: DatabaseSync | undefined;
let reader: SnapshotReader | undefined;

function open(): SnapshotReader {
  database = connect(path, { readOnly: true, cacheMebibytes: 8 });
  // Everything is read once, from the first row to the last: there is nothing to remember.
  return new SnapshotReader(database);
}

port.on('message', (message: 'read' | 'close') => {
  if (message === 'close') {
    database?.close();
    port.close();
    return;
  }
  try {
    reader ??= open();
    const change = reader.read();
    port.postMessage({ change } satisfies SnapshotAnswer, [...ownBuffers(change)]);
  } catch (error) {
    // Whatever was read has not arrived: the next time it is everything again.
    reader = undefined;
    database?.close();
    database = undefined;
    const reason = error instanceof Error ? (error.stack ?? error.message) : String(error);
    port.postMessage({ failure: { reason } } satisfies SnapshotAnswer);
  }
});

/** What is in no shared memory is handed over instead of copied: this thread has no further use for it. */
function ownBuffers(value: unknown, found = new Set<ArrayBuffer>()): Set<ArrayBuffer> {
  if (ArrayBuffer.isView(value)) {
    if (value.buffer instanceof ArrayBuffer) found.add(value.buffer);
  } else if (typeof value === 'object' && value !== null && !(value instanceof Map)) {
    for (const part of Object.values(value)) ownBuffers(part, found);
  }
  return found;
}

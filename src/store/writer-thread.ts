import { parentPort, workerData } from 'node:worker_threads';
import { connect } from './connect.ts';
import { GroupCommit } from './group-commit.ts';

/** The thread that {@link Writer} starts: a connection of its own, one answer for each group of commands. */

/** What the thread is started with. */
export interface WriterThreadData {
  readonly path: string;
  readonly busyTimeoutMs: number;
}

/** A group of encoded commands; null ends the thread. */
export type WriterMessage = readonly string[] | null;

const { path, busyTimeoutMs } = workerData as WriterThreadData;
const database = connect(path, { readOnly: false, cacheMebibytes: 16 });
const commit = new GroupCommit(database, busyTimeoutMs);

parentPort?.on('message', (message: WriterMessage) => {
  if (message !== null) {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
    parentPort?.postMessage(commit.run(message));
    return;
  }
  database.close();
  parentPort?.close();
});

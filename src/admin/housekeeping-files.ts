import type { Buffer } from 'node:buffer';
import type { ContentStore } from '../content/content-store.ts';
import { digestHex } from '../content/digest-hex.ts';
import {
  doomFiles,
  forgetUnneeded,
  listUnneeded,
  neededDigests,
  noteUnneeded,
  type UnneededFile,
} from '../store/housekeeping-files.ts';
import type { HousekeepingContext } from './housekeeping-context.ts';

const FILES_AT_ONCE = 20;

/**
 * Deletes stored files that nothing has needed for some days. That a file is not needed is noted by every run; its
 * removal is noted before it begins, so that a run that dies in between is brought to its end by the next one and
 * nothing that was deleted goes unlisted.
 */
export async function deleteUnneededFiles(context: HousekeepingContext): Promise<void> {
  const { content, policy } = context.options;
  const beforeMs = context.before(policy.fileDays);
  if (content === undefined || beforeMs === undefined) return;
  await finishRemovals(context, content, beforeMs);
  const stored = new Map<string, Buffer>();
  for await (const { digest } of content.list()) stored.set(digestHex(digest), digest);
  const needed = stored.size === 0 ? new Set<string>() : await neededDigests(context.db, beforeMs);
  const unneeded = [...stored].filter(([hex]) => !needed.has(hex)).map(([, digest]) => digest);
  if (context.options.dryRun !== true)
    await context.db.transaction().execute((tx) => noteUnneeded(tx, unneeded, context.nowMs));
  const hexes = new Set(unneeded.map(digestHex));
  const due = (await listUnneeded(context.db)).filter(
    (file) => file.sinceMs <= beforeMs && !file.doomed && hexes.has(digestHex(file.digest)),
  );
  if (context.options.dryRun === true) {
    context.tell(due.map((file) => describe(context, file)));
    return;
  }
  for (let from = 0; from < due.length && !context.isStopped; from += FILES_AT_ONCE) {
    const slice = due.slice(from, from + FILES_AT_ONCE);
    const digests = slice.map((file) => file.digest);
    // Looked at again together with the mark: an approval since then saves its files.
    await context.db.transaction().execute(async (tx) => {
      const now = await neededDigests(tx, beforeMs);
      await doomFiles(
        tx,
        digests.filter((digest) => !now.has(digestHex(digest))),
        true,
      );
    });
    await finishRemovals(context, content, beforeMs);
    context.options.onProgress?.('files', Math.min(from + FILES_AT_ONCE, due.length), due.length);
    await context.pause();
  }
}

/** Removes the files that are marked, unless they are needed again, and lists those that are gone. */
async function finishRemovals(
  context: HousekeepingContext,
  content: ContentStore,
  beforeMs: number,
): Promise<void> {
  const doomed = (await listUnneeded(context.db)).filter((file) => file.doomed);
  if (doomed.length === 0 || context.options.dryRun === true) return;
  const needed = await neededDigests(context.db, beforeMs);
  const gone: UnneededFile[] = [];
  const kept: Buffer[] = [];
  for (const file of doomed) {
    const isStored = (await content.stat(file.digest)) !== undefined;
    if (isStored && needed.has(digestHex(file.digest))) kept.push(file.digest);
    else {
      if (isStored) await content.remove(file.digest);
      gone.push(file);
    }
  }
  await context.transaction(async (tx) => {
    await doomFiles(tx, kept, false);
    await forgetUnneeded(
      tx,
      gone.map((file) => file.digest),
    );
    return gone.map((file) => describe(context, file));
  });
}

function describe(context: HousekeepingContext, { digest, name, sinceMs }: UnneededFile) {
  const days = Math.floor((context.nowMs - sinceMs) / 86_400_000);
  const hex = digestHex(digest);
  return context.action(hex, name || hex, `deleted: stored file, needed by nothing for ${days} days`);
}

import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { syncFolder } from './folder-sync.ts';

/** Where a restore gathers files. Whatever a killed one leaves here counts for nothing. */
const STAGING = 'restore-staging';
/** Where they stand from the moment the restore is decided until each is in its place. */
const READY = 'restore-ready';
const PLAN = 'restore-plan.json';

interface Plan {
  /** The folder, in the data folder, that takes what was there before. */
  readonly aside: string;
  /** What was there before and has no successor: left in place it would be taken for part of the new store. */
  readonly withoutSuccessor: readonly string[];
}

/** An empty folder for the files of a restore, in the file system of the data folder. */
export function prepareStaging(dataFolder: string): string {
  const staging = join(dataFolder, STAGING);
  discardStaging(dataFolder);
  mkdirSync(staging, { mode: 0o700 });
  return staging;
}

export function discardStaging(dataFolder: string): void {
  rmSync(join(dataFolder, STAGING), { recursive: true, force: true });
}

/** Folders and files of a restore, which are no part of the store. */
export function isOfRestore(name: string): boolean {
  return name === STAGING || name === READY || name === PLAN || name.startsWith('replaced-');
}

/**
 * Decides a restore: after this, whatever happens, the data folder becomes what was staged, with the next one who
 * opens the store if need be. The staged files must be on disk.
 */
export function commitRestore(
  dataFolder: string,
  old: { readonly names: readonly string[]; readonly aside: string },
): void {
  const staging = join(dataFolder, STAGING);
  const plan: Plan = {
    aside: old.aside,
    withoutSuccessor: old.names.filter((name) => !existsSync(join(staging, name))),
  };
  writeFileSync(join(staging, PLAN), JSON.stringify(plan), { mode: 0o600, flush: true });
  syncFolder(staging);
  renameSync(staging, join(dataFolder, READY));
  syncFolder(dataFolder);
  finishRestore(dataFolder);
}

export function isRestorePending(dataFolder: string): boolean {
  return existsSync(join(dataFolder, READY));
}

/**
 * Puts the files of a decided restore in their places. Each step can be repeated: what still stands in the ready
 * folder has not been moved, so what bears its name outside is the old one.
 *
 * The caller holds the store alone.
 */
export function finishRestore(dataFolder: string): void {
  const ready = join(dataFolder, READY);
  const planPath = join(ready, PLAN);
  if (existsSync(planPath)) {
    const plan = JSON.parse(readFileSync(planPath, 'utf8')) as Plan;
    const aside = join(dataFolder, plan.aside);
    // First the log beside the old database: the new one must never meet it.
    for (const name of plan.withoutSuccessor) isAside(dataFolder, aside, name);
    for (const name of readdirSync(ready)) {
      if (name !== PLAN && isAside(dataFolder, aside, name)) {
        renameSync(join(ready, name), join(dataFolder, name));
      }
    }
    syncFolder(dataFolder);
  }
  rmSync(ready, { recursive: true, force: true });
  syncFolder(dataFolder);
}

/** Moves something old away. False where it stays: settings or certificates that somebody mounts are theirs. */
function isAside(dataFolder: string, aside: string, name: string): boolean {
  const path = join(dataFolder, name);
  if (lstatSync(path, { throwIfNoEntry: false }) === undefined) return true;
  mkdirSync(aside, { recursive: true, mode: 0o700 });
  try {
    renameSync(path, join(aside, name));
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'EBUSY' && code !== 'EXDEV') throw error;
    return false;
  }
}

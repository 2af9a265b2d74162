import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { ContentFolder } from '../../content/content-folder.ts';
import { digestHex } from '../../content/digest-hex.ts';
import { FINDING_CURE, FINDING_KINDS, FINDING_MEANING } from '../../fleet/finding.ts';
import { listFiles } from '../../store/files.ts';
import { approvedDigests } from '../../store/housekeeping-files.ts';
import { readTaskTimes } from '../../store/housekeeping-log.ts';
import { readImportTimes } from '../../store/import-times.ts';
import { viewRefusals } from '../events.ts';
import { findFindings, viewFindings } from '../findings.ts';
import { DAY_MS, HOUR_MS, moment, someOf, span, storeCheck, type Problem } from './check.ts';

/** Updates come every month. */
const STALE_MS = 40 * DAY_MS;
/** Imports take minutes. */
const UNFINISHED_MS = 6 * HOUR_MS;

/** Where updates come from. */
export const importsCheck = storeCheck(
  'synchronisation',
  'Updates were imported this month, and every import has ended.',
  async (db, { nowMs }) => {
    const problems: Problem[] = [];
    const { lastMs, unfinished } = await readImportTimes(db);
    if (lastMs === null || nowMs - lastMs > STALE_MS) {
      problems.push({
        severity: 'warning',
        what:
          lastMs === null
            ? 'No updates were ever imported.'
            : 'No updates have been imported for a long time.',
        evidence:
          lastMs === null ? 'There is no import that has ended.' : `The last import ended ${moment(lastMs)}.`,
        cure: 'Import the metadata of this month with "oakum import".',
      });
    }
    const late = unfinished.filter((one) => nowMs - one.startedMs > UNFINISHED_MS);
    if (late.length > 0) {
      problems.push({
        severity: 'warning',
        what: 'An import began and never ended: clients see nothing of it.',
        evidence: someOf(late.map((one) => `${one.source}, begun ${moment(one.startedMs)}`)),
        cure: 'Start the same import again; it goes on where it stopped.',
      });
    }
    return problems;
  },
);

/** Files that clients will ask for. */
export const contentCheck = storeCheck(
  'content',
  'Every file that an approved update has is stored, in its size.',
  async (db, { dataFolder }) => {
    const problems: Problem[] = [];
    const root = join(dataFolder, 'content');
    const folder = new ContentFolder(root);
    const needed = await approvedDigests(db);
    const missing: string[] = [];
    const wrong: string[] = [];
    for (const { sha1, name, size } of await listFiles(db)) {
      const hex = digestHex(sha1);
      const found = await stat(folder.pathOf(hex)).catch(() => undefined);
      if (found === undefined) {
        if (needed.has(hex)) missing.push(name || hex);
      } else if (found.size !== size) wrong.push(`${name || hex} (${found.size} of ${size} bytes)`);
    }
    if (missing.length > 0) {
      problems.push({
        severity: 'error',
        what: 'Files of approved updates are not stored: their downloads fail.',
        evidence: `${missing.length}: ${someOf(missing)}`,
        cure: 'Add them with "oakum content add", or take the approvals back; "oakum content" lists them.',
      });
    }
    if (wrong.length > 0) {
      problems.push({
        severity: 'error',
        what: 'Stored files do not have the size that their metadata says.',
        evidence: `${wrong.length}: ${someOf(wrong)}`,
        cure: 'Run "oakum content verify", which takes them away, and add them again.',
      });
    }
    const damaged = await readdir(join(root, 'quarantine')).catch(() => []);
    if (damaged.length > 0) {
      problems.push({
        severity: 'warning',
        what: 'Damaged files were taken out of the content folder.',
        evidence: `${damaged.length}: ${someOf(damaged)}`,
        cure: 'Check the disk, add the files again, and delete what is in the folder quarantine.',
      });
    }
    return problems;
  },
);

const SHOWN = 5;

/** Computers that stopped reporting, share an id, or ask for groups that do not exist. */
export const computersCheck = storeCheck(
  'computers',
  'Every computer has an id of its own, is in contact, scans and reports.',
  async (db, { nowMs }) => {
    const findings = await findFindings(db, { nowMs });
    const problems: Problem[] = [];
    for (const kind of FINDING_KINDS) {
      const total = findings.filter((one) => one.kind === kind).length;
      if (total === 0) continue;
      const { items } = await viewFindings(db, { kind, nowMs, limit: SHOWN });
      const names = items.map((one) => one.name);
      problems.push({
        severity: 'warning',
        what: FINDING_MEANING[kind],
        evidence: `${total}: ${someOf(names, total)}`,
        cure: FINDING_CURE[kind],
      });
    }
    return problems;
  },
);

const RECENT_MS = 7 * DAY_MS;

export const eventsCheck = storeCheck(
  'events',
  'Every event of this week was taken as it came.',
  async (db, { nowMs }) => {
    const refusals = await viewRefusals(db);
    return refusals
      .filter((one) => nowMs - one.lastMs < RECENT_MS)
      .map(({ code, events, lastMs, lastClientId, summary }) => ({
        severity: 'warning' as const,
        what: summary || 'Events were not taken as they came.',
        evidence: `${code}, ${events} so far, the last at ${moment(lastMs)} from ${lastClientId}`,
        cure: 'Look at that computer with "oakum computers show"; "oakum events refused" lists all counts.',
      }));
  },
);

/** How many turns may be missed. */
const TURNS = 3;

export const housekeepingCheck = storeCheck(
  'housekeeping',
  'Housekeeping runs when it is due.',
  async (db, { nowMs, settings }) => {
    if (settings?.housekeepingEnabled !== true) return [];
    const starts = [...(await readTaskTimes(db)).values()].map((one) => one.startedMs);
    const overdueMs = settings.housekeepingEveryHours * HOUR_MS * TURNS;
    const lastMs = Math.max(...starts);
    if (starts.length === 0 || nowMs - lastMs < overdueMs) return [];
    return [
      {
        severity: 'warning',
        what: 'Housekeeping has not run for a long time, and rules and rollouts neither.',
        evidence: `It began last ${moment(lastMs)}, ${span(nowMs - lastMs)} ago.`,
        cure: 'Start the server, or look for "housekeeping failed" in its log.',
      },
    ];
  },
);

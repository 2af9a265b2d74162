import { stat } from 'node:fs/promises';
import { databasePath } from '../../store/connect.ts';
import { integrityProblems } from '../../store/integrity.ts';
import { readEventTimes, readLatestTimes } from '../../store/latest-times.ts';
import { readLastBackup } from '../../store/store-facts.ts';
import { verifyAudit } from '../audit.ts';
import { DAY_MS, moment, someOf, span, storeCheck, type Check, type Problem } from './check.ts';

/** A log that long was not put away for hours: somebody reads all the time, or the disk is too slow. */
const LONG_LOG_BYTES = 1024 ** 3;
const RESTORE =
  'Stop the server and restore the latest backup; keep the damaged folder for whoever looks into it.';

/** The database itself. */
export const storeItselfCheck: Check = {
  name: 'store',
  fine: 'The store can be read and is intact.',
  async run({ store, storeProblem, dataFolder }) {
    if (store === undefined) return storeProblem === undefined ? [] : [storeProblem];
    const problems: Problem[] = [];
    if (store.pending.length > 0) {
      problems.push({
        severity: 'warning',
        what: 'An older version of Oakum wrote the store, so most of it was not looked at.',
        evidence: `Missing: ${store.pending.join(', ')}.`,
        cure: 'Make a backup, then start the server: it brings the store up to date.',
      });
    }
    if (store.unknown.length > 0) {
      problems.push({
        severity: 'error',
        what: 'A newer version of Oakum has changed the store, so this one cannot use it.',
        evidence: `Unknown: ${store.unknown.join(', ')}.`,
        cure: 'Install the newer version again, or restore a backup from before.',
      });
    }
    const damage = integrityProblems(store.database);
    if (damage.length > 0) {
      problems.push({
        severity: 'error',
        what: 'The database is damaged.',
        evidence: someOf(damage),
        cure: RESTORE,
      });
    }
    const log = await stat(`${databasePath(dataFolder)}-wal`).catch(() => undefined);
    if (log !== undefined && log.size > LONG_LOG_BYTES) {
      problems.push({
        severity: 'warning',
        what: 'The log of the database has become long, which makes everything slower.',
        evidence: `${log.size} bytes.`,
        cure: 'Look for a program that keeps the database open, a backup of another product for example, and restart the server.',
      });
    }
    return problems;
  },
};

const OLD_BACKUP_MS = 8 * DAY_MS;

export const backupCheck = storeCheck('backup', 'There is a backup of this week.', async (db, { nowMs }) => {
  const lastMs = await readLastBackup(db);
  if (lastMs !== undefined && nowMs - lastMs < OLD_BACKUP_MS) return [];
  return [
    {
      severity: 'warning',
      what: lastMs === undefined ? 'No backup was ever made.' : 'The last backup is old.',
      evidence: lastMs === undefined ? 'None is noted in the store.' : `It was made ${moment(lastMs)}.`,
      cure: 'Let "oakum backup" run every day, and keep what it makes on another disk.',
    },
  ];
});

export const auditCheck = storeCheck('audit', 'The audit log is as it was written.', async (db) => {
  const { firstForged } = await verifyAudit(db);
  if (firstForged === null) return [];
  return [
    {
      severity: 'error',
      what: 'Somebody changed the audit log, or took entries out of it.',
      evidence: `Entry ${firstForged} is the first that is not what was written.`,
      cure: 'Find out who could write to the database; compare with the audit log in a backup.',
    },
  ];
});

/** Times that two processes may differ by. */
const TOLERATED_MS = 60_000;
const CLOCK_OFF_MS = 5 * 60_000;
const COMPUTERS_ASKED = 100;
const ENOUGH_COMPUTERS = 5;

/** The clock of this server against what it wrote down before, and against the clocks of computers. */
export const clockCheck = storeCheck(
  'clock',
  'The clock goes forward and agrees with those of computers.',
  async (db, { nowMs }) => {
    const problems: Problem[] = [];
    const ahead = [...(await readLatestTimes(db))].filter(([, ms]) => ms > nowMs + TOLERATED_MS);
    if (ahead.length > 0) {
      const [what, ms] = ahead.reduce((latest, one) => (one[1] > latest[1] ? one : latest));
      problems.push({
        severity: 'error',
        what: 'The clock is behind what has happened already: it was set back, or was ahead before.',
        evidence: `It is ${moment(nowMs)} here, and ${what} at ${moment(ms)}.`,
        cure: 'Set the clock, and let it follow a time server. Cookies and deadlines go by it.',
      });
    }
    const times = await readEventTimes(db, COMPUTERS_ASKED);
    // Events wait on computers, so one that is old proves nothing; one from the future does.
    const future = times.filter((one) => one.timeMs > one.receivedMs + CLOCK_OFF_MS);
    if (times.length >= ENOUGH_COMPUTERS && future.length > times.length / 2) {
      const offs = future.map((one) => one.timeMs - one.receivedMs).sort((one, other) => one - other);
      problems.push({
        severity: 'warning',
        what: 'The clocks of most computers are ahead of this one, so this one is probably wrong.',
        evidence: `${future.length} of ${times.length} computers, by ${span(offs[offs.length >> 1])}.`,
        cure: 'Set the clock, and let it follow the time server that the computers follow.',
      });
    }
    return problems;
  },
);

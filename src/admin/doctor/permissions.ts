import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { databasePath } from '../../store/connect.ts';
import type { Check, Problem } from './check.ts';

/** Permission bits of a mode. */
const GROUP_AND_OTHERS = 0o077;
const OTHERS = 0o007;
const WRITE_BY_OTHERS = 0o002;

/** Who may read and change what. Windows keeps that elsewhere. */
export const permissionsCheck: Check = {
  name: 'permissions',
  fine: 'Nobody but its account can read or change what Oakum keeps.',
  async run({ dataFolder, secretFiles }) {
    if (process.platform === 'win32') return [];
    const problems: Problem[] = [];
    const folder = await statOf(dataFolder);
    if (folder === undefined) return [];
    if ((folder.mode & OTHERS) !== 0) {
      const writable = (folder.mode & WRITE_BY_OTHERS) !== 0;
      problems.push({
        severity: writable ? 'error' : 'warning',
        what: `Every account of this computer can ${writable ? 'change' : 'look into'} the data folder.`,
        evidence: `${dataFolder} has the mode ${octal(folder.mode)}.`,
        cure: `chmod o-rwx ${dataFolder}`,
      });
    }
    for (const path of secretFiles) {
      const found = await statOf(path);
      if (found === undefined || (found.mode & GROUP_AND_OTHERS) === 0) continue;
      problems.push({
        severity: (found.mode & OTHERS) !== 0 ? 'error' : 'warning',
        what: 'A file with secrets can be read by others than its owner.',
        evidence: `${path} has the mode ${octal(found.mode)}.`,
        cure: `chmod 600 ${path}; who may have read it can act in the name of this server, so replace what is in it.`,
      });
    }
    for (const path of [databasePath(dataFolder), join(dataFolder, 'content')]) {
      const found = await statOf(path);
      if (found === undefined || found.uid === folder.uid) continue;
      problems.push({
        severity: 'warning',
        what: 'Something in the data folder belongs to another account than the folder.',
        evidence: `${path} belongs to ${found.uid}, the folder to ${folder.uid}.`,
        cure: `Run commands as the account of the server, and give it what is there: chown -R ${folder.uid} ${dataFolder}`,
      });
    }
    return problems;
  },
};

function statOf(path: string): Promise<{ readonly mode: number; readonly uid: number } | undefined> {
  return stat(path).catch(() => undefined);
}

function octal(mode: number): string {
  return (mode & 0o777).toString(8).padStart(3, '0');
}

import { X509Certificate } from 'node:crypto';
import { readFile, statfs } from 'node:fs/promises';
import type { WatchedCertificate, WatchOptions } from '../admin/notify/watch-conditions.ts';
import { inertLine } from '../fleet/notified-text.ts';
import type { Settings } from './settings.ts';

/** From when on something is told, by the settings; plain data, as a thread takes it. */
export interface WatchLimits extends Omit<WatchOptions, 'disk' | 'certificates'> {
  readonly dataFolder: string;
  /** Empty for a certificate that the server issues and renews itself. */
  readonly certificateFile: string;
}

export function watchLimits(settings: Settings, dataFolder: string): WatchLimits {
  return {
    dataFolder,
    certificateFile: settings['tls.certificateFile'],
    failedComputers: settings['notifications.failedComputers'],
    diskFreePercent: settings['notifications.diskFreePercent'],
    certificateDays: settings['notifications.certificateDays'],
    keepDays: settings['notifications.keepDays'],
  };
}

/** What to look for, and how. */
export function watchOptions(limits: WatchLimits): WatchOptions {
  const { dataFolder, certificateFile } = limits;
  return {
    ...limits,
    disk: async () => {
      const { bavail, blocks, bsize } = await statfs(dataFolder);
      return { freeBytes: bavail * bsize, totalBytes: blocks * bsize };
    },
    certificates: async () => (certificateFile === '' ? [] : readCertificate(certificateFile)),
  };
}

/** Nothing for a file that cannot be read: whoever serves with it says so. */
async function readCertificate(file: string): Promise<WatchedCertificate[]> {
  try {
    const certificate = new X509Certificate(await readFile(file));
    const subject = inertLine(certificate.subject ?? '');
    return [{ file, subject, endMs: certificate.validToDate.getTime() }];
  } catch {
    return [];
  }
}

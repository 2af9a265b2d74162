import { readFileSync } from 'node:fs';
import { parse } from 'smol-toml';
import { OakumError } from '../errors/oakum-error.ts';

/**
 * An object out of a JSON or TOML file.
 *
 * @throws OakumError OAK_FILE_UNREADABLE when it cannot be read or is neither
 */
export function readDataFile(path: string): Record<string, unknown> {
  try {
    const text = readFileSync(path, 'utf8');
    const data: unknown = /\.toml$/i.test(path) ? parse(text) : JSON.parse(text);
    if (typeof data === 'object' && data !== null && !Array.isArray(data))
      return data as Record<string, unknown>;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new OakumError('OAK_FILE_UNREADABLE', { detail: `${path}: ${reason.replace(/\.$/, '')}.`, cause });
  }
  throw new OakumError('OAK_FILE_UNREADABLE', { detail: `${path} holds no object.` });
}

import { readFileSync } from 'node:fs';

/** The version of this program, as its package says. */
export function oakumVersion(): string {
  // As far below the package in `src` as in `dist`.
  const text = readFileSync(new URL('../../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { readonly version: string }).version;
}

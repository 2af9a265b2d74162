import { oneLine } from '../errors/inert-text.ts';

/**
 * Rows as aligned columns, each on one line. What computers say about themselves is shown, never obeyed:
 * control characters, which could drive a terminal, become visible marks.
 */
export function table(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  const cells = [headings, ...rows.map((row) => row.map(oneLine))];
  const widths = headings.map((_, column) => Math.max(...cells.map((row) => row[column].length)));
  return cells
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column]))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** A time as people read it, UTC; a dash for none. */
export function time(ms: number | null): string {
  return ms === null ? '-' : `${new Date(ms).toISOString().slice(0, 16).replace('T', ' ')}Z`;
}

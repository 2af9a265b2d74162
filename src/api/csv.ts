import { oneLine } from '../errors/inert-text.ts';

/** What spreadsheets take for the beginning of a formula, also in full width. */
const FORMULA = /^[\s'"\uFFFD]*[=+\-@\uFF1D\uFF0B\uFF0D\uFF20|%]/u;
const NUMBER = /^-?\d+(\.\d+)?$/;

/**
 * Rows as RFC 4180 has them. What computers say about themselves must not become a formula in the spreadsheet
 * that opens it: such a cell begins with an apostrophe, which spreadsheets show as text. Nothing else is changed
 * but control characters. A dash, which stands for nothing in tables, becomes an empty cell.
 */
export function csv(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  return [headings, ...rows].map(csvRow).join('\r\n');
}

/** One row, without its end. */
export function csvRow(row: readonly string[]): string {
  return row.map(cell).join(',');
}

function cell(text: string): string {
  const line = text === '-' ? '' : oneLine(text);
  const inert = FORMULA.test(line) && !NUMBER.test(line) ? `'${line}` : line;
  return `"${inert.replaceAll('"', '""')}"`;
}

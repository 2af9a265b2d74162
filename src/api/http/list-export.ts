import { csvRow } from '../csv.ts';
import { executeList, type ListedPage } from '../execute.ts';
import { MOST_ITEMS, parseListInput, type Input } from '../input.ts';
import { jsonLine } from '../json-text.ts';
import { declaredProperties } from '../../fleet/declared.ts';
import { OakumError } from '../../errors/oakum-error.ts';
import type { AnyListOperation, OperationContext } from '../operation.ts';

/** The forms in which a list can be had as a whole. */
const FORMATS = {
  csv: { name: 'csv', type: 'text/csv; charset=utf-8; header=present', extension: 'csv' },
  jsonl: { name: 'jsonl', type: 'application/jsonl; charset=utf-8', extension: 'jsonl' },
} as const;
export type ExportFormat = (typeof FORMATS)[keyof typeof FORMATS];

/**
 * The form that was asked for, by name or by the Accept header; undefined for pages of JSON.
 *
 * @throws OakumError OAK_INPUT_INVALID for a name that is none
 */
export function exportFormat(format: string | undefined, accept = ''): ExportFormat | undefined {
  if (format === 'csv' || format === 'jsonl') return FORMATS[format];
  if (format === 'json') return undefined;
  if (format !== undefined)
    throw new OakumError('OAK_INPUT_INVALID', { detail: '"format" must be json, csv or jsonl.' });
  if (/\btext\/csv\b/i.test(accept)) return FORMATS.csv;
  return /\bapplication\/(jsonl|x-ndjson)\b/i.test(accept) ? FORMATS.jsonl : undefined;
}

/**
 * A list as a whole, line by line: page after page is read while it is sent, so that a million rows take no more
 * memory than a thousand. What changes meanwhile may be in it or not.
 *
 * @throws OakumError before the first line, for whatever is wrong with the request
 */
export async function exportedList(
  context: OperationContext,
  operation: AnyListOperation,
  given: Input,
  format: ExportFormat,
): Promise<AsyncIterable<string>> {
  const whole = given['limit'] === undefined;
  const { fields } = parseListInput(operation, given);
  const first = await executeList(context, operation, whole ? { ...given, limit: MOST_ITEMS } : given);
  const columns = fields ?? Object.keys(declaredProperties(operation.item));
  return lines(first);

  async function* lines(page: ListedPage): AsyncGenerator<string> {
    if (format.name === 'csv') yield `${csvRow(columns)}\r\n`;
    for (let current = page; ;) {
      for (const item of current.items)
        yield format.name === 'csv'
          ? `${csvRow(columns.map((name) => cell(item[name])))}\r\n`
          : `${jsonLine(item)}\n`;
      if (!whole || current.next === null) return;
      current = await executeList(context, operation, {
        ...given,
        limit: MOST_ITEMS,
        cursor: current.next,
      });
    }
  }
}

/** A property in one cell: lists with blanks between their items, what is nested as JSON. */
function cell(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'string') return value;
  if (Array.isArray(value) && value.every((one) => typeof one !== 'object')) return value.join(' ');
  return JSON.stringify(value);
}

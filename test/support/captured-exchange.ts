import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fixture } from './fixtures.ts';

/** One captured exchange of a real agent with a real server; bodies decoded. */
export interface CapturedExchange {
  readonly path: string;
  /** Names and values in wire order. */
  readonly requestFields: readonly (readonly [name: string, value: string])[];
  readonly requestBody: string;
  readonly responseNames: readonly string[];
  /** Empty where it was not kept. */
  readonly responseBody: string;
}

/** Reads one of the numbered folders under fixtures/native. */
export function capturedExchange(capture: 'scan' | 'flow', number: number): CapturedExchange {
  const folder = fixture(join('native', capture, String(number).padStart(6, '0')));
  const read = (name: string): string => readFileSync(join(folder, name), 'utf8');
  const lines = (name: string): string[] => read(name).trimEnd().split(/\r?\n/);
  const [requestLine, ...requestLines] = lines('request.headers');
  const fields = (all: readonly string[]): [string, string][] =>
    all.map((line) => [line.slice(0, line.indexOf(': ')), line.slice(line.indexOf(': ') + 2)]);
  return {
    path: requestLine.split(' ')[1],
    requestFields: fields(requestLines),
    requestBody: read('request.body'),
    responseNames: fields(lines('response.headers').slice(1)).map(([name]) => name),
    responseBody: existsSync(join(folder, 'response.body')) ? read('response.body') : '',
  };
}

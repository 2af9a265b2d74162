import { inertLine } from '../../fleet/notified-text.ts';
import type { OutgoingMessage } from './transport.ts';

const SUBJECT_MOST = 150;
const WIDTH = 400;

/** The subject of a mail: one short line. */
export function mailSubject({ server, text }: Pick<OutgoingMessage, 'server' | 'text'>): string {
  return inertLine(`[Oakum ${server}] ${text}`, SUBJECT_MOST);
}

/** The text of a mail: the sentence, everything that is known as lines of "name: value", and how it came about. */
export function mailText(message: OutgoingMessage): string {
  const { text, data, event, id, timeMs, server, subscription } = message;
  return [
    inertLine(text),
    '',
    ...linesOf(data, ''),
    '',
    '-- ',
    `${event} at ${new Date(timeMs).toISOString()}, told by the Oakum server ${inertLine(server)}`,
    `for the subscription ${inertLine(subscription)} (${id}).`,
    '',
  ].join('\n');
}

function linesOf(value: unknown, indent: string): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, one]: readonly [string, unknown]) => {
    if (Array.isArray(one)) {
      const items = one.map((item) => `${indent}  - ${inertLine(factsOf(item), WIDTH)}`);
      return items.length === 0 ? [] : [`${indent}${name}:`, ...items];
    }
    if (typeof one === 'object' && one !== null) return [`${indent}${name}:`, ...linesOf(one, `${indent}  `)];
    return [`${indent}${name}: ${inertLine(shown(name, one), WIDTH)}`];
  });
}

function factsOf(item: unknown): string {
  if (typeof item !== 'object' || item === null) return String(item);
  return Object.entries(item)
    .map(([name, value]) => `${name}: ${shown(name, value)}`)
    .join(', ');
}

/** Names of times end in their unit. */
function shown(name: string, value: unknown): string {
  return name.endsWith('Ms') && typeof value === 'number' ? new Date(value).toISOString() : String(value);
}

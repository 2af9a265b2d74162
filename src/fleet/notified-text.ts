import { oneLine } from '../errors/inert-text.ts';

/**
 * Text from anywhere as a line of a notification.
 *
 * @param most characters that are kept
 */
export function inertLine(text: string, most = 500): string {
  const line = oneLine(text.slice(0, most * 4)).trim();
  return (line.length > most ? `${line.slice(0, most - 1)}…` : line).toWellFormed();
}

const LIVE_IN_CHATS: Readonly<Record<string, string>> = { '<': '‹', '>': '›', '[': '［', ']': '］' };

/**
 * A name or title inside a sentence that chat programs may show: links and mentions, which they make of brackets and
 * at signs, are taken apart. Where exact text is wanted it stands in the data.
 */
export function inertName(name: string): string {
  return inertLine(name, 150)
    .replace(/[<>[\]]/g, (one) => LIVE_IN_CHATS[one])
    .replace(/(?<![\p{L}\p{N}])@/gu, '＠');
}

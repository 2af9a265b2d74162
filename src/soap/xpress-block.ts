import { OakumError } from '../errors/oakum-error.ts';
import { Direct2Reader, END, MATCH } from './direct2-reader.ts';
import { Direct2Writer, MIN_MATCH } from './direct2-writer.ts';
import { LONG_ENOUGH, MatchFinder } from './match-finder.ts';

/**
 * Smallest encoded payload. [MS-WUSP] names none, but the decoder that Microsoft has published with its
 * Extensible Storage Engine takes a shorter one for damage. Such blocks are stored.
 */
export const MIN_PAYLOAD_BYTES = 8;

// Shared by all calls, none of which is interrupted: making the tables anew costs more than a short answer.
const finder = new MatchFinder();
const writer = new Direct2Writer();

/**
 * Encodes one block, `input` from `start` up to, not including, `end`, into `output` at `at` ([MS-WUSP]
 * 2.1.1.1), and returns the payload's length. Where encoding does not shrink the block, that is the block's
 * own length: the block is to be stored, and what was written is void.
 *
 * @param output has room for the block's length plus ELEMENT_BYTES
 */
export function encodeBlock(
  input: Uint8Array,
  start: number,
  end: number,
  output: Uint8Array,
  at: number,
): number {
  const stored = end - start;
  finder.begin(input, start, end);
  writer.begin(output, at);
  let found = false;
  for (let position = start; position < end;) {
    if (writer.position - at >= stored) return stored;
    if (!found && !finder.find(position, MIN_MATCH - 1)) {
      writer.literal(input[position++]);
      continue;
    }
    const { length, distance } = finder;
    let unseen = position + 1;
    // A longer match one byte later is worth a data byte (+0.7 % ratio for 15 % of the time).
    found = length < LONG_ENOUGH && finder.find(unseen++, length);
    if (found) {
      writer.literal(input[position++]);
      continue;
    }
    writer.match(length, distance);
    position += length;
    finder.skip(unseen, position);
  }
  const length = writer.end() - at;
  return length < MIN_PAYLOAD_BYTES ? stored : Math.min(length, stored);
}

/**
 * Decodes one payload, `input` from `start` up to, not including, `end`, into all of `output` ([MS-WUSP]
 * 2.1.1.1, Decompression Process).
 *
 * @throws OakumError OAK_XPRESS_INVALID unless payload and output end together, at the end mark
 */
export function decodeBlock(input: Uint8Array, start: number, end: number, output: Uint8Array): void {
  const reader = new Direct2Reader(input, start, end);
  let position = 0;
  for (;;) {
    const element = reader.next();
    if (element === END) break;
    const length = element === MATCH ? reader.length : 1;
    if (length > output.length - position) throw invalid(start, 'decodes to more bytes than it declares');
    if (element !== MATCH) {
      output[position++] = element;
      continue;
    }
    const { distance } = reader;
    if (distance > position) throw invalid(start, 'refers to data before its start');
    // Byte by byte: a match may reach into its own output (2.1.1.1.1, pointer).
    for (const stop = position + length; position < stop; position++) {
      output[position] = output[position - distance];
    }
  }
  if (position < output.length) throw invalid(start, 'decodes to fewer bytes than it declares');
}

function invalid(start: number, what: string): OakumError {
  return new OakumError('OAK_XPRESS_INVALID', { detail: `The block at byte ${start} ${what}.` });
}

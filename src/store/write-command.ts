import type { ComputerDetails, ComputerGreeting } from '../fleet/computer-registry.ts';
import type { ClientEvent } from '../fleet/event-journal.ts';

/**
 * Everything that requests of clients may write, and what each of it says. The writer's thread has exactly
 * one handler for each. All of it must survive JSON: that is how it travels there.
 */
export interface WriteCommands {
  /** Stores a batch of events as a whole, each instance id of a computer once, and what follows from it. */
  readonly appendEvents: {
    readonly receivedMs: number;
    /** How far the computer's clock is behind; none unless said. */
    readonly skewMs?: number;
    readonly events: readonly ClientEvent[];
  };
  /** Creates a computer, or brings what it says of itself up to date. */
  readonly greet: { readonly nowMs: number; readonly greeting: ComputerGreeting };
  /** Stores what a computer registered; creates it again when it was deleted since it greeted. */
  readonly register: {
    readonly nowMs: number;
    readonly clientId: string;
    readonly address: string;
    readonly details: ComputerDetails;
  };
  /** Moves the last contact of computers, never back. Of those that are gone nothing is stored. */
  readonly seen: { readonly computers: readonly (readonly [clientId: string, ms: number])[] };
  /** Moves the last scan of computers, never back, and what they said is installed; null when that was too much. */
  readonly scanned: {
    readonly sets: readonly InstalledSet[];
    readonly computers: readonly (readonly [clientId: string, ms: number, digest: string | null])[];
  };
  /** Writes that it was written: whoever asks whether the store takes anything gets an answer of the disk. */
  readonly probe: { readonly nowMs: number };
}

/** A set of installed non-leaf revision ids, see installed-sets.ts. Both texts are base64. */
export interface InstalledSet {
  readonly digest: string;
  readonly ids: string;
}

export type WriteName = keyof WriteCommands;

export type WriteHandlers = { readonly [Name in WriteName]: (command: WriteCommands[Name]) => void };

/**
 * A command as it travels to the thread. Text, because its size is known, it cannot change any more, and
 * JSON both ways costs less than a structured clone of the same (3 µs against 5 for two events).
 */
export function encodeCommand<Name extends WriteName>(name: Name, command: WriteCommands[Name]): string {
  return JSON.stringify([name, command]);
}

/** Runs a command that was encoded. */
export function runCommand(handlers: WriteHandlers, text: string): void {
  const [name, command] = JSON.parse(text) as [WriteName, never];
  handlers[name](command);
}

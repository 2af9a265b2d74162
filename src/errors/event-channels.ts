import { channel } from 'node:diagnostics_channel';
import type { ErrorCode, FaultCode } from './catalogue.ts';

/** What is published to whoever subscribes in this process, by channel. Times are in milliseconds. */
export interface ChannelEvents {
  readonly 'oakum.request': {
    readonly service: string;
    /** Undefined when none was recognised. */
    readonly operation: string | undefined;
    /** `ok`, or the ErrorCode of the fault. */
    readonly outcome: string;
    /** From the request's last byte to the answer's way into the system. */
    readonly durationMs: number;
    readonly requestBytes: number;
    readonly answerBytes: number;
    /** Of the answer before compression. */
    readonly uncodedBytes: number;
    readonly address: string;
  };
  readonly 'oakum.fault': {
    /** As the log has it. */
    readonly request: string;
    /** The id that the client was sent. */
    readonly fault: string;
    readonly errorCode: FaultCode;
    readonly code: ErrorCode;
    readonly operation: string | undefined;
  };
  readonly 'oakum.refusal': {
    readonly request: string;
    readonly code: ErrorCode;
    readonly status: number;
    readonly address: string | undefined;
  };
  readonly 'oakum.commit': {
    readonly commands: number;
    readonly failures: number;
    readonly durationMs: number;
  };
  readonly 'oakum.generation.loaded': {
    readonly change: number;
    readonly revisions: number;
    readonly loadMs: number;
  };
  readonly 'oakum.import.published': {
    readonly importId: number;
    readonly source: string;
    readonly revisions: number;
  };
}

export type ChannelName = keyof ChannelEvents;

/** All channels, and what each tells of. */
export const CHANNELS: Readonly<Record<ChannelName, string>> = {
  'oakum.request': 'A call of a service was answered.',
  'oakum.fault': 'A call was answered with a fault.',
  'oakum.refusal': 'A request was answered with an error of HTTP.',
  'oakum.commit': 'A transaction with writes of clients has ended.',
  'oakum.generation.loaded': 'The catalogue was loaded, at the start or after a change.',
  'oakum.import.published': 'An import showed clients what it had stored.',
};

/** A channel as those who publish hold it. Ask it first: an event that nobody hears need not be made. */
export interface EventChannel<Name extends ChannelName> {
  readonly hasSubscribers: boolean;
  publish(event: ChannelEvents[Name]): void;
}

/** The channel of this name in the diagnostics_channel of Node.js. */
export function eventChannel<Name extends ChannelName>(name: Name): EventChannel<Name> {
  return channel(name);
}

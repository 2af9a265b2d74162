import { OakumError } from '../errors/oakum-error.ts';
import { formatHresult, HRESULTS, type HresultName } from './hresult.ts';

/** A scan, download or installation that failed, with the code a real agent would log. */
export class AgentFailure extends OakumError {
  readonly hresult: number;
  readonly hresultName: HresultName;
  /** Why, without the code. */
  readonly reason: string;

  constructor(name: HresultName, reason: string, cause?: unknown) {
    const sentence = /[.!?]$/.test(reason) ? reason : `${reason}.`;
    super('OAK_AGENT_FAILED', { detail: `${formatHresult(HRESULTS[name])} ${name}: ${sentence}`, cause });
    this.hresult = HRESULTS[name];
    this.hresultName = name;
    this.reason = reason;
  }
}

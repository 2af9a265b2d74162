import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';
import { clientService } from '../../src/protocol/wusp/client.ts';
import { reportingService } from '../../src/protocol/wusp/reporting.ts';
import { simpleAuthService } from '../../src/protocol/wusp/simple-auth.ts';
import { FRAMING, type ServiceDeclaration } from '../../src/soap/service.ts';
import { dateTimeFromMs } from '../../src/soap/simple-type.ts';
import { decodeAs, encodeWireMessage } from './wire-message.ts';

export interface ScriptedCall {
  readonly operation: string;
  readonly request: Readonly<Record<string, unknown>>;
  /** How many calls of this operation came before. */
  readonly earlier: number;
  readonly response: ServerResponse;
}

/** A fault's ErrorCode, the answer's message, or nothing when the script has answered by itself. */
export type ScriptedAnswer = string | Readonly<Record<string, unknown>> | undefined;

/** What the server says to each operation; it keeps to what a quiet server says where nothing is written. */
export type Script = Readonly<Record<string, (call: ScriptedCall) => ScriptedAnswer>>;

const SERVICES: readonly ServiceDeclaration[] = [clientService, simpleAuthService, reportingService];

export const SCRIPT_NOW_MS = Date.UTC(2026, 9, 4, 12, 0, 0);
export const COOKIE = {
  Expiration: dateTimeFromMs(SCRIPT_NOW_MS + 3_600_000),
  EncryptedData: Buffer.from('cookie'),
};

export const CONFIG = {
  LastChange: dateTimeFromMs(SCRIPT_NOW_MS - 1000),
  IsRegistrationRequired: true,
  AuthInfo: [{ PlugInID: 'SimpleTargeting', ServiceUrl: 'SimpleAuthWebService/SimpleAuth.asmx' }],
  Properties: [
    { Name: 'MaxExtendedUpdatesPerRequest', Value: '50' },
    { Name: 'ProtocolVersion', Value: '3.2' },
    { Name: 'IsInventoryRequired', Value: '0' },
    { Name: 'ClientReportingLevel', Value: '2' },
  ],
} as const;

const QUIET: Script = {
  GetConfig: () => ({ GetConfigResult: CONFIG }),
  GetAuthorizationCookie: () => ({
    GetAuthorizationCookieResult: { PlugInId: 'SimpleTargeting', CookieData: Buffer.from('granted') },
  }),
  GetCookie: () => ({ GetCookieResult: COOKIE }),
  RegisterComputer: () => ({}),
  SyncUpdates: () => ({ SyncUpdatesResult: { Truncated: false, NewCookie: COOKIE } }),
  RefreshCache: () => ({}),
  GetFileLocations: () => ({ GetFileLocationsResult: { NewCookie: COOKIE } }),
  GetExtendedUpdateInfo: () => ({ GetExtendedUpdateInfoResult: {} }),
  ReportEventBatch: () => ({ ReportEventBatchResult: true }),
};

/** A server on a free loopback port that says what it is told to say. */
export class ScriptedServer {
  /** The operations called, in order. */
  readonly calls: string[] = [];
  readonly requests: ScriptedCall[] = [];
  script: Script;
  readonly #port: number;

  private constructor(port: number, script: Script) {
    this.#port = port;
    this.script = script;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  static async start(t: TestContext, script: Script = {}): Promise<ScriptedServer> {
    const http = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        scripted.#answer(String(request.headers.soapaction), Buffer.concat(chunks), response);
      });
    });
    http.listen(0, '127.0.0.1');
    await once(http, 'listening');
    t.after(() => {
      http.close();
      http.closeAllConnections();
    });
    const scripted = new ScriptedServer((http.address() as AddressInfo).port, script);
    return scripted;
  }

  #answer(action: string, body: Buffer, response: ServerResponse): void {
    const name = /(\w+)"$/.exec(action)?.[1] ?? '';
    const service = SERVICES.find((one) => name in one.operations);
    if (service === undefined) throw new Error(`nobody serves ${action}`);
    const { request, response: answerType } = service.operations[name];
    const call: ScriptedCall = {
      operation: name,
      request: decodeAs(service, request, body),
      earlier: this.calls.filter((one) => one === name).length,
      response,
    };
    this.calls.push(name);
    this.requests.push(call);
    const answer = (this.script[name] ?? QUIET[name])(call);
    if (answer === undefined) return;
    response.setHeader('Content-Type', 'text/xml; charset=utf-8');
    if (typeof answer === 'string') {
      response.statusCode = 500;
      response.end(faultBody(answer));
    } else {
      response.end(encodeWireMessage(service, FRAMING.clientService, answerType, answer));
    }
  }
}

export function faultBody(errorCode: string): string {
  const detail = errorCode === '' ? '' : `<detail><ErrorCode>${errorCode}</ErrorCode><ID>x</ID></detail>`;
  return (
    `<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><s:Fault>` +
    `<faultcode>s:Client</faultcode><faultstring>Fault occurred</faultstring>${detail}</s:Fault></s:Body></s:Envelope>`
  );
}

/** A fault at the first calls of an operation, and what comes afterwards. */
export function faultsFirst(
  errorCode: string,
  times: number,
  then: (call: ScriptedCall) => ScriptedAnswer,
): (call: ScriptedCall) => ScriptedAnswer {
  return (call) => (call.earlier < times ? errorCode : then(call));
}

/** An UpdateInfo as small as one can be. */
export function updateInfo(id: number, options: { readonly isLeaf?: boolean } = {}): Record<string, unknown> {
  const updateId = `0b000000-0000-4000-8000-${String(id).padStart(12, '0')}`;
  return {
    ID: id,
    Deployment: {
      ID: id + 1000,
      Action: 'Evaluate',
      IsAssigned: true,
      LastChangeTime: '2026-10-04',
      AutoSelect: '0',
      AutoDownload: '0',
      SupersedenceBehavior: '0',
    },
    IsLeaf: options.isLeaf ?? true,
    Xml:
      `<UpdateIdentity UpdateID="${updateId}" RevisionNumber="1" />` +
      `<Properties UpdateType="Detectoid" ExplicitlyDeployable="false" />` +
      `<ApplicabilityRules><IsInstalled><b.True /></IsInstalled></ApplicabilityRules>`,
  };
}

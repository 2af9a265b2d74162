import type { FastifyInstance } from 'fastify';
import { pino } from 'pino';
import { createToken } from '../../src/admin/identity/tokens.ts';
import { ROLES, type Role } from '../../src/admin/identity/roles.ts';
import { createRestApp, type RestAppOptions } from '../../src/api/http/rest-app.ts';
import { openHouse } from '../../src/server/house.ts';
import { resolveSettings } from '../../src/server/resolve-settings.ts';
import { TempStore } from './temp-store.ts';

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly text: string;
  /** Parsed, when it is JSON. */
  readonly body: unknown;
}

/** The administration of a store of its own, asked without a network. */
export class AdminApp implements AsyncDisposable {
  readonly temp: TempStore;
  readonly app: FastifyInstance;
  readonly log: Readonly<Record<string, unknown>>[];
  readonly #tokens: ReadonlyMap<Role, string>;

  private constructor(
    temp: TempStore,
    app: FastifyInstance,
    log: Readonly<Record<string, unknown>>[],
    tokens: ReadonlyMap<Role, string>,
  ) {
    this.temp = temp;
    this.app = app;
    this.log = log;
    this.#tokens = tokens;
  }

  /** Over a store of its own, unless there is one, which is closed with it. */
  static async open(
    options: Partial<RestAppOptions> = {},
    given: Parameters<typeof resolveSettings>[0] = [],
    store?: TempStore,
  ): Promise<AdminApp> {
    const temp = store ?? (await TempStore.open());
    const log: Readonly<Record<string, unknown>>[] = [];
    const settings = resolveSettings(given);
    const app = await createRestApp({
      db: temp.db,
      house: openHouse({ dataFolder: temp.dataFolder, store: temp.store, settings: () => settings }),
      log: pino(
        { level: 'debug' },
        { write: (line: string) => void log.push(JSON.parse(line) as Record<string, unknown>) },
      ),
      now: temp.now,
      secure: false,
      publicUrl: () => 'http://127.0.0.1:8540',
      oidc: undefined,
      maxUploadBytes: 1_048_576,
      ...options,
    });
    const tokens = new Map<Role, string>();
    for (const role of ROLES) {
      const { token } = await createToken(temp.db, { name: 'test' }, { name: role, role, nowMs: temp.nowMs });
      tokens.set(role, token);
    }
    return new AdminApp(temp, app, log, tokens);
  }

  token(role: Role): string {
    return this.#tokens.get(role)!;
  }

  /** Asks below `/api/v1` with the token of a role, or as nobody. */
  async ask(
    role: Role | 'nobody',
    method: string,
    path: string,
    more: { readonly body?: unknown; readonly headers?: Readonly<Record<string, string>> } = {},
  ): Promise<Answer> {
    const response = await this.app.inject({
      method: method,
      url: `/api/v1${path}`,
      headers: {
        ...(role === 'nobody' ? {} : { authorization: `Bearer ${this.token(role)}` }),
        ...more.headers,
      },
      ...(more.body === undefined ? {} : { payload: more.body as object }),
    });
    const type = response.headers['content-type'] ?? '';
    return {
      status: response.statusCode,
      headers: response.headers,
      text: response.payload,
      body:
        /json\b/.test(type) && !type.includes('jsonl')
          ? (JSON.parse(response.payload) as unknown)
          : undefined,
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.app.close();
    await this.temp[Symbol.asyncDispose]();
  }
}

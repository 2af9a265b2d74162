import { createReadStream, statSync } from 'node:fs';
import { basename } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { TObject } from 'typebox';
import { OakumError } from '../errors/oakum-error.ts';
import type { Door } from './door.ts';
import type { ListedPage } from './execute.ts';
import { requestJson, type HttpTarget } from './http-client.ts';
import { inputParts, MOST_ITEMS, type Input } from './input.ts';
import { errorOf, type JobView } from './job-view.ts';
import type { AnyOperation } from './operation.ts';

const POLL_MS = 500;
const LOOKS = 8;

/** The door to a server that runs somewhere, with a token. */
export function openRemoteDoor(target: HttpTarget): Door {
  const ask = <Result>(operation: AnyOperation, input: Input): Promise<Result> =>
    requestJson<Result>(target, requestOf(operation, input));
  const erased = (operation: unknown): AnyOperation => operation as AnyOperation;
  return {
    read: (operation, input) => ask(erased(operation), input as Input),
    change: (operation, input) => ask(erased(operation), input as Input),
    async list(operation, input, most) {
      const items = [];
      let cursor: string | null | undefined;
      do {
        const page: ListedPage = await ask(erased(operation), {
          ...(input as Input),
          limit: Math.min(MOST_ITEMS, most - items.length),
          ...(typeof cursor === 'string' ? { cursor } : {}),
        });
        items.push(...page.items);
        cursor = page.next;
      } while (cursor !== null && items.length < most);
      return items as never;
    },
    async job(operation, input, onStep) {
      let job = await ask<JobView>(erased(operation), input);
      while (job.endedMs === null) {
        onStep?.({ done: job.done, total: job.total, what: job.what });
        await delay(POLL_MS);
        job = await lookAt(target, job.id);
      }
      if (job.problem !== null) throw errorOf(job.problem.code, job.problem.detail);
      return job.result as never;
    },
    async upload(path) {
      const { upload } = await requestJson<{ readonly upload: string }>(target, {
        method: 'POST',
        path: `/uploads?${new URLSearchParams({ name: basename(path).slice(-200) }).toString()}`,
        body: { bytes: sizeOf(path), stream: createReadStream(path) },
      });
      return upload;
    },
    close: () => Promise.resolve(),
  };
}

/** A job goes on when somebody restarts the network: it is looked at again a few times. */
async function lookAt(target: HttpTarget, id: number): Promise<JobView> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await requestJson<JobView>(target, { method: 'GET', path: `/jobs/${id}` });
    } catch (error) {
      const isLost = error instanceof OakumError && error.code === 'OAK_REMOTE_UNREACHABLE';
      if (!isLost) throw error;
      if (attempt === LOOKS) {
        const detail = `${error.detail ?? ''} Job ${id} may go on.`;
        throw new OakumError('OAK_REMOTE_UNREACHABLE', { detail, cause: error });
      }
      await delay(attempt * POLL_MS);
    }
  }
}

function sizeOf(path: string): number {
  try {
    const stats = statSync(path);
    if (stats.isFile()) return stats.size;
  } catch (cause) {
    throw new OakumError('OAK_FILE_UNREADABLE', { detail: `${path}.`, cause });
  }
  throw new OakumError('OAK_FILE_UNREADABLE', { detail: `${path} is not one file, which can be sent.` });
}

/** An operation with its input as an HTTP request: each part of the input where the declaration has it. */
function requestOf(
  operation: AnyOperation,
  input: Input,
): { readonly method: string; readonly path: string; readonly body?: { readonly json: unknown } } {
  const parts = inputParts(operation);
  const path = operation.path.replaceAll(/\{(\w+)\}/g, (_, name: string) =>
    encodeURIComponent(String(input[name])),
  );
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(of(parts.query, input)))
    for (const one of Array.isArray(value) ? (value as unknown[]) : [value]) query.append(name, String(one));
  const asked = query.size === 0 ? '' : `?${query.toString()}`;
  return {
    method: operation.method,
    path: path + asked,
    ...(parts.body === undefined ? {} : { body: { json: of(parts.body, input) } }),
  };
}

function of(part: TObject, input: Input): Record<string, unknown> {
  const names = Object.keys(part.properties).filter((name) => input[name] !== undefined);
  return Object.fromEntries(names.map((name) => [name, input[name]]));
}

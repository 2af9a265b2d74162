import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { describe, test, type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { OakumProcess, temporaryFolder } from '../support/oakum-process.ts';

const PROGRAM = fileURLToPath(new URL('../../bin/oakum.js', import.meta.url));

interface Ready {
  readonly ready: string;
  readonly admin: string;
  readonly setup?: string;
}

interface Job {
  readonly id: number;
  readonly state: string;
  readonly result: unknown;
}

function oakum(args: readonly string[], environment: Readonly<Record<string, string>> = {}) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [PROGRAM, ...args], {
    encoding: 'utf8',
    env: { PATH: process.env['PATH'], ...environment },
  });
  return { code: status, out: stdout, error: stderr };
}

/** A server with its administration, and a token for it. */
async function serve(t: TestContext): Promise<{
  readonly folder: string;
  readonly ready: Ready;
  readonly token: string;
  readonly server: OakumProcess;
}> {
  const folder = temporaryFolder(t);
  const listen = ['--listen', '127.0.0.1:0', '--admin-listen', '127.0.0.1:0'];
  const server = new OakumProcess(t, ['serve', '--data', folder, '--json', ...listen]);
  await server.ready();
  const ready = JSON.parse(server.output.split('\n')[0]) as Ready;
  const made = oakum(['token', 'create', '--role', 'administrator', '--json', '--data', folder]);
  assert.equal(made.code, 0, made.error);
  return { folder, ready, server, token: (JSON.parse(made.out) as { readonly token: string }).token };
}

describe('a server with its administration', () => {
  test('takes the token that was made beside it, and says who that is', async (t) => {
    const { ready, token } = await serve(t);
    const answer = await fetch(`${ready.admin}/api/v1/session`, {
      headers: { authorization: `Bearer ${token}` },
    });
    assert.equal(answer.status, 200);
    assert.equal(((await answer.json()) as { readonly role: string }).role, 'administrator');
  });

  test('prints one link until somebody has used one', async (t) => {
    const { folder, ready, server } = await serve(t);
    const link = new URL(ready.setup!).searchParams.get('link')!;
    const used = await fetch(`${ready.admin}/api/v1/session/link`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ link, name: 'kim', password: 'rope tar hemp caulk' }),
    });
    assert.equal(used.status, 201);
    server.signal('SIGTERM');
    assert.equal((await server.exited()).code, 0);
    assert.ok(!server.log.includes(link));
    const listen = ['--listen', '127.0.0.1:0', '--admin-listen', '127.0.0.1:0'];
    const again = new OakumProcess(t, ['serve', '--data', folder, '--json', ...listen]);
    await again.ready();
    assert.equal((JSON.parse(again.output.split('\n')[0]) as Ready).setup, undefined);
  });

  test('does for a command from afar what a command does in the data folder', async (t) => {
    const { folder, ready, token } = await serve(t);
    const there = { OAKUM_SERVER: ready.admin, OAKUM_TOKEN: token };
    const created = oakum(['groups', 'create', 'Berlin'], there);
    assert.equal(created.code, 0, created.error);
    const [far, near] = [oakum(['groups', '--json'], there), oakum(['groups', '--json', '--data', folder])];
    assert.equal(far.out, near.out);
    const refused = oakum(['groups', 'create', 'berlin'], there);
    assert.equal(refused.code, 1);
    assert.equal(refused.error, oakum(['groups', 'create', 'berlin', '--data', folder]).error);
  });

  test('says to a command from afar what it lacks', async (t) => {
    const { ready } = await serve(t);
    assert.match(oakum(['groups'], { OAKUM_SERVER: ready.admin }).error, /OAK_REMOTE_TOKEN/);
    assert.match(
      oakum(['groups'], { OAKUM_SERVER: ready.admin, OAKUM_TOKEN: 'oakum_wrong' }).error,
      /OAK_TOKEN_INVALID/,
    );
    assert.match(
      oakum(['groups'], { OAKUM_SERVER: ready.ready, OAKUM_TOKEN: 'oakum_wrong' }).error,
      /OAK_REMOTE_ANSWER/,
    );
    assert.match(
      oakum(['groups'], { OAKUM_SERVER: 'http://127.0.0.1:1', OAKUM_TOKEN: 'oakum_wrong' }).error,
      /OAK_REMOTE_UNREACHABLE/,
    );
  });

  test('does what takes long as a job that can be followed to its end', async (t) => {
    const { ready, token } = await serve(t);
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    const accepted = await fetch(`${ready.admin}/api/v1/doctor`, {
      method: 'POST',
      headers,
      body: JSON.stringify({ only: ['runtime', 'disk'] }),
    });
    assert.equal(accepted.status, 202);
    const location = accepted.headers.get('location')!;
    const events = await (await fetch(`${ready.admin}${location}/events`, { headers })).text();
    const states = [...events.matchAll(/^data: (.*)$/gm)].map((match) => JSON.parse(match[1]) as Job);
    assert.equal(states.at(-1)?.state, 'done');
    const shown = (await (await fetch(`${ready.admin}${location}`, { headers })).json()) as Job;
    assert.deepEqual(shown, states.at(-1));
    assert.equal((shown.result as { readonly findings: readonly unknown[] }).findings.length, 2);
    const cancelled = await fetch(`${ready.admin}${location}/cancel`, { method: 'POST', headers });
    assert.equal(cancelled.status, 409);
    const listed = (await (await fetch(`${ready.admin}/api/v1/jobs?state=done`, { headers })).json()) as {
      readonly items: readonly Job[];
    };
    assert.deepEqual(
      listed.items.map(({ id }) => id),
      [shown.id],
    );
  });

  test('does not start when another program has the address that was chosen', async (t) => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    t.after(() => taken.close());
    const { port } = taken.address() as AddressInfo;
    const server = new OakumProcess(t, [
      ...['serve', '--data', temporaryFolder(t), '--listen', '127.0.0.1:0'],
      ...['--admin-listen', `127.0.0.1:${port}`],
    ]);
    const { code, stderr } = await server.exited();
    assert.equal(code, 1);
    assert.match(stderr, /OAK_LISTEN/);
  });
});

import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';

const PROGRAM = fileURLToPath(new URL('../../bin/oakum.js', import.meta.url));

/** A folder that is gone when the test ends. */
export function temporaryFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'oakum-test-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export interface ExitedProcess {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The program as its users start it: a process of its own, killed when the test ends. */
export class OakumProcess {
  readonly #child: ChildProcess;
  readonly #closed: Promise<unknown>;
  #stdout = '';
  #stderr = '';

  /** @param wrapper a command that runs the one behind it, with its arguments */
  constructor(
    t: TestContext,
    args: readonly string[],
    environment: Readonly<Record<string, string>> = {},
    wrapper: readonly string[] = [],
  ) {
    const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('OAKUM_'));
    // Servers of many tests run at once: only those that ask for it have the usual address of the administration.
    const own: Readonly<Record<string, string>> = args[0] === 'serve' ? { OAKUM_ADMIN_LISTEN: '' } : {};
    const [command, ...rest] = [...wrapper, process.execPath, PROGRAM, ...args];
    this.#child = spawn(command, rest, {
      env: { ...Object.fromEntries(inherited), ...own, ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child.stdout?.on('data', (chunk: Buffer) => (this.#stdout += chunk.toString()));
    this.#child.stderr?.on('data', (chunk: Buffer) => (this.#stderr += chunk.toString()));
    this.#closed = once(this.#child, 'close');
    t.after(() => this.#child.kill('SIGKILL'));
  }

  /** The address it serves at, once it says so. */
  async ready(): Promise<string> {
    for (;;) {
      const url = /(?:^ready |"ready":")(http:[^\s"]+)/m.exec(this.#stdout)?.[1];
      if (url !== undefined) return url;
      const came = await Promise.race([once(this.#child.stdout!, 'data'), this.#closed.then(() => 'closed')]);
      if (came === 'closed') throw new Error(`it ended before it was ready: ${this.#stderr}`);
    }
  }

  /** What it has said so far. */
  get output(): string {
    return this.#stdout;
  }

  /** What it has logged so far. */
  get log(): string {
    return this.#stderr;
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  async exited(): Promise<ExitedProcess> {
    await this.#closed;
    return { code: this.#child.exitCode, stdout: this.#stdout, stderr: this.#stderr };
  }
}

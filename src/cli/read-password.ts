import { OakumError } from '../errors/oakum-error.ts';

const MOST_BYTES = 4096;
const [ENTER, NEWLINE, INTERRUPT, END, BACKSPACE, DELETE] = ['\r', '\n', '\u0003', '\u0004', '\b', '\u007f'];

/**
 * A password, never from the command line, where every process of the machine can read it: asked for twice and not
 * shown at a terminal, else the first line of standard input.
 *
 * @throws OakumError OAK_PASSWORD_WEAK when there is none, or the two differ
 */
export async function readPassword(): Promise<string> {
  if (!process.stdin.isTTY) return lineOf(await readAll());
  const first = await ask('Password: ');
  if ((await ask('Once more: ')) !== first) {
    throw new OakumError('OAK_PASSWORD_WEAK', { detail: 'The two are not the same.' });
  }
  return first;
}

async function readAll(): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of process.stdin as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    length += chunk.length;
    if (length > MOST_BYTES) break;
  }
  return Buffer.concat(chunks).toString('utf8');
}

function lineOf(text: string): string {
  const line = /^[^\r\n]*/.exec(text)?.[0] ?? '';
  if (line === '') throw new OakumError('OAK_PASSWORD_WEAK', { detail: 'Standard input holds none.' });
  return line;
}

/** Reads a line without showing it. */
function ask(question: string): Promise<string> {
  const { stdin, stderr } = process;
  stderr.write(question);
  stdin.setRawMode(true).setEncoding('utf8').resume();
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  let typed = '';
  const onData = (text: string): void => {
    for (const character of text) {
      if (character === ENTER || character === NEWLINE || character === END)
        return leave(() => resolve(typed));
      if (character === INTERRUPT) {
        return leave(() => reject(new OakumError('OAK_PASSWORD_WEAK', { detail: 'None was given.' })));
      }
      if (character === BACKSPACE || character === DELETE) typed = Array.from(typed).slice(0, -1).join('');
      else if (typed.length < MOST_BYTES) typed += character;
    }
  };
  const leave = (settle: () => void): void => {
    stdin.off('data', onData).setRawMode(false).pause();
    stderr.write('\n');
    settle();
  };
  stdin.on('data', onData);
  return promise;
}

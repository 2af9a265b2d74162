import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Argument, Command, Option } from 'commander';
import { bashCompletion } from './completion/bash-completion.ts';
import { completionTree } from './completion/completion-tree.ts';
import { fishCompletion } from './completion/fish-completion.ts';
import { powershellCompletion } from './completion/powershell-completion.ts';
import { zshCompletion } from './completion/zsh-completion.ts';

const PROGRAM = fileURLToPath(new URL('../../bin/oakum.js', import.meta.url));

const has = (shell: string): boolean => spawnSync(shell, ['-c', 'exit 0']).status === 0;
const without = (shell: string): false | string => (has(shell) ? false : `there is no ${shell} here`);

/** What bash offers for a line, whose last word is being typed. */
function completed(script: string, ...words: readonly string[]): string[] {
  const asked = `${script}
COMP_WORDS=("$@"); COMP_CWORD=$(( $# - 1 )); _oakum; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const out = execFileSync('bash', ['-c', asked, 'bash', ...words], { encoding: 'utf8' });
  return out.split('\n').filter((line) => line !== '');
}

describe('bash completes', { skip: without('bash') }, () => {
  const script = has('bash')
    ? execFileSync(process.execPath, [PROGRAM, 'completion', 'bash'], { encoding: 'utf8' })
    : '';

  test('commands, and commands below them', () => {
    assert.deepEqual(completed(script, 'oakum', 'comput'), ['computers']);
    assert.ok(completed(script, 'oakum', '').includes('housekeeping'));
    assert.deepEqual(completed(script, 'oakum', 'computers', 'f'), ['findings']);
  });

  test('options, and those of the command they stand behind', () => {
    assert.ok(completed(script, 'oakum', 'computers', 'list', '--si').includes('--silent'));
    assert.deepEqual(completed(script, 'oakum', 'computers', 'delete', '--si'), []);
    assert.ok(completed(script, 'oakum', 'housekeeping', '--').includes('--dry-run'));
  });

  test('values where there is a choice', () => {
    assert.deepEqual(completed(script, 'oakum', 'computers', 'list', '--finding', 'du'), ['duplicate-id']);
    assert.deepEqual(completed(script, 'oakum', 'completion', 'po'), ['powershell']);
  });

  test('nothing for a free value, and goes on behind it', () => {
    assert.deepEqual(completed(script, 'oakum', 'computers', '--data', ''), []);
    assert.deepEqual(completed(script, 'oakum', 'computers', '--data', 'list', 'sho'), ['show']);
  });
});

describe('descriptions and choices are inert in the script', () => {
  const nasty = `it's $(touch /tmp/x) \`id\` "quoted" \\ ; rm`;
  const program = new Command('oakum').addCommand(
    new Command('sub')
      .description(nasty)
      .addOption(new Option('--how <how>', nasty).choices(["o'ne", 'two']))
      .addArgument(new Argument('<what>').choices(['this'])),
  );
  const tree = completionTree(program);

  test('bash', { skip: without('bash') }, () => {
    const script = bashCompletion(tree);
    assert.deepEqual(completed(script, 'oakum', 'sub', '--how', 't'), ['two']);
    assert.deepEqual(completed(script, 'oakum', 'sub', 't'), ['this']);
  });

  for (const [shell, make] of [
    ['zsh', zshCompletion],
    ['fish', fishCompletion],
  ] as const) {
    test(`${shell} reads it`, { skip: without(shell) }, () => {
      assert.equal(spawnSync(shell, ['-n'], { input: make(tree) }).status, 0);
    });
  }

  test('quotes are doubled for PowerShell, escaped for zsh and fish', () => {
    assert.ok(powershellCompletion(tree).includes(`'it''s $(touch`));
    assert.ok(zshCompletion(tree).includes(String.raw`it'\''s $(touch`));
    assert.ok(fishCompletion(tree).includes(String.raw`it\'s $(touch`));
  });
});

import { Argument, Command } from 'commander';
import { bashCompletion } from './completion/bash-completion.ts';
import { completionTree, type CompletedCommand } from './completion/completion-tree.ts';
import { fishCompletion } from './completion/fish-completion.ts';
import { powershellCompletion } from './completion/powershell-completion.ts';
import { zshCompletion } from './completion/zsh-completion.ts';

const SHELLS: Readonly<Record<string, (tree: CompletedCommand) => string>> = {
  bash: bashCompletion,
  zsh: zshCompletion,
  fish: fishCompletion,
  powershell: powershellCompletion,
};

/** It prints a script and nothing else, so it has none of the options that other commands have. */
export function completionCommand(): Command {
  return new Command('completion')
    .description('Print a script that completes commands and options in a shell')
    .addArgument(new Argument('<shell>', 'the shell').choices(Object.keys(SHELLS)))
    .addHelpText(
      'after',
      [
        '',
        'bash:        source <(oakum completion bash)                 in ~/.bashrc',
        'zsh:         source <(oakum completion zsh)                  in ~/.zshrc, behind compinit',
        'fish:        oakum completion fish > ~/.config/fish/completions/oakum.fish',
        'powershell:  oakum completion powershell | Out-String | Invoke-Expression     in $PROFILE',
      ].join('\n'),
    )
    .action((shell: string, _options: unknown, command: Command) => {
      process.stdout.write(SHELLS[shell](completionTree(rootOf(command))));
    });
}

function rootOf(command: Command): Command {
  return command.parent === null ? command : rootOf(command.parent);
}

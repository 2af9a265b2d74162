import { everyCommand, type CompletedCommand } from './completion-tree.ts';

/** In single quotes of fish only the quote and the backslash are special. */
const fishQuoted = (text: string): string =>
  `'${text.replaceAll('\\', '\\\\').replaceAll("'", String.raw`\'`)}'`;

export function fishCompletion(tree: CompletedCommand): string {
  const name = `__${tree.name}`;
  const commands = everyCommand(tree);
  const valued = commands.flatMap((command) =>
    command.options
      .filter((option) => option.takesValue)
      .flatMap((option) => option.names.map((one) => fishQuoted(`${command.path} ${one}`))),
  );
  const lines = commands.flatMap((command) => {
    const at = `complete -c ${tree.name} -n ${fishQuoted(`${name}_at "${command.path}"`)}`;
    return [
      ...command.commands.map(
        (sub) => `${at} -f -a ${fishQuoted(sub.name)} -d ${fishQuoted(sub.description)}`,
      ),
      ...command.choices.map((choice) => `${at} -f -a ${fishQuoted(choice)}`),
      ...command.options.map((option) => {
        const names = option.names.map((one) =>
          one.startsWith('--') ? `-l ${one.slice(2)}` : `-s ${one.slice(1)}`,
        );
        const value = option.takesValue
          ? option.choices.length > 0
            ? ` -x -a ${fishQuoted(option.choices.join(' '))}`
            : ' -r'
          : '';
        return `${at} ${names.join(' ')}${value} -d ${fishQuoted(option.description)}`;
      }),
    ];
  });
  return `# fish completion for ${tree.name}; load it with: ${tree.name} completion fish | source

function ${name}_path
    set -l path ${tree.name}
    set -l option ''
    set -l paths ${commands.map((command) => fishQuoted(command.path)).join(' ')}
    set -l valued ${valued.join(' ')}
    for word in (commandline -opc)[2..-1]
        if test -n "$option"
            set option ''
        else if string match -q -- '-*' $word
            if contains -- "$path $word" $valued
                set option $word
            end
        else if contains -- "$path $word" $paths
            set path "$path $word"
        end
    end
    echo $path
end

function ${name}_at
    test (${name}_path) = "$argv[1]"
end

${lines.join('\n')}
`;
}

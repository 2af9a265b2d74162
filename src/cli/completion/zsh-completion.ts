import { everyCommand, quoted, type CompletedCommand, type CompletedOption } from './completion-tree.ts';

/** Candidates with their descriptions, as `_describe` wants them: a colon in a name is escaped. */
function described(entries: readonly (readonly [name: string, description: string])[]): string {
  return entries
    .map(([name, description]) => quoted(`${name.replaceAll(':', String.raw`\:`)}:${description}`))
    .join(' ');
}

const optionEntries = (options: readonly CompletedOption[]) =>
  options.flatMap((option) => option.names.map((name) => [name, option.description] as const));

export function zshCompletion(tree: CompletedCommand): string {
  const name = `_${tree.name}`;
  const commands = everyCommand(tree);
  const cases = commands.map((command) => {
    const valued = command.options.filter((option) => option.takesValue).flatMap((option) => option.names);
    const subs = [
      ...command.commands.map((sub) => [sub.name, sub.description] as const),
      ...command.choices.map((choice) => [choice, ''] as const),
    ];
    return [
      `    ${quoted(command.path)})`,
      `      commands=(${described(subs)})`,
      `      options=(${described(optionEntries(command.options))})`,
      `      valued=(${valued.map(quoted).join(' ')}) ;;`,
    ].join('\n');
  });
  const choices = commands.flatMap((command) =>
    command.options
      .filter((option) => option.choices.length > 0)
      .flatMap((option) =>
        option.names.map(
          (one) =>
            `    ${quoted(`${command.path} ${one}`)}) choices=(${option.choices.map(quoted).join(' ')}) ;;`,
        ),
      ),
  );
  return `#compdef ${tree.name}
# zsh completion for ${tree.name}; load it with: source <(${tree.name} completion zsh)

${name}_at() {
  case "$1" in
${cases.join('\n')}
  esac
}

${name}() {
  local -a commands options valued choices
  local command_path=${tree.name} option='' word i
  ${name}_at "$command_path"
  for ((i = 2; i < CURRENT; i++)); do
    word=\${words[i]}
    if [[ -n $option ]]; then
      option=''
    elif [[ $word == -* ]]; then
      if ((\${valued[(Ie)$word]})); then option=$word; fi
    elif [[ -n \${commands[(r)$word:*]} ]]; then
      command_path="$command_path $word"
      ${name}_at "$command_path"
    fi
  done
  if [[ -n $option ]]; then
    case "$command_path $option" in
${choices.join('\n')}
    esac
    if ((\${#choices})); then compadd -a choices; else _files; fi
  elif [[ \${words[CURRENT]} == -* ]]; then
    _describe option options
  elif ((\${#commands})); then
    _describe command commands
  else
    _files
  fi
}

if [[ \${funcstack[1]} == ${name} ]]; then ${name} "$@"; else compdef ${name} ${tree.name}; fi
`;
}

import { everyCommand, quoted, type CompletedCommand } from './completion-tree.ts';

/**
 * Works from bash 3.2 on, which has no associative arrays: what belongs to a command is found by `case`. Candidates
 * are compared here and not by `compgen -W`, which would carry out what they contain.
 */
export function bashCompletion(tree: CompletedCommand): string {
  const commands = everyCommand(tree);
  const name = `_${tree.name}`;
  const byPath = (of: (command: CompletedCommand) => readonly string[]): string =>
    commands
      .filter((command) => of(command).length > 0)
      .map((command) => `    ${quoted(command.path)}) echo ${quoted(of(command).join(' '))} ;;`)
      .join('\n');
  const valued = (command: CompletedCommand): string[] =>
    command.options.filter((option) => option.takesValue).flatMap((option) => option.names);
  const choices = commands.flatMap((command) =>
    command.options
      .filter((option) => option.choices.length > 0)
      .flatMap((option) =>
        option.names.map(
          (one) => `    ${quoted(`${command.path} ${one}`)}) echo ${quoted(option.choices.join(' '))} ;;`,
        ),
      ),
  );
  return `# bash completion for ${tree.name}; load it with: source <(${tree.name} completion bash)

${name}_commands() {
  case "$1" in
${byPath((command) => command.commands.map((sub) => sub.name))}
  esac
}

${name}_options() {
  case "$1" in
${byPath((command) => command.options.flatMap((option) => option.names))}
  esac
}

${name}_valued() {
  case "$1" in
${byPath(valued)}
  esac
}

${name}_arguments() {
  case "$1" in
${byPath((command) => command.choices) || `    '') ;;`}
  esac
}

${name}_choices() {
  case "$1" in
${choices.join('\n')}
  esac
}

${name}() {
  local cur=\${COMP_WORDS[COMP_CWORD]} path=${tree.name} option='' list='' word candidates i
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=\${COMP_WORDS[i]}
    if [[ -n $option ]]; then
      option=''
    elif [[ $word == -* ]]; then
      if [[ " $(${name}_valued "$path") " == *" $word "* ]]; then option=$word; fi
    elif [[ " $(${name}_commands "$path") " == *" $word "* ]]; then
      path="$path $word"
    fi
  done
  if [[ -n $option ]]; then
    list=$(${name}_choices "$path $option")
  elif [[ $cur == -* ]]; then
    list=$(${name}_options "$path")
  else
    list="$(${name}_commands "$path") $(${name}_arguments "$path")"
  fi
  COMPREPLY=()
  read -ra candidates <<<"$list"
  for word in "\${candidates[@]}"; do
    if [[ $word == "$cur"* ]]; then COMPREPLY+=("$word"); fi
  done
}

complete -o bashdefault -o default -F ${name} ${tree.name}
`;
}

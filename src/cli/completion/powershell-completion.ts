import { everyCommand, type CompletedCommand } from './completion-tree.ts';

/** In single quotes of PowerShell only the quote is special; typographic quotes count as one too. */
const powershellQuoted = (text: string): string =>
  `'${text.replaceAll(/['\u2018\u2019\u201A\u201B]/g, '$&$&')}'`;

const list = (words: readonly string[]): string => `@(${words.map(powershellQuoted).join(', ')})`;

const table = (entries: readonly (readonly [name: string, description: string])[]): string =>
  `[ordered]@{ ${entries.map(([name, description]) => `${powershellQuoted(name)} = ${powershellQuoted(description)}`).join('; ')} }`;

export function powershellCompletion(tree: CompletedCommand): string {
  const commands = everyCommand(tree).map((command) => {
    const subs = [
      ...command.commands.map((sub) => [sub.name, sub.description] as const),
      ...command.choices.map((choice) => [choice, choice] as const),
    ];
    const options = command.options.flatMap((option) =>
      option.names.map((name) => [name, option.description] as const),
    );
    const valued = command.options.filter((option) => option.takesValue).flatMap((option) => option.names);
    const choices = command.options
      .filter((option) => option.choices.length > 0)
      .flatMap((option) => option.names.map((name) => `${powershellQuoted(name)} = ${list(option.choices)}`));
    return [
      `        ${powershellQuoted(command.path)} = @{`,
      `            Commands = ${table(subs)}`,
      `            Options = ${table(options)}`,
      `            Valued = ${list(valued)}`,
      `            Choices = @{ ${choices.join('; ')} }`,
      '        }',
    ].join('\n');
  });
  return `# PowerShell completion for ${tree.name}; load it with: ${tree.name} completion powershell | Out-String | Invoke-Expression

Register-ArgumentCompleter -Native -CommandName ${powershellQuoted(tree.name)} -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)
    $tree = @{
${commands.join('\n')}
    }
    $path = ${powershellQuoted(tree.name)}
    $option = ''
    foreach ($element in $commandAst.CommandElements | Select-Object -Skip 1) {
        if ($element.Extent.EndOffset -ge $cursorPosition) { break }
        $word = $element.ToString()
        if ($option) { $option = '' }
        elseif ($word.StartsWith('-')) { if ($tree[$path].Valued -contains $word) { $option = $word } }
        elseif ($tree.ContainsKey("$path $word")) { $path = "$path $word" }
    }
    $here = $tree[$path]
    if ($option) {
        $found = [ordered]@{}
        foreach ($choice in $here.Choices[$option]) { $found[$choice] = $choice }
    }
    elseif ($wordToComplete.StartsWith('-')) { $found = $here.Options }
    else { $found = $here.Commands }
    foreach ($name in $found.Keys) {
        if ($name.StartsWith($wordToComplete, [StringComparison]::OrdinalIgnoreCase)) {
            [System.Management.Automation.CompletionResult]::new($name, $name, 'ParameterValue', $found[$name])
        }
    }
}
`;
}

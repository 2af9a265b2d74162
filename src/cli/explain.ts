import type { Command } from 'commander';
import { computers } from '../api/operations/computers.ts';
import { doorCommand, print, type CommonOptions } from './common.ts';
import { explanationText } from './explanation-text.ts';
import { withDoor } from './with-door.ts';

export function explainCommand(): Command {
  return doorCommand('explain', 'Say why a computer is not offered an update, or what it is offered as')
    .argument('<computer>', 'client id, name or part of it')
    .argument('<update>', 'an UpdateID, a KB number or words of the title')
    .action(run);
}

async function run(computer: string, update: string, options: CommonOptions): Promise<void> {
  const explained = await withDoor(options, (door) => door.read(computers.explain, { computer, update }));
  print(options, explained, () => explanationText(explained));
}

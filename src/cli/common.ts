import { Command, Option } from 'commander';
import { resolve } from 'node:path';
import { jsonText } from '../api/json-text.ts';

export interface CommonOptions {
  readonly data: string;
  readonly json?: boolean;
  /** Address of a running server's administration, instead of the data folder. */
  readonly server?: string;
  readonly token?: string;
  /** File with the authorities to trust. */
  readonly ca?: string;
}

/** A command with the options every command has. */
export function command(name: string, description: string): Command {
  return (
    new Command(name)
      .description(description)
      // Options belong to the word they stand behind: "group create --data x" is not "group --data x".
      .enablePositionalOptions()
      .addOption(new Option('--data <folder>', 'the data folder').default('data').env('OAKUM_DATA'))
      .option('--json', 'print JSON and nothing else on standard output')
  );
}

/** A command that works on a data folder, or on a server that runs somewhere. */
export function doorCommand(name: string, description: string): Command {
  return command(name, description)
    .addOption(
      new Option('--server <url>', 'a running server: the address of its administration').env('OAKUM_SERVER'),
    )
    .addOption(new Option('--token <token>', 'what to sign in there with').env('OAKUM_TOKEN'))
    .addOption(new Option('--ca <file>', 'the authorities to trust there, PEM').env('OAKUM_CA'));
}

export function dataFolder(options: CommonOptions): string {
  return resolve(options.data);
}

/** Prints a result: as JSON when asked for, else as the text given. */
export function print(options: CommonOptions, json: unknown, text: () => string): void {
  process.stdout.write(options.json === true ? `${jsonText(json)}\n` : `${text()}\n`);
}

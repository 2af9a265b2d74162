import type { Command } from 'commander';
import { join } from 'node:path';
import { explainUpdate, type ExplanationView } from '../admin/explain.ts';
import { openFolderContentStore } from '../content/folder-content-store.ts';
import { loadSettings } from '../server/load-settings.ts';
import { readSnapshot } from '../store/snapshot-reader.ts';
import { command, dataFolder, print, withExistingStore, type CommonOptions } from './common.ts';
import { explanationText } from './explanation-text.ts';
import { settingsEnvironment } from './serve.ts';

export function explainCommand(): Command {
  return command('explain', 'Say why a computer is not offered an update, or what it is offered as')
    .argument('<computer>', 'client id, name or part of it')
    .argument('<update>', 'an UpdateID, a KB number or words of the title')
    .action(run);
}

async function run(computer: string, update: string, options: CommonOptions): Promise<void> {
  const { settings } = loadSettings({
    dataFolder: dataFolder(options),
    environment: settingsEnvironment(),
    flags: [],
  });
  const explained: ExplanationView = await withExistingStore(options, async (store) =>
    explainUpdate(
      {
        db: store.db,
        snapshot: readSnapshot(store.reader),
        content: await openFolderContentStore(join(dataFolder(options), 'content')),
        targeting: settings['clients.targeting'],
        nowMs: Date.now(),
      },
      computer,
      update,
    ),
  );
  print(options, explained, () => explanationText(explained));
}

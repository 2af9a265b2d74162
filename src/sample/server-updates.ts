import { regDword, regSz, regSzToVersion, type RegistryValue } from '../metadata/authoring/base-rules.ts';
import type { Rule } from '../metadata/authoring/rule.ts';
import type { Classification } from '../metadata/authoring/classification.ts';
import { payload } from './payload.ts';
import { commandLineUpdate, type SampleUpdate } from './sample-update.ts';
import { CATEGORY, DETECTOID } from './taxonomy.ts';

const at = (program: string, value: string): RegistryValue => ({
  subkey: `SOFTWARE\\Oakum Samples\\${program}`,
  value,
});

const MAIL_1 = '13c911ca-7c2c-48dd-a5c0-b53c354466df';
const MAIL_2 = 'eb59def7-2278-472f-9320-17ac45b1f3e5';

/** Updates for servers, which workstations are never sent. */
export function serverUpdates(): readonly SampleUpdate[] {
  return [
    serverUpdate(MAIL_1, 'Mail 8.1', '9000501', 'updates', installedMail('8.1')),
    serverUpdate(MAIL_2, 'Mail 8.2', '9000502', 'securityUpdates', installedMail('8.2'), [MAIL_1]),
    serverUpdate(
      '67c89b47-bb00-4b93-91e4-ea399318fc54',
      'Backup, retention',
      '9000503',
      'criticalUpdates',
      regDword(at('Backup', 'RetentionDays'), 'GreaterThanOrEqualTo', 30),
    ),
    serverUpdate(
      '79446b0b-b849-49f4-ad5b-f7bb498276fa',
      'Print Queue',
      '9000504',
      'updates',
      regSz(at('Print Queue', 'Mode'), 'EqualTo', 'fair'),
    ),
    serverUpdate(
      '0ee70dbc-9df2-4ced-93cb-275b094e222e',
      'Cluster 2.0',
      '9000505',
      'featurePacks',
      regSzToVersion(at('Cluster', 'Version'), 'GreaterThanOrEqualTo', '2.0'),
    ),
  ];
}

const installedMail = (version: string): Rule =>
  regSzToVersion(at('Mail', 'Version'), 'GreaterThanOrEqualTo', version);

function serverUpdate(
  updateId: string,
  name: string,
  article: string,
  classification: Classification,
  isInstalled: Rule,
  superseded: readonly string[] = [],
): SampleUpdate {
  return commandLineUpdate({
    updateId,
    title: `Oakum Sample ${name} for servers (KB${article})`,
    products: [CATEGORY.server],
    classification,
    prerequisites: [DETECTOID.server, DETECTOID.x64],
    superseded,
    isInstalled,
    payloads: [payload(`server-${article}.exe`, 20_000 + (Number(article) % 1000) * 37)],
    more: { kbArticleIds: [article] },
  });
}

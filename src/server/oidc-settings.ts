import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { OidcOptions } from '../admin/identity/oidc-provider.ts';
import { OakumError } from '../errors/oakum-error.ts';
import type { Settings } from './settings.ts';

const MOST_SECRET = 4096;

/**
 * The identity provider that the settings name.
 *
 * @param dataFolder what a relative path of the secret's file is relative to
 * @returns undefined when they name none
 * @throws OakumError OAK_OIDC_SETTINGS when the file with the secret cannot be used
 */
export function oidcOptionsOf(settings: Settings, dataFolder: string): OidcOptions | undefined {
  if (settings['oidc.issuer'] === '') return undefined;
  return {
    issuer: settings['oidc.issuer'],
    clientId: settings['oidc.clientId'],
    clientSecret: secretIn(settings['oidc.clientSecretFile'], dataFolder),
    scopes: wordsOf(settings['oidc.scopes'], /[\s,]+/),
    roleClaim: settings['oidc.roleClaim'],
    nameClaim: settings['oidc.nameClaim'],
    roleValues: {
      reader: wordsOf(settings['oidc.readerValues'], /,/),
      operator: wordsOf(settings['oidc.operatorValues'], /,/),
      administrator: wordsOf(settings['oidc.administratorValues'], /,/),
    },
    allowHttp: settings['oidc.allowHttp'],
  };
}

function wordsOf(text: string, between: RegExp): string[] {
  return text
    .split(between)
    .map((word) => word.trim())
    .filter((word) => word !== '');
}

function secretIn(path: string, dataFolder: string): string {
  if (path === '') return '';
  try {
    const secret = readFileSync(resolve(dataFolder, path), 'utf8').trim();
    if (secret !== '' && secret.length <= MOST_SECRET) return secret;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new OakumError('OAK_OIDC_SETTINGS', { detail: `oidc.clientSecretFile: ${reason}.`, cause });
  }
  throw new OakumError('OAK_OIDC_SETTINGS', {
    detail: 'oidc.clientSecretFile is empty or too long for a secret.',
  });
}

import { OakumError } from '../errors/oakum-error.ts';
import type { Logger } from './logger.ts';
import { ownNames, parseNames } from './own-names.ts';
import { RequestBase } from './request-base.ts';
import type { Settings } from './settings.ts';
import type { TlsSource } from './tls/tls-source.ts';

/** Different names of which each is told once; whoever invents them would fill the log. */
const TOLD = 16;

/**
 * What addresses in answers begin with, by the settings. The names in the certificate count as the server's own: who
 * issued it has made sure of that.
 *
 * @throws OakumError OAK_SETTING_INVALID
 */
export function openRequestBase(settings: Settings, log: Logger, tls: TlsSource | undefined): RequestBase {
  const { 'server.names': setting, 'content.baseUrl': contentBase } = settings;
  const told = new Set<string>();
  const base = new RequestBase({
    names: ownNames(setting),
    firstIsChosen: parseNames(setting).length > 0,
    onForeignHost: (host) => {
      if (told.size >= TOLD || told.has(host)) return;
      told.add(host);
      const { summary, cure } = new OakumError('OAK_HOST_FOREIGN').definition;
      const entry = { code: 'OAK_HOST_FOREIGN', host };
      // Where download addresses come from a setting, nothing follows from it.
      if (contentBase === '') log.warn(entry, `${summary} ${cure}`);
      else log.debug(entry, summary);
    },
  });
  if (tls !== undefined) {
    base.add(tls.names);
    tls.onNames = (names) => base.add(names);
  }
  return base;
}

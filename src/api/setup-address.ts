/** Where one-time links lead. */
export const SETUP_PATH = '/setup';

/**
 * A one-time link, to be opened in a browser.
 *
 * @param administration the address of the administration, without a path
 */
export function setupAddress(administration: string, secret: string): string {
  return `${administration.replace(/\/+$/, '')}${SETUP_PATH}?link=${secret}`;
}

/** The environment without what belongs to commands and is no setting. */
export function settingsEnvironment(): Record<string, string | undefined> {
  const { OAKUM_DATA: _d, OAKUM_SERVER: _s, OAKUM_TOKEN: _t, OAKUM_CA: _c, ...environment } = process.env;
  return environment;
}

/** A client's protocol version: two integers, not a decimal, so 1.21 is above 1.8. */
export interface ProtocolVersion {
  readonly major: number;
  readonly minor: number;
}

/** Undefined unless the text is a two-part version ([MS-WUSP] 3.1.5.2, 3.1.5.4). */
export function parseProtocolVersion(text: string | null | undefined): ProtocolVersion | undefined {
  const parts = /^(\d{1,5})\.(\d{1,5})$/.exec(text?.trim() ?? '');
  return parts === null ? undefined : { major: Number(parts[1]), minor: Number(parts[2]) };
}

export function atLeast(version: ProtocolVersion, major: number, minor: number): boolean {
  return version.major > major || (version.major === major && version.minor >= minor);
}

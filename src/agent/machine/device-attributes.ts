/** One `Key=Value` of the DeviceAttributes string that agents send in SyncUpdates (observed). */
export interface DeviceAttribute {
  readonly name: string;
  readonly value: string;
}

/** Attributes by name in lower case, in the order of the string. */
export type DeviceAttributes = ReadonlyMap<string, DeviceAttribute>;

/** Reads `Key=Value;Key=Value;`. Parts without a name are passed over; of a repeated name the last counts. */
export function parseDeviceAttributes(text: string): DeviceAttributes {
  const attributes = new Map<string, DeviceAttribute>();
  for (const part of text.split(';')) {
    const equals = part.indexOf('=');
    const name = equals < 0 ? '' : part.slice(0, equals).trim();
    if (name !== '') attributes.set(name.toLowerCase(), { name, value: part.slice(equals + 1) });
  }
  return attributes;
}

/** The string that goes over the wire, empty without attributes. */
export function formatDeviceAttributes(attributes: DeviceAttributes): string {
  return [...attributes.values()].map(({ name, value }) => `${name}=${value};`).join('');
}

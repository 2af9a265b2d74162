const PART = /^(after|success|failure|results|deadline)\s+(\d+(?:\.\d+)?)\s*(d|h|%|)$/i;

/**
 * A step of a ring as people write it: `Pilot; after 2d; success 90%; failure 5%; results 10; deadline 3d`.
 * Undefined for what is not of this form; whether it makes sense is for the ring's declaration to say.
 */
export function parseStep(text: string): Record<string, unknown> | undefined {
  const [group = '', ...parts] = text.split(';').map((part) => part.trim());
  if (group === '') return undefined;
  const step: Record<string, unknown> = { group };
  for (const part of parts) {
    const [, name, number, unit] = PART.exec(part) ?? [];
    if (name === undefined) return undefined;
    const value = Number(number);
    const [key, stored] = read(name.toLowerCase(), value, unit.toLowerCase());
    if (key === undefined || step[key] !== undefined) return undefined;
    step[key] = stored;
  }
  return step;
}

function read(name: string, value: number, unit: string): readonly [string?, number?] {
  const share = unit === '%' ? value / 100 : value;
  switch (name) {
    case 'after':
      return unit === 'd' || unit === 'h' ? ['afterHours', unit === 'd' ? value * 24 : value] : [];
    case 'success':
      return unit === '%' || unit === '' ? ['minSuccess', share] : [];
    case 'failure':
      return unit === '%' || unit === '' ? ['maxFailure', share] : [];
    case 'results':
      return unit === '' ? ['minResults', value] : [];
    default:
      return unit === 'd' ? ['deadlineDays', value] : [];
  }
}

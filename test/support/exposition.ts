/** One line of figures in the text format of Prometheus. */
export interface ExposedSample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface Exposition {
  readonly samples: readonly ExposedSample[];
  /** Types by the name of the metric, in order. */
  readonly types: ReadonlyMap<string, string>;
}

const NAME = '[a-zA-Z_:][a-zA-Z0-9_:]*';
const LABEL = '[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\\\\n]|\\\\["\\\\n])*"';
const SAMPLE = new RegExp(`^(${NAME})(?:\\{(${LABEL}(?:,${LABEL})*)\\})? (\\S+)$`);
const COMMENT = new RegExp(
  `^# (?:HELP ${NAME} .+|TYPE (${NAME}) (counter|gauge|histogram|summary|untyped))$`,
);

/** Reads a text as strictly as the format is written down; throws at the first line that is none of it. */
export function parseExposition(text: string): Exposition {
  if (!text.endsWith('\n')) throw new Error('the last line does not end');
  const samples: ExposedSample[] = [];
  const types = new Map<string, string>();
  const seen = new Set<string>();
  for (const line of text.split('\n')) {
    if (line === '') continue;
    if (line.startsWith('#')) {
      const comment = COMMENT.exec(line);
      if (comment === null) throw new Error(`no comment: ${line}`);
      const [, name, type] = comment;
      if (name === undefined) continue;
      if (types.has(name)) throw new Error(`two types: ${line}`);
      types.set(name, type);
      continue;
    }
    const [, name = '', labels = '', number = ''] = SAMPLE.exec(line) ?? [];
    const value = number === '+Inf' ? Infinity : number === '-Inf' ? -Infinity : Number(number);
    if (name === '' || number === '' || (Number.isNaN(value) && number !== 'NaN'))
      throw new Error(`no sample: ${line}`);
    const key = `${name}{${labels}}`;
    if (seen.has(key)) throw new Error(`twice: ${line}`);
    seen.add(key);
    const pairs = [...labels.matchAll(/([a-zA-Z0-9_]+)="((?:[^"\\]|\\.)*)"/g)];
    samples.push({ name, labels: Object.fromEntries(pairs.map(([, label, of]) => [label, of])), value });
  }
  return { samples, types };
}

/** The value of a sample with at least these labels; undefined when there is none. */
export function sampleOf(
  { samples }: Exposition,
  name: string,
  labels: Readonly<Record<string, string>> = {},
): number | undefined {
  return samples.find(
    (one) =>
      one.name === name && Object.entries(labels).every(([label, value]) => one.labels[label] === value),
  )?.value;
}

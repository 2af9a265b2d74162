/** A kind of figure: what it is called is its key in a table of definitions. */
export interface MetricDefinition {
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly help: string;
  readonly labels?: readonly string[];
  /** What the figure of several processes is; their sum unless said. */
  readonly together?: 'sum' | 'min' | 'max' | 'first';
}

export interface Sample {
  readonly value: number;
  readonly labels: Readonly<Record<string, string | number>>;
  /** Of a histogram's parts, which have names of their own. */
  readonly metricName?: string;
}

/** What a figure is now. */
export type Collector = () => readonly Sample[] | Promise<readonly Sample[]>;

/** A collector for each definition of a table. */
export type Collectors<Definitions> = { readonly [Name in keyof Definitions]: Collector };

/** A figure without labels; nothing for what is not known. */
export function single(value: number | null | undefined): Sample[] {
  return value === null || value === undefined ? [] : [{ value, labels: {} }];
}

import type { MachinePatch } from '../machine/machine-patch.ts';
import type { AttributeTable, AttributeType, AttributeValues } from './attribute-type.ts';
import type { RuleContext } from './rule-context.ts';
import { trilean, type Trilean } from './trilean.ts';

/** Attributes as written, by name. */
export type Texts = Readonly<Record<string, string>>;

/** Child elements that carry text, by name, for example the products of MsiFeatureInstalledForProduct. */
export type ListTable = Readonly<Record<string, AttributeType<unknown>>>;

type ListValues<L extends ListTable> = {
  readonly [K in keyof L]: L[K] extends AttributeType<infer V> ? readonly V[] : never;
};

/** An operator with its arguments: a question to a machine. */
export interface Test {
  readonly evaluate: (context: RuleContext) => Trilean;
  /** What was found on the machine, in words. */
  readonly show: (context: RuleContext) => string;
  /**
   * Alternatives of how the answer can be made true or false, the likeliest first; none where facts
   * cannot bring it about. Whether one really does is for the caller to see.
   */
  readonly bringAbout: (wanted: boolean, context: RuleContext) => readonly MachinePatch[];
}

/** An operator of the rule language that asks the machine for something. */
export interface Operator {
  /** As it is written in Core fragments, for example b.RegDword. */
  readonly name: string;
  readonly attributes: AttributeTable;
  readonly lists: ListTable;
  /** Binds arguments; text that says what is wrong with them. */
  readonly bind: (attributes: Texts, lists: Readonly<Record<string, readonly string[]>>) => Test | string;
}

interface Definition<T extends AttributeTable, L extends ListTable, F> {
  readonly name: string;
  readonly attributes: T;
  /** Child elements with text; each must be there at least once. */
  readonly lists?: L;
  readonly find: (args: AttributeValues<T>, context: RuleContext, lists: ListValues<L>) => F;
  /** `error` where the question could not be asked. */
  readonly holds: (found: F, args: AttributeValues<T>, lists: ListValues<L>) => boolean | 'error';
  readonly show: (found: F, args: AttributeValues<T>) => string;
  readonly bringAbout?: (
    wanted: boolean,
    args: AttributeValues<T>,
    context: RuleContext,
    lists: ListValues<L>,
  ) => readonly MachinePatch[];
}

/**
 * Declares an operator: its attributes with their types, what it looks up, and when that makes it true.
 * Looking up and judging are apart, so that an explanation can show what was found.
 */
export function operator<const T extends AttributeTable, F, const L extends ListTable = ListTable>(
  definition: Definition<T, L, F>,
): Operator {
  const { name, attributes } = definition;
  const lists: ListTable = definition.lists ?? {};
  const readArguments = attributeReader(attributes);
  return Object.freeze<Operator>({
    name,
    attributes,
    lists,
    bind: (given, texts) => {
      const args: Record<string, unknown> = {};
      const values: Record<string, readonly unknown[]> = {};
      const problem = readArguments(given, args) ?? readLists(lists, texts, values);
      return problem ?? new BoundTest(definition, args as AttributeValues<T>, values as ListValues<L>);
    },
  });
}

class BoundTest<T extends AttributeTable, L extends ListTable, F> implements Test {
  readonly #definition: Definition<T, L, F>;
  readonly #args: AttributeValues<T>;
  readonly #lists: ListValues<L>;

  constructor(definition: Definition<T, L, F>, args: AttributeValues<T>, lists: ListValues<L>) {
    this.#definition = definition;
    this.#args = args;
    this.#lists = lists;
  }

  evaluate(context: RuleContext): Trilean {
    const { find, holds } = this.#definition;
    const answer = holds(find(this.#args, context, this.#lists), this.#args, this.#lists);
    return answer === 'error' ? 'error' : trilean(answer);
  }

  show(context: RuleContext): string {
    const { find, show } = this.#definition;
    return show(find(this.#args, context, this.#lists), this.#args);
  }

  bringAbout(wanted: boolean, context: RuleContext): readonly MachinePatch[] {
    return this.#definition.bringAbout?.(wanted, this.#args, context, this.#lists) ?? [];
  }
}

/**
 * Reads the attributes that a table declares into an object; returns what is wrong, if anything is. Made once
 * per table: a catalogue has tens of thousands of product codes.
 */
export function attributeReader(
  table: AttributeTable,
): (given: Texts, into: Record<string, unknown>) => string | undefined {
  const entries = Object.entries(table);
  return (given, into) => {
    for (const [name, { type, isRequired, otherwise }] of entries) {
      if (!Object.hasOwn(given, name)) {
        if (isRequired) return `the attribute ${name} is missing`;
        into[name] = otherwise;
        continue;
      }
      const text = given[name];
      const value = type.parse(text);
      if (value === undefined) return `${name}="${text.slice(0, 60)}" is no ${type.what}`;
      into[name] = value;
    }
    return undefined;
  };
}

function readLists(
  table: ListTable,
  texts: Readonly<Record<string, readonly string[]>>,
  into: Record<string, readonly unknown[]>,
): string | undefined {
  for (const [name, type] of Object.entries(table)) {
    const values: unknown[] = [];
    for (const text of Object.hasOwn(texts, name) ? texts[name] : []) {
      const value = type.parse(text);
      if (value === undefined) return `${name} "${text.slice(0, 60)}" is no ${type.what}`;
      values.push(value);
    }
    if (values.length === 0) return `there is no ${name} in it`;
    into[name] = values;
  }
  return undefined;
}

import { InvalidArgumentError, Option, type Command } from 'commander';
import type { TSchema } from 'typebox';
import { declaredProperties, type DeclaredProperty } from '../fleet/declared.ts';

/** Adds an option for each property of a declared object, with its help: `excludeTitles` becomes `--exclude-titles`. */
export function addDeclaredOptions(one: Command, schema: TSchema, without: readonly string[] = []): Command {
  for (const [name, property] of Object.entries(declaredProperties(schema)))
    if (!without.includes(name)) one.addOption(optionFor(name, property));
  return one;
}

/** What was given of the declared properties; null for what was given as an empty text, which takes it back. */
export function declaredValues(schema: TSchema, options: object): Record<string, unknown> {
  const given = Object.entries(options).filter(([name]) => Object.hasOwn(declaredProperties(schema), name));
  return Object.fromEntries(given.map(([name, value]) => [name, value === '' ? null : (value as unknown)]));
}

function optionFor(name: string, property: DeclaredProperty): Option {
  const flag = `--${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
  const isList = property.type === 'array';
  const choices = (isList ? property.items?.enum : property.enum) ?? [];
  const help = [
    property.description ?? '',
    isList ? ' May be repeated.' : '',
    isList || property.default === undefined ? '' : ` Default: ${JSON.stringify(property.default)}.`,
  ];
  const option = new Option(`${flag} <value>`, help.join(''));
  // Help and completion know the choices; the parser must also take a list, and an empty text.
  if (choices.length > 0) option.choices(choices);
  return option.argParser((text: string, before: unknown) => {
    if (text === '') return text;
    if (choices.length > 0 && !choices.includes(text))
      throw new InvalidArgumentError(`It must be one of ${choices.join(', ')}.`);
    if (isList) return [...(Array.isArray(before) ? (before as string[]) : []), text];
    return property.type === 'integer' ? wholeNumber(text) : text;
  });
}

function wholeNumber(text: string): number {
  if (!/^\d{1,9}$/.test(text.trim())) throw new InvalidArgumentError('It must be a whole number.');
  return Number(text);
}

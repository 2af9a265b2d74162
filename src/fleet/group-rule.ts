import { BlockList, isIP } from 'node:net';
import { Type, type Static } from 'typebox';
import { OakumError } from '../errors/oakum-error.ts';
import { declared } from './declared.ts';
import { fitsSome } from './text-pattern.ts';

const texts = (description: string) =>
  Type.Array(Type.String({ minLength: 1, maxLength: 200 }), { default: [], maxItems: 1000, description });

/**
 * Everything a rule that assigns computers can say, once: types, validation and the flags of "oakum groups
 * rules" come from it. What is left empty fits every computer; of several values in one list one must fit;
 * all lists must.
 */
export const GROUP_RULE = Type.Object(
  {
    names: texts('Patterns of the computer’s name; * stands for anything.'),
    operatingSystems: texts(
      'Patterns of the operating system, such as "Windows 11*", or of its version "10.0.26100".',
    ),
    subnets: texts('Networks the computer connects from, such as 10.1.0.0/16 or fd00:1::/32.'),
    models: texts('Patterns of the model, or of manufacturer and model.'),
  },
  { additionalProperties: false },
);

export type GroupRule = Static<typeof GROUP_RULE>;

/** What such rules look at of a computer. */
export interface AssignableComputer {
  readonly name: string;
  readonly operatingSystem: string;
  readonly version: string;
  readonly address: string;
  readonly manufacturer: string;
  readonly model: string;
}

/** @throws OakumError OAK_RULE_INVALID, also for a rule that says nothing: it would move every computer */
export function parseGroupRule(data: unknown): GroupRule {
  const rule = declared(GROUP_RULE, data, 'OAK_RULE_INVALID');
  if (Object.values(rule).every((list) => list.length === 0)) {
    throw new OakumError('OAK_RULE_INVALID', { detail: 'It names no computers.' });
  }
  for (const subnet of rule.subnets) networkOf(subnet);
  return rule;
}

export function groupRuleFits(rule: GroupRule, computer: AssignableComputer): boolean {
  const any = (wanted: readonly string[], ...found: readonly string[]): boolean =>
    wanted.length === 0 || found.some((text) => fitsSome(text, wanted));
  return (
    any(rule.names, computer.name, computer.name.split('.')[0]) &&
    any(rule.operatingSystems, computer.operatingSystem, computer.version) &&
    any(rule.models, computer.model, `${computer.manufacturer} ${computer.model}`) &&
    (rule.subnets.length === 0 || rule.subnets.some((subnet) => isIn(subnet, computer.address)))
  );
}

function isIn(subnet: string, address: string): boolean {
  // An address of version 4 that arrived on a socket for both.
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, '').replace(/%.*$/, '');
  const family = isIP(plain);
  return family !== 0 && networkOf(subnet).check(plain, family === 4 ? 'ipv4' : 'ipv6');
}

function networkOf(subnet: string): BlockList {
  const [, address, bits] = /^([0-9a-f.:]+)\/(\d{1,3})$/i.exec(subnet.trim()) ?? [];
  const family = isIP(address ?? '');
  const length = Number(bits);
  if (address === undefined || family === 0 || length > (family === 4 ? 32 : 128)) {
    throw new OakumError('OAK_RULE_INVALID', { detail: `"${subnet}" is no network such as 10.1.0.0/16.` });
  }
  const list = new BlockList();
  list.addSubnet(address, length, family === 4 ? 'ipv4' : 'ipv6');
  return list;
}

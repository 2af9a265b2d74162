import type { UpdateId } from '../../metadata/update-identity.ts';
import { explanationLines, type Explanation } from '../rules/explain-rule.ts';
import type {
  AlternativeExplanation,
  ApplicabilityExplanation,
  ClauseExplanation,
  Outcome,
  UpdateExplanation,
} from './explain-update.ts';

const SENTENCES: Readonly<Record<Outcome, string>> = {
  offered: 'is offered: it is approved, needed, and nothing better takes its place.',
  'offered-for-removal': 'is offered for removal: it is approved for removal and installed.',
  'not-in-cache': 'is not offered: the server has not sent it to this computer.',
  prerequisites: 'is not offered: a prerequisite is not installed.',
  'rule-error': 'is not offered: one of its rules could not be evaluated.',
  'evaluated-only': 'is never offered: it is only evaluated, for others to depend on.',
  'member-of-bundle': 'is not offered by itself: it comes with the bundle that it belongs to.',
  installed: 'is not offered: it is installed.',
  'not-installed': 'is not offered for removal: it is not installed.',
  'superseded-by-rule': 'is not offered: its IsSuperseded rule says that something later is there.',
  'not-installable': 'is not offered: its rules say that it does not apply to this computer.',
  'no-applicable-member': 'is not offered: none of its members applies to this computer.',
  blocked: 'is not offered: its deployment blocks it.',
  'not-approved': 'is not offered: it is needed, but not approved for installation.',
  superseded: 'is not offered: it is needed, but something that supersedes it takes its place.',
};

export interface ExplanationTextOptions {
  /** A title to show beside an UpdateID. */
  readonly titleOf?: (updateId: UpdateId) => string | undefined;
  /** Lines for the children of one node at most; 12 by default. */
  readonly maxChildren?: number;
}

/** An explanation as text for people: one sentence, and under it what decided. Ends without a line break. */
export function explanationText(
  explanation: UpdateExplanation,
  options: ExplanationTextOptions = {},
): string {
  const text = new ExplanationText(options);
  const { updateId, revisionNumber, updateType, action, state, outcome, applicability } = explanation;
  text.line(0, `${text.name(updateId, revisionNumber)} ${SENTENCES[outcome]}`);
  if (state !== undefined) text.line(1, `${updateType}, action ${action}, ${state}`);
  if (applicability !== undefined) text.applicability(1, applicability);
  for (const [index, clause] of (explanation.members ?? []).entries()) {
    text.line(1, `Bundle clause ${index + 1}:`);
    text.list(
      2,
      clause,
      (member) => `${text.name(member.updateId, member.revisionNumber)}: ${told(member.state)}`,
    );
  }
  const superseders = explanation.superseders ?? [];
  if (superseders.length > 0) text.line(1, 'Superseded by:');
  text.list(2, superseders, (one) => {
    const effect = one.hides ? 'takes its place' : 'does not take its place';
    return `${text.name(one.updateId, one.revisionNumber)}: ${one.state}, action ${one.action}, ${effect}`;
  });
  return text.toString();
}

function told(state: string | undefined): string {
  return state ?? 'not sent by the server';
}

class ExplanationText {
  readonly #options: ExplanationTextOptions;
  readonly #maxChildren: number;
  readonly #lines: string[] = [];

  constructor(options: ExplanationTextOptions) {
    this.#options = options;
    this.#maxChildren = options.maxChildren ?? 12;
  }

  name(updateId: UpdateId, revisionNumber: number | undefined): string {
    const title = this.#options.titleOf?.(updateId);
    const revision = revisionNumber === undefined ? '' : ` r${revisionNumber}`;
    return `${title === undefined ? '' : `"${title}" `}${updateId}${revision}`;
  }

  line(level: number, text: string): void {
    this.#lines.push(`${'  '.repeat(level)}${text}`);
  }

  list<T>(level: number, items: readonly T[], textOf: (item: T) => string): void {
    for (const item of items.slice(0, this.#maxChildren)) this.line(level, textOf(item));
    if (items.length > this.#maxChildren)
      this.line(level, `... and ${items.length - this.#maxChildren} more`);
  }

  applicability(level: number, applicability: ApplicabilityExplanation): void {
    for (const clause of applicability.clauses) this.#clause(level, clause);
    this.#rule(level, 'IsInstalled', applicability.isInstalled);
    this.#rule(level, 'IsSuperseded', applicability.isSuperseded);
    this.#rule(level, 'IsInstallable', applicability.isInstallable);
  }

  toString(): string {
    return this.#lines.join('\n');
  }

  #clause(level: number, { isCategory, holds, alternatives }: ClauseExplanation): void {
    const kind = isCategory ? 'Category' : 'Prerequisite';
    if (holds) {
      const installed = alternatives.find(({ state }) => state === 'Installed');
      const name =
        installed === undefined ? '' : `: ${this.name(installed.updateId, installed.revisionNumber)}`;
      this.line(level, `${kind} holds${name}`);
      return;
    }
    this.line(
      level,
      `${kind} fails, ${alternatives.length === 1 ? 'which is' : 'for which one is needed of'}:`,
    );
    for (const alternative of alternatives.slice(0, this.#maxChildren))
      this.#alternative(level + 1, alternative);
    const more = alternatives.length - this.#maxChildren;
    if (more > 0) this.line(level + 1, `... and ${more} more`);
  }

  #alternative(level: number, { updateId, revisionNumber, state, because }: AlternativeExplanation): void {
    this.line(level, `${this.name(updateId, revisionNumber)}: ${told(state)}`);
    if (because !== undefined) this.applicability(level + 1, because);
  }

  #rule(level: number, name: string, explanation: Explanation | undefined): void {
    if (explanation === undefined) return;
    this.line(level, `${name} is ${explanation.verdict}:`);
    const indent = '  '.repeat(level + 1);
    this.#lines.push(...explanationLines(explanation, { indent, maxChildren: this.#maxChildren }));
  }
}

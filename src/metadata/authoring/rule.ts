import type { Attributes, DocumentMarkup, ElementName } from './document-markup.ts';

/** An applicability rule as data: one element of the rule language with its attributes and operands. */
export interface Rule {
  readonly element: ElementName;
  readonly attributes?: Attributes;
  readonly operands?: readonly Rule[];
}

export const TRUE: Rule = Object.freeze({ element: 'lar:True' });
export const FALSE: Rule = Object.freeze({ element: 'lar:False' });

/** All operands hold; there must be at least one. */
export function and(...operands: readonly Rule[]): Rule {
  return { element: 'lar:And', operands };
}

/** At least one operand holds. */
export function or(...operands: readonly Rule[]): Rule {
  return { element: 'lar:Or', operands };
}

export function not(operand: Rule): Rule {
  return { element: 'lar:Not', operands: [operand] };
}

export function writeRule(markup: DocumentMarkup, rule: Rule): void {
  const { element, attributes, operands } = rule;
  if (operands === undefined) {
    markup.empty(element, attributes);
    return;
  }
  markup.open(element, attributes);
  for (const operand of operands) writeRule(markup, operand);
  markup.close(element);
}

/**
 * CloudWatch's filter patterns for JSON log lines, as far as this project uses them: `=` on strings (with `*`) and
 * numbers, `<` `<=` `>` `>=`, `NOT EXISTS`, `IS TRUE|FALSE|NULL`, `&&`, `||`, parentheses. What is left out
 * (`!=`, regular expressions, arrays, `&&` beside `||` without parentheses) is refused rather than guessed.
 *
 * Source: "Filter pattern syntax for metric filters", Amazon CloudWatch Logs user guide.
 */
import { type Token, tokensOf } from './filter-tokens.ts';

export type Comparison = '=' | '<' | '<=' | '>' | '>=';

export type Condition =
  | { readonly type: 'text'; readonly field: string; readonly pattern: string }
  | { readonly type: 'number'; readonly field: string; readonly is: Comparison; readonly value: number }
  | { readonly type: 'missing'; readonly field: string }
  | { readonly type: 'constant'; readonly field: string; readonly value: boolean | null }
  | { readonly type: 'all' | 'any'; readonly of: readonly Condition[] };

/** The pattern is not one that CloudWatch (or this reading of it) accepts. */
export class FilterPatternError extends Error {
  constructor(problem: string, pattern: string) {
    super(`${problem} in the filter pattern ${pattern}`);
    this.name = 'FilterPatternError';
  }
}

const constants: Readonly<Record<string, boolean | null>> = { TRUE: true, FALSE: false, NULL: null };
const comparisons: readonly string[] = ['=', '<', '<=', '>', '>='];

/** Throws `FilterPatternError`. */
export function parseFilterPattern(pattern: string): Condition {
  const tokens = tokensOf(pattern);
  if (tokens === undefined) throw new FilterPatternError('Unreadable characters', pattern);
  let at = 0;

  const fail = (problem: string): never => {
    throw new FilterPatternError(`${problem} at part ${at + 1}`, pattern);
  };
  const peek = (): Token | undefined => tokens[at];
  const isNext = (text: string) => peek()?.type === 'sign' && peek()?.text === text;
  const take = (): Token => {
    const token = tokens[at] ?? fail('The end');
    at += 1;
    return token;
  };
  const expect = (text: string) => {
    if (!isNext(text)) fail(`Expected ${text}`);
    at += 1;
  };
  const takeWord = (word: string) => {
    const next = take();
    if (next.type !== 'word' || next.text !== word) fail(`Expected ${word}`);
  };

  const any = (): Condition => {
    const first = factor();
    const sign = isNext('&&') ? '&&' : '||';
    const parts = [first];
    while (isNext(sign)) {
      at += 1;
      parts.push(factor());
    }
    if (isNext('&&') || isNext('||')) fail('&& and || without parentheses');
    return parts.length === 1 ? first : { type: sign === '&&' ? 'all' : 'any', of: parts };
  };
  const factor = (): Condition => {
    if (!isNext('(')) return condition();
    expect('(');
    const inner = any();
    expect(')');
    return inner;
  };
  const condition = (): Condition => {
    const field = take();
    if (field.type !== 'field') return fail('Expected a field such as $.msg');
    const next = take();
    if (next.type === 'word' && next.text === 'NOT') {
      takeWord('EXISTS');
      return { type: 'missing', field: field.text };
    }
    if (next.type === 'word' && next.text === 'IS') {
      const constant = constants[take().text];
      if (constant === undefined) return fail('Expected TRUE, FALSE or NULL');
      return { type: 'constant', field: field.text, value: constant };
    }
    if (next.type !== 'sign' || !comparisons.includes(next.text)) return fail('Expected a comparison');
    return compared(field.text, next.text as Comparison, take(), fail);
  };

  expect('{');
  const whole = any();
  expect('}');
  if (at < tokens.length) fail('More than one pattern');
  return whole;
}

function compared(field: string, is: Comparison, value: Token, fail: (problem: string) => never): Condition {
  if (value.type === 'number') return { type: 'number', field, is, value: Number(value.text) };
  if (value.type !== 'text') return fail('Expected a number or a "text"');
  if (is !== '=') return fail('Texts can only be equal');
  return { type: 'text', field, pattern: value.text };
}

/** The value of a selector such as `$.costByService.anthropic`; undefined where there is none. */
export function valueAt(line: unknown, selector: string): unknown {
  return selector
    .slice('$.'.length)
    .split('.')
    .reduce<unknown>(
      (value, name) =>
        typeof value === 'object' && value !== null && Object.hasOwn(value, name)
          ? (value as Record<string, unknown>)[name]
          : undefined,
      line,
    );
}

/** @param line a log line as it was parsed from JSON; lines that are no objects match nothing. */
export function matchesCondition(condition: Condition, line: unknown): boolean {
  switch (condition.type) {
    case 'all':
      return condition.of.every((part) => matchesCondition(part, line));
    case 'any':
      return condition.of.some((part) => matchesCondition(part, line));
    case 'missing':
      return typeof line === 'object' && line !== null && valueAt(line, condition.field) === undefined;
    case 'constant':
      return valueAt(line, condition.field) === condition.value;
    case 'text':
      return matchesText(condition.pattern, valueAt(line, condition.field));
    case 'number':
      return matchesNumber(condition, valueAt(line, condition.field));
  }
}

function matchesText(pattern: string, value: unknown): boolean {
  if (typeof value !== 'string') return false;
  const parts = pattern.split('*').map((part) => part.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`, 's').test(value);
}

function matchesNumber(condition: Extract<Condition, { type: 'number' }>, value: unknown): boolean {
  if (typeof value !== 'number') return false;
  switch (condition.is) {
    case '=':
      return value === condition.value;
    case '<':
      return value < condition.value;
    case '<=':
      return value <= condition.value;
    case '>':
      return value > condition.value;
    case '>=':
      return value >= condition.value;
  }
}

/**
 * What a metric filter publishes for one line: its value, or undefined for nothing. A selector that leads to
 * anything but a number publishes nothing.
 */
export function filteredValue(
  filter: { readonly pattern: string; readonly value: string },
  line: unknown,
): number | undefined {
  if (!matchesCondition(parseFilterPattern(filter.pattern), line)) return undefined;
  if (!filter.value.startsWith('$.')) return Number(filter.value);
  const value = valueAt(line, filter.value);
  return typeof value === 'number' ? value : undefined;
}

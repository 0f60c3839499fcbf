/** What is wrong with an input, for the person who wrote it: every field by name, and how to mend it. */
import type * as z from 'zod';

/** Names of a client are shown again, but not at any length. */
const nameCharsMax = 64;

const kinds: Readonly<Record<string, string>> = {
  array: 'a list',
  boolean: 'true or false',
  int: 'a whole number',
  number: 'a number',
  object: 'an object',
  string: 'text',
};

type RawIssue = Parameters<z.core.$ZodErrorMap>[0];

const oneOf = (values: readonly unknown[]) =>
  values.length === 1 ? `must be ${String(values[0])}` : `must be one of ${values.join(', ')}`;

function bound(issue: Extract<RawIssue, { code: 'too_small' | 'too_big' }>): string {
  const isSmall = issue.code === 'too_small';
  const amount = String(isSmall ? issue.minimum : issue.maximum);
  const side = isSmall ? 'at least' : 'at most';
  if (issue.origin === 'string') return `must have ${side} ${amount} characters`;
  if (issue.origin === 'array') return `must have ${side} ${amount} members`;
  return `must be ${side} ${amount}`;
}

/** Where the schema itself does not say it better. */
function explain(issue: RawIssue): string {
  const missing = issue.input === undefined ? 'is missing: ' : '';
  switch (issue.code) {
    case 'invalid_type':
      return `${missing}must be ${kinds[issue.expected] ?? issue.expected}`;
    case 'invalid_value':
      return missing + oneOf(issue.values);
    case 'too_small':
    case 'too_big':
      return bound(issue);
    default:
      return `${missing}is not of the right form`;
  }
}

const nameOf = (path: readonly PropertyKey[], whole: string) =>
  path.length === 0 ? whole : path.map((part) => String(part).slice(0, nameCharsMax)).join('.');

function fieldsOf(issue: z.core.$ZodIssue, whole: string): readonly (readonly [string, string])[] {
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => [nameOf([...issue.path, key], whole), 'is not known here']);
  return [[nameOf(issue.path, whole), issue.message]];
}

export type ParsedInput<T> =
  | { readonly ok: true; readonly data: T }
  | { readonly ok: false; readonly fields: string[] };

/**
 * @param whole what the input is called where no field of it is to blame.
 * @returns what was parsed, or one `name: what is wrong` for every field.
 */
export function parseFields<T extends z.ZodType>(
  schema: T,
  input: unknown,
  whole: string,
): ParsedInput<z.output<T>> {
  const parsed = schema.safeParse(input, { error: explain });
  if (parsed.success) return { ok: true, data: parsed.data };
  // Of several about one field the last is the narrowest: `int` has bounds of its own.
  const problems = new Map<string, string>();
  for (const issue of parsed.error.issues)
    for (const [name, message] of fieldsOf(issue, whole)) problems.set(name, message);
  return { ok: false, fields: [...problems].map(([name, message]) => `${name}: ${message}`) };
}

/** Requests made from the API's document: such as it allows, such as it does not, and rubbish. */
import fc from 'fast-check';

export interface JsonSchema {
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly examples?: readonly unknown[];
}

export interface Operation {
  readonly method: string;
  readonly path: string;
  readonly isWebhook: boolean;
  /** Takes the secret of the scheduler in place of a key. */
  readonly isScheduled: boolean;
  readonly parameters: readonly {
    readonly name: string;
    readonly in: 'path' | 'query' | 'header';
    readonly schema: JsonSchema;
  }[];
  readonly body?: { readonly contentType: string; readonly schema: JsonSchema; readonly example: unknown };
}

export interface GeneratedRequest {
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What a schema allows, more or less. */
function allowed(schema: JsonSchema): fc.Arbitrary<unknown> {
  if (schema.examples) return fc.constantFrom(...schema.examples);
  if (schema.const !== undefined) return fc.constant(schema.const);
  if (schema.enum) return fc.constantFrom(...schema.enum);
  const branches = schema.anyOf ?? schema.oneOf;
  if (branches) return fc.oneof(...branches.map(allowed));
  if (schema.properties) {
    const shape = Object.entries(schema.properties).map(([name, one]) => [name, allowed(one)] as const);
    const required = schema.required ?? [];
    return fc.record(Object.fromEntries(shape), { requiredKeys: [...required] });
  }
  if (schema.type === 'integer')
    return fc.integer({ min: schema.minimum ?? -10, max: Math.min(schema.maximum ?? 1_000, 1e9) });
  if (schema.type === 'string' && schema.pattern !== undefined && schema.pattern.length < 80)
    return fc.stringMatching(new RegExp(schema.pattern));
  return fc.oneof(
    fc.constant('2026-11-21'),
    fc.constant('2026-11-21T12:00:00Z'),
    fc.string({ maxLength: 40 }),
  );
}

const nasty = fc.constantFrom(
  '',
  ' ',
  '0',
  '-1',
  '1e9',
  'null',
  '__proto__',
  'constructor',
  '../../etc/passwd',
  "' OR 1=1 --",
  '\u0000',
  '\u202e\ufeff',
  '🙂'.repeat(50),
  'x'.repeat(5_000),
  '%',
  '%2e%2e%2f',
  '\r\nx-injected: 1',
  '{"$gt":""}',
  '2026-13-45',
  '9999-12-31T23:59:59Z',
  '+19005550100',
);
const rubbish = fc.oneof(nasty, fc.string({ unit: 'binary', maxLength: 60 }), fc.json());
const mostly = <T>(good: fc.Arbitrary<T>, bad: fc.Arbitrary<T>): fc.Arbitrary<T> =>
  fc.oneof({ weight: 4, arbitrary: good }, { weight: 1, arbitrary: bad });

const asText = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

/** A header can hold no line break, and nothing beyond Latin-1. */
const headerSafe = (text: string): string => text.replace(/[^\x20-\x7e\xa0-\xff]/g, '');

/** @param known values worth trying for parameters of that name. */
export function generatedRequests(
  operation: Operation,
  known: Readonly<Record<string, readonly string[]>>,
): fc.Arbitrary<GeneratedRequest> {
  const { path, parameters, body } = operation;
  const values = parameters.map(({ name, schema }) => {
    const tries = known[name];
    const good = tries === undefined ? allowed(schema) : fc.oneof(fc.constantFrom(...tries), allowed(schema));
    return fc.option(mostly(good.map(asText), rubbish), { freq: 3, nil: undefined });
  });
  const bodies =
    body === undefined
      ? fc.constant('')
      : mostly(
          fc.oneof(fc.constant(body.example), allowed(body.schema)).map((value) => JSON.stringify(value)),
          rubbish,
        );
  const types = mostly(
    fc.constant(body?.contentType ?? 'application/json'),
    fc.constantFrom('', 'text/plain', 'application/json; charset=utf-16', 'multipart/form-data'),
  );
  return fc.tuple(fc.tuple(...values), bodies, types).map(([given, text, type]) => {
    const query = new URLSearchParams();
    const headers: Record<string, string> = { 'content-type': type };
    let target = path;
    parameters.forEach((parameter, i) => {
      const value = given[i];
      if (parameter.in === 'path')
        target = target.replace(`{${parameter.name}}`, encodeURIComponent(value?.toWellFormed() || 'none'));
      else if (value === undefined) return;
      else if (parameter.in === 'query') query.append(parameter.name, value);
      else headers[parameter.name.toLowerCase()] = headerSafe(value);
    });
    return { target: query.size > 0 ? `${target}?${query}` : target, headers, body: text };
  });
}

/** The rules of the parameter store (Systems Manager API reference), for standard parameters. */
import * as z from 'zod';

export class ParameterProblem extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.name = 'ParameterProblem';
    this.code = code;
  }
}

const name = z
  .string()
  .min(1)
  .max(1011)
  .regex(/^[\w./-]+$/);
const standardBytesMax = 4096;
const dayMs = 86_400_000;

const requests = {
  PutParameter: z.strictObject({
    Name: name,
    Value: z.string().min(1),
    Type: z.enum(['String', 'StringList', 'SecureString']).optional(),
    Description: z.string().max(1024).optional(),
    Overwrite: z.boolean().optional(),
    Tier: z.literal('Standard').optional(),
  }),
  GetParameter: z.strictObject({ Name: name, WithDecryption: z.boolean().optional() }),
  GetParameters: z.strictObject({
    Names: z
      .array(name)
      .min(1)
      .max(10)
      .refine((names) => new Set(names).size === names.length),
    WithDecryption: z.boolean().optional(),
  }),
  GetParametersByPath: z.strictObject({
    Path: z.string().regex(/^\/[\w./-]*$/),
    Recursive: z.boolean().optional(),
    WithDecryption: z.boolean().optional(),
    MaxResults: z.int().min(1).max(10).optional(),
    NextToken: z.string().optional(),
  }),
  DescribeParameters: z.strictObject({
    ParameterFilters: z
      .array(
        z.strictObject({
          Key: z.literal('Path'),
          Option: z.enum(['OneLevel', 'Recursive']),
          Values: z.array(z.string().regex(/^\/[\w./-]*$/)).length(1),
        }),
      )
      .length(1),
    MaxResults: z.int().min(1).max(50).optional(),
    NextToken: z.string().optional(),
  }),
};
type Requests = { readonly [Name in keyof typeof requests]: z.infer<(typeof requests)[Name]> };

interface Parameter {
  readonly name: string;
  readonly value: string;
  readonly type: string;
  readonly version: number;
  changedAtMs: number;
}

/** What a reader without decryption sees of a SecureString. */
const encrypted = (value: string) => Buffer.from(`encrypted ${value.length}`).toString('base64');

const show = ({ name: Name, value, type, version, changedAtMs }: Parameter, decrypt?: boolean) => ({
  Name,
  Value: type === 'SecureString' && !decrypt ? encrypted(value) : value,
  Type: type,
  Version: version,
  LastModifiedDate: changedAtMs / 1000,
  DataType: 'text',
  ARN: `arn:aws:ssm:us-east-1:123456789012:parameter${Name.startsWith('/') ? '' : '/'}${Name}`,
});

function within(kept: Iterable<Parameter>, path: string, recursive: boolean): readonly Parameter[] {
  const folder = path.endsWith('/') ? path : `${path}/`;
  return [...kept]
    .filter((one) => one.name.startsWith(folder))
    .filter((one) => recursive || !one.name.slice(folder.length).includes('/'))
    .sort((a, b) => a.name.localeCompare(b.name));
}

interface Page {
  readonly MaxResults?: number | undefined;
  readonly NextToken?: string | undefined;
}

function pageOf(all: readonly object[], { MaxResults, NextToken }: Page, usualSize: number): object {
  const from = Number(NextToken ?? 0);
  const to = from + (MaxResults ?? usualSize);
  return { Parameters: all.slice(from, to), ...(to < all.length ? { NextToken: String(to) } : {}) };
}

export function createParameterStore(now: () => Date) {
  const kept = new Map<string, Parameter>();

  const put = ({ Name, Value, Type, Overwrite }: Requests['PutParameter']) => {
    const before = kept.get(Name);
    if (before && !Overwrite) throw new ParameterProblem('ParameterAlreadyExists', 'It exists');
    const type = Type ?? before?.type;
    if (type === undefined) throw new ParameterProblem('ValidationException', 'A type is needed');
    if (Buffer.byteLength(Value) > standardBytesMax)
      throw new ParameterProblem('ValidationException', `Standard tier allows ${standardBytesMax} bytes`);
    const version = (before?.version ?? 0) + 1;
    kept.set(Name, { name: Name, value: Value, type, version, changedAtMs: now().getTime() });
    return { Version: version, Tier: 'Standard' };
  };

  const getByPath = ({ Path, Recursive, WithDecryption, ...page }: Requests['GetParametersByPath']) => {
    const found = within(kept.values(), Path, Recursive ?? false);
    return pageOf(
      found.map((one) => show(one, WithDecryption)),
      page,
      10,
    );
  };

  const describe = ({ ParameterFilters: [filter], ...page }: Requests['DescribeParameters']) => {
    const found = within(kept.values(), filter?.Values[0] ?? '/', filter?.Option === 'Recursive');
    const shown = found.map((one) => {
      const { Value: _, ...rest } = show(one);
      return rest;
    });
    return pageOf(shown, page, 50);
  };

  const operations: { [Name in keyof Requests]: (request: Requests[Name]) => object } = {
    PutParameter: put,
    GetParameter({ Name, WithDecryption }) {
      const one = kept.get(Name);
      if (!one) throw new ParameterProblem('ParameterNotFound', 'There is none');
      return { Parameter: show(one, WithDecryption) };
    },
    GetParameters: ({ Names, WithDecryption }) => ({
      Parameters: Names.flatMap((each) => {
        const one = kept.get(each);
        return one ? [show(one, WithDecryption)] : [];
      }),
      InvalidParameters: Names.filter((each) => !kept.has(each)),
    }),
    GetParametersByPath: getByPath,
    DescribeParameters: describe,
  };

  const runKnown = <Name extends keyof Requests>(operation: Name, body: unknown): object => {
    const parsed = requests[operation].safeParse(body);
    if (!parsed.success)
      throw new ParameterProblem(
        'ValidationException',
        parsed.error.issues.map((issue) => issue.message).join(),
      );
    return operations[operation](parsed.data as Requests[Name]);
  };

  return {
    run(operation: string, body: unknown): object {
      if (!Object.hasOwn(requests, operation))
        throw new ParameterProblem('UnknownOperationException', 'Not known');
      return runKnown(operation as keyof Requests, body);
    },
    age(days: number) {
      for (const one of kept.values()) one.changedAtMs -= days * dayMs;
    },
  };
}

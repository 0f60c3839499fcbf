/** The OpenAPI 3.1 document, made from the schemas in use. */
import * as z from 'zod';
import type { JsonObject, JsonValue } from '../json.ts';
import { keyRules } from './key-limits.ts';
import type { Operation } from './operation.ts';
import { type DescribedRoute, describedRoutes } from './operations.ts';
import { type ProblemCode, problemBodySchema, problemCodes, problemStatus } from './problem.ts';
import { problemExamples } from './problem-examples.ts';
import { type ApiRoute, type RouteAuth, scopes } from './routes.ts';

const json = 'application/json';

/** Where a value is read before it is checked, only what it is then is said: what stands in for none is told as well. */
function tellDefault({ zodSchema, jsonSchema }: { zodSchema: z.core.$ZodTypes; jsonSchema: object }): void {
  const { def } = zodSchema._zod;
  if (def.type !== 'default' || 'default' in jsonSchema) return;
  const value = def.defaultValue;
  if (typeof value === 'number' || typeof value === 'string' || typeof value === 'boolean')
    Object.assign(jsonSchema, { default: value });
}

function jsonSchema(schema: z.ZodType, io: 'input' | 'output'): JsonObject {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, {
    io,
    unrepresentable: 'any',
    override: tellDefault,
  }) as JsonObject & {
    $schema?: string;
  };
  return rest;
}

/** Problems that any route of its kind has. */
const problemsOf: Record<RouteAuth, readonly ProblemCode[]> = {
  key: ['unauthorized', 'forbidden', 'too_many_requests', 'internal_error', 'service_unavailable'],
  cron: ['unauthorized', 'forbidden', 'internal_error', 'service_unavailable'],
  twilio: [
    'bad_request',
    'forbidden',
    'payload_too_large',
    'unsupported_media_type',
    'internal_error',
    'service_unavailable',
  ],
  none: ['bad_request', 'internal_error', 'service_unavailable'],
};

const security: Record<RouteAuth, readonly JsonObject[]> = {
  key: [{ key: [] }],
  cron: [{ cron: [] }],
  twilio: [{ twilio: [] }],
  none: [],
};

const headerNames = {
  'x-request-id': 'Names the request in our logs.',
  'retry-after': 'Seconds to wait.',
  'ratelimit-limit': 'Requests in the window that is nearest to its bound.',
  'ratelimit-remaining': 'What is left of them.',
  'ratelimit-reset': 'Seconds until there is more.',
  'ratelimit-policy': 'The bound and the seconds of its window.',
} as const;
type HeaderName = keyof typeof headerNames;
const limitHeaders = [
  'ratelimit-limit',
  'ratelimit-remaining',
  'ratelimit-reset',
  'ratelimit-policy',
] as const;

const headersNamed = (names: readonly HeaderName[]): JsonObject =>
  Object.fromEntries(
    names.map((name) => [name, { description: headerNames[name], schema: { type: 'string' } }]),
  );

/** Whoever has no key is not counted, nor a copy of an order that is being placed; who must come back is told when. */
function headersOf(status: string, { auth }: ApiRoute): JsonObject {
  const isCounted = auth === 'key' && !['401', '403', '409'].includes(status);
  return headersNamed([
    'x-request-id',
    ...(['409', '429', '503'].includes(status) ? ['retry-after' as const] : []),
    ...(isCounted ? limitHeaders : []),
  ]);
}

function parameters(place: 'path' | 'query' | 'header', schema: z.ZodObject | undefined): JsonObject[] {
  if (schema === undefined) return [];
  const described = jsonSchema(schema, 'input');
  const required = (described['required'] ?? []) as readonly string[];
  return Object.entries((described['properties'] ?? {}) as JsonObject).map(([name, value]) => {
    const { description, ...rest } = value as JsonObject;
    return {
      name,
      in: place,
      required: place === 'path' || required.includes(name),
      ...(description === undefined ? {} : { description }),
      schema: rest,
    };
  });
}

function problemAnswers({ route, operation }: DescribedRoute): Record<string, JsonObject> {
  const codes = [...problemsOf[route.auth], ...operation.problems];
  const byStatus = Map.groupBy([...new Set(codes)], (code) => String(problemStatus(code)));
  return Object.fromEntries(
    [...byStatus].map(([status, some]) => [
      status,
      {
        description: some.join(', '),
        headers: headersOf(status, route),
        content:
          route.auth === 'twilio'
            ? { 'text/plain; charset=utf-8': { schema: { type: 'string' } } }
            : {
                [json]: {
                  schema: { $ref: '#/components/schemas/Problem' },
                  examples: Object.fromEntries(
                    some.map((code) => [code, { $ref: `#/components/examples/${code}` }]),
                  ),
                },
              },
      },
    ]),
  );
}

function goodAnswers({ route, operation: { answers } }: DescribedRoute): Record<string, JsonObject> {
  return Object.fromEntries(
    Object.entries(answers).map(([status, { description, schema, contentType, example }]) => {
      const type = contentType ?? (schema === undefined ? undefined : json);
      const shown = example === undefined ? {} : { example: example as JsonValue };
      const shape = schema === undefined ? { type: 'string' } : jsonSchema(schema, 'output');
      return [
        status,
        {
          description,
          headers: headersOf(status, route),
          ...(type === undefined ? {} : { content: { [type]: { schema: shape, ...shown } } }),
        },
      ];
    }),
  );
}

const tagOf = ({ path }: ApiRoute): string => path.split('/')[1]?.replace('.json', '') || 'pages';

/** A function may answer on several routes. */
function operationId({ method, name, path }: ApiRoute): string {
  if (method === 'OPTIONS') return `${name}-preflight`;
  return path.startsWith('/api/cron/') ? `${name}-scheduled` : name;
}

/** Who may ask, and how often. */
function termsOf({ scope }: ApiRoute, { countedToo }: Operation): { readonly description?: string } {
  if (scope === undefined) return {};
  const often = keyRules[scope].windows.map(({ max, seconds }) => `${max} in ${seconds} seconds`).join(', ');
  return {
    description: [
      `Needs a key with the scope \`${scope}\`, which may ask ${often}.`,
      ...(countedToo === undefined ? [] : [countedToo]),
    ].join(' '),
  };
}

function describe(described: DescribedRoute): JsonObject {
  const { route, operation } = described;
  const { summary, path, query, headers, body } = operation;
  return {
    operationId: operationId(route),
    summary,
    tags: [tagOf(route)],
    ...termsOf(route, operation),
    security: security[route.auth],
    parameters: [
      ...parameters('path', path),
      ...parameters('query', query),
      ...parameters('header', headers),
    ],
    ...(body === undefined
      ? {}
      : {
          requestBody: {
            required: true,
            content: {
              [body.contentType]: {
                schema: jsonSchema(body.schema, 'input'),
                example: body.example as JsonValue,
              },
            },
          },
        }),
    responses: {
      ...goodAnswers(described),
      ...problemAnswers(described),
    },
  };
}

const exampleOf = (code: ProblemCode): JsonObject => {
  const { message, details = {} } = problemExamples[code];
  return {
    value: {
      error: { code, message, ...details },
      requestId: '6f1c2b9e-2f5e-4c59-9d0a-5f6f0d6f3c11',
    },
  };
};

export interface DocumentOptions {
  readonly version: string;
  /** Origin of the API, without a slash at the end. */
  readonly serverUrl: string;
}

export function openApiDocument({ version, serverUrl }: DocumentOptions): JsonObject {
  const byPath = Map.groupBy(describedRoutes(), ({ route }) => route.path);
  return {
    openapi: '3.1.0',
    info: {
      title: 'The voice center',
      version,
      description:
        'Places calls, shows what was said in them, registers web calls and consents. Every answer carries `x-request-id`; errors have one form; lists are read page by page with `cursor`.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: serverUrl }],
    paths: Object.fromEntries(
      [...byPath].map(([path, routes]) => [
        path,
        Object.fromEntries(routes.map((one) => [one.route.method.toLowerCase(), describe(one)])),
      ]),
    ),
    components: {
      schemas: { Problem: jsonSchema(problemBodySchema, 'output') },
      examples: Object.fromEntries(problemCodes.map((code) => [code, exampleOf(code)])),
      securitySchemes: {
        key: { type: 'http', scheme: 'bearer', description: `A key with scopes: ${scopes.join(', ')}.` },
        cron: { type: 'http', scheme: 'bearer', description: 'The secret of the scheduler.' },
        twilio: {
          type: 'apiKey',
          in: 'header',
          name: 'X-Twilio-Signature',
          description: "The carrier's signature over address and parameters.",
        },
      },
    },
  };
}

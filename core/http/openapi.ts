/** The OpenAPI 3.1 document, made from the schemas in use. */
import * as z from 'zod';
import type { JsonObject, JsonValue } from '../json.ts';
import type { Operation } from './operation.ts';
import { type DescribedRoute, describedRoutes } from './operations.ts';
import { type ProblemCode, problemBodySchema, problemCodes, problemStatus } from './problem.ts';
import { problemExamples } from './problem-examples.ts';
import { type ApiRoute, type RouteAuth, scopes } from './routes.ts';

const json = 'application/json';

function jsonSchema(schema: z.ZodType, io: 'input' | 'output'): JsonObject {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, {
    io,
    unrepresentable: 'any',
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

const headerNames: Record<string, string> = {
  'x-request-id': 'Names the request in our logs.',
  'retry-after': 'Seconds to wait.',
};
const header = (name: string): JsonObject => ({
  description: headerNames[name] ?? '',
  schema: { type: 'string' },
});

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

function problemAnswers(codes: readonly ProblemCode[], isWebhook: boolean): Record<string, JsonObject> {
  const byStatus = Map.groupBy([...new Set(codes)], (code) => String(problemStatus(code)));
  return Object.fromEntries(
    [...byStatus].map(([status, some]) => [
      status,
      {
        description: some.join(', '),
        headers: { 'x-request-id': header('x-request-id') },
        content: isWebhook
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

function goodAnswers({ answers }: Operation): Record<string, JsonObject> {
  return Object.fromEntries(
    Object.entries(answers).map(([status, { description, schema, contentType, example }]) => {
      const type = contentType ?? (schema === undefined ? undefined : json);
      const shown = example === undefined ? {} : { example: example as JsonValue };
      const shape = schema === undefined ? { type: 'string' } : jsonSchema(schema, 'output');
      return [
        status,
        {
          description,
          headers: { 'x-request-id': header('x-request-id') },
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

function describe({ route, operation }: DescribedRoute): JsonObject {
  const { summary, path, query, headers, body, problems } = operation;
  return {
    operationId: operationId(route),
    summary,
    tags: [tagOf(route)],
    ...(route.scope === undefined ? {} : { description: `Needs a key with the scope \`${route.scope}\`.` }),
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
      ...goodAnswers(operation),
      ...problemAnswers([...problemsOf[route.auth], ...problems], route.auth === 'twilio'),
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

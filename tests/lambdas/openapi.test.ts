/** The API does what its document says, whatever is sent. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { signWebhook } from '#adapters/twilio/request-signature.ts';
import { parseFormBody } from '#adapters/twilio/webhooks.ts';
import { openApiDocument } from '#core/http/openapi.ts';
import { problemCodes } from '#core/http/problem.ts';
import { apiRoutes } from '#core/http/routes.ts';
import type { LoadServices } from '#lambdas/services.ts';
import { decodePath, type GatewayRequest, toGatewayEvent } from '#local/http/gateway-event.ts';
import { toGatewayResponse } from '#local/http/gateway-result.ts';
import { createLambdaContext } from '#local/http/lambda-context.ts';
import { createRouteMatcher } from '#local/http/route-matcher.ts';
import { documentProblems } from '../../scripts/openapi.ts';
import { callRecord } from '../support/calls.ts';
import {
  authToken,
  cronSecret,
  keys,
  publicBaseUrl,
  type TestFunctions,
  testFunctions,
} from './functions.ts';
import { type GeneratedRequest, generatedRequests, type Operation } from './generated-requests.ts';

const document = openApiDocument({ version: 'test', serverUrl: publicBaseUrl }) as unknown as {
  readonly paths: Readonly<Record<string, Readonly<Record<string, DocumentedOperation>>>>;
  readonly components: Readonly<Record<'examples' | 'schemas', Readonly<Record<string, unknown>>>>;
};

interface DocumentedOperation {
  readonly parameters: Operation['parameters'];
  readonly security: readonly object[];
  readonly requestBody?: {
    readonly content: Readonly<Record<string, { readonly schema: object; readonly example: unknown }>>;
  };
  readonly responses: Readonly<
    Record<string, { readonly content?: Readonly<Record<string, { readonly schema: object }>> }>
  >;
}

/** The creator of each function, which takes services; not the handler, which reads the environment. */
async function handlersOf(load: LoadServices) {
  const names = [...new Set(apiRoutes.map(({ name }) => name))];
  const entries = names.map(async (name) => {
    const module = (await import(`../../lambdas/http/${name}.ts`)) as Record<string, unknown>;
    const create = Object.entries(module).find(([key]) => key.startsWith('create'))?.[1] as (
      load: LoadServices,
    ) => (event: object, context: object) => Promise<unknown>;
    return [name, create(load)] as const;
  });
  return new Map(await Promise.all(entries));
}

const match = createRouteMatcher(apiRoutes);

/** As the gateway hands a request over and an answer back; undefined for what it answers itself. */
async function send(
  handlers: Awaited<ReturnType<typeof handlersOf>>,
  functions: TestFunctions,
  method: string,
  { target, headers, body }: GeneratedRequest,
) {
  const found = match(method, decodePath(target));
  if (!found) return undefined;
  const request: GatewayRequest = {
    method,
    target,
    rawHeaders: Object.entries(headers).flat(),
    body: Buffer.from(body),
    sourceIp: '203.0.113.7',
    httpVersion: '1.1',
    receivedAt: functions.clock.now(),
    requestId: 'gateway-request-id',
    port: 443,
    protocol: 'https',
  };
  const event = toGatewayEvent(request, { ...found.route, pathParameters: found.pathParameters });
  const context = createLambdaContext({ functionName: 'test', requestId: 'lambda-id', timeoutMs: 5_000 });
  const answer = toGatewayResponse(await handlers.get(found.route.name)?.(event, context));
  return { route: found.route, ...answer };
}

const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, documented]) => {
    const [[contentType, content] = []] = Object.entries(documented.requestBody?.content ?? {});
    const operation: Operation = {
      method: method.toUpperCase(),
      path,
      isScheduled: documented.security.some((one) => 'cron' in one),
      isWebhook: documented.security.some((one) => 'twilio' in one),
      parameters: documented.parameters,
      ...(contentType === undefined || content === undefined
        ? {}
        : { body: { contentType, schema: content.schema, example: content.example } }),
    };
    return { operation, documented };
  }),
);

/** With what the carrier, a client or a page would send; or without. */
function dressed(
  { isWebhook, isScheduled, path }: Operation,
  request: GeneratedRequest,
  isGood: boolean,
): GeneratedRequest {
  const { target, headers } = request;
  if (!isWebhook) {
    const key = !isGood ? 'nobody' : isScheduled ? cronSecret : keys.everything;
    return {
      ...request,
      headers: { ...headers, authorization: `Bearer ${key}`, ...(isGood ? { origin: publicBaseUrl } : {}) },
    };
  }
  const body = request.body.startsWith('{') ? formOf(request.body) : request.body;
  const params = parseFormBody(body);
  const [, query] = target.split('?');
  const url = `${publicBaseUrl}${path}${query === undefined ? '' : `?${query}`}`;
  const signature = signWebhook(isGood ? authToken : 'another token', url, params);
  return { ...request, body, headers: { ...headers, 'x-twilio-signature': signature } };
}

function formOf(json: string): string {
  try {
    return new URLSearchParams(JSON.parse(json) as Record<string, string>).toString();
  } catch {
    return json;
  }
}

/** A third of them reach every answer of every operation; the others look for what nobody thought of. */
const requestsWanted = 10_100;

describe("The API's document", () => {
  test('is OpenAPI 3.1, with every route once and an example of every problem', async () => {
    assert.deepEqual(await documentProblems(document), []);
    assert.equal(operations.length, apiRoutes.length);
    assert.deepEqual(Object.keys(document.components.examples).toSorted(), [...problemCodes].toSorted());
  });

  test(`describes every answer to ${requestsWanted} generated requests, and none of them breaks anything`, async () => {
    const functions = testFunctions();
    const records = ['completed', 'busy', 'ringing'].map((status) =>
      callRecord({ status: status as 'busy' }),
    );
    for (const record of records) await functions.services.store.create(record);
    const known = { callSid: records.map(({ callSid }) => callSid), include: ['turns', 'transcript,costs'] };
    const handlers = await handlersOf(functions.load);
    const ajv = new Ajv2020({ strict: false, validateFormats: false });
    const seen = new Map<string, number>();
    const perOperation = Math.ceil(requestsWanted / operations.length);

    for (const { operation, documented } of operations) {
      const { method } = operation;
      const requests = fc.tuple(generatedRequests(operation, known), fc.integer({ min: 0, max: 9 }));
      const property = fc.asyncProperty(requests, async ([request, dice]) => {
        // Limits have their own tests; here most requests are to get through.
        await functions.clock.advance(dice === 0 ? 0 : 8_000);
        const answer = await send(handlers, functions, method, dressed(operation, request, dice > 1));
        if (!answer || answer.route.path !== operation.path) return;
        const { statusCode, headers, body } = answer;
        seen.set(`${method} ${operation.path} ${statusCode}`, (seen.get(`${statusCode}`) ?? 0) + 1);
        assert.ok(statusCode < 500, `${statusCode}: ${body}`);
        const listed = documented.responses[String(statusCode)];
        assert.ok(listed, `${statusCode} is not listed`);
        assert.ok(headers['x-request-id']);
        const [[type, content] = []] = Object.entries(listed.content ?? {});
        if (type === undefined || content === undefined) return assert.equal(body.length, 0);
        assert.equal(headers['content-type'], type);
        if (type !== 'application/json') return;
        const name = `${method} ${operation.path} ${statusCode}`;
        const check = ajv.getSchema(name) ?? ajv.addSchema(rooted(content.schema), name).getSchema(name);
        assert.ok(check?.(JSON.parse(body.toString())), JSON.stringify(check?.errors));
      });
      await fc.assert(property, { numRuns: perOperation, seed: 20_261_121 });
    }

    for (const good of [
      'POST /call/incoming 200',
      'POST /call/outbound 201',
      'POST /call/outbound 400',
      'GET /records 200',
      'GET /records/{callSid} 200',
      'GET /records/{callSid} 404',
      'DELETE /records/{callSid} 204',
      'POST /web-call/register 201',
      'POST /api/consent 400',
      'GET /costs/summary 200',
      'POST /costs/rollup 200',
      'GET /docs 200',
    ])
      assert.ok(seen.has(good), `${good} was never seen`);
  });
});

/** A part of the document with what it refers to written out. */
const rooted = (schema: object): object =>
  JSON.parse(
    JSON.stringify(schema).replaceAll(/\{"\$ref":"#\/components\/schemas\/(\w+)"\}/g, (_, name: string) =>
      JSON.stringify(document.components.schemas[name]),
    ),
  ) as object;

/** What every route takes and answers, by the schemas that check requests and make answers. */
import * as z from 'zod';
import {
  consentAnswerSchema,
  consentRequestSchema,
  webCallAnswerSchema,
  webCallRequestSchema,
} from './browser.ts';
import { costOperations } from './costs-operations.ts';
import { healthAnswerSchema } from './health.ts';
import type { Operation } from './operation.ts';
import { idempotencyKeySchema, outboundAnswerSchema, outboundRequestSchema } from './outbound.ts';
import type { ProblemCode } from './problem.ts';
import {
  listQuerySchema,
  recordAnswerSchema,
  recordPageSchema,
  recordPathSchema,
  recordQuerySchema,
  rolePathSchema,
  statusPathSchema,
} from './records.ts';
import { type ApiRoute, apiRoutes } from './routes.ts';

const form = 'application/x-www-form-urlencoded';
const json = 'application/json';
const twiml = {
  description: 'TwiML: what the carrier does next with the call.',
  contentType: 'text/xml; charset=utf-8',
};

const webhook = (summary: string, example: object): Pick<Operation, 'summary' | 'body'> => ({
  summary,
  body: {
    contentType: form,
    schema: z
      .looseObject({ CallSid: z.string() })
      .describe("The carrier's parameters; new ones come without notice."),
    example: { CallSid: 'CA00000000000000000000000000000001', ...example },
  },
});

const list = (summary: string, path?: z.ZodObject): Operation => ({
  summary,
  ...(path === undefined ? {} : { path }),
  query: listQuerySchema,
  answers: { 200: { description: 'One page, newest first.', schema: recordPageSchema } },
  problems: ['bad_request'],
});

const preflight: Operation = {
  summary: 'The question a browser asks before it posts.',
  answers: { 204: { description: 'The page may post.' } },
  problems: [],
};

const written: readonly ProblemCode[] = [
  'bad_request',
  'payload_too_large',
  'unsupported_media_type',
  'too_many_requests',
];

const callOperations: Readonly<Record<string, Operation>> = {
  'POST /call/incoming': {
    ...webhook('Somebody calls one of our numbers.', { From: '+14155550100', To: '+12025550142' }),
    query: z.object({ role: z.string().optional().describe('The persona, unless the number has its own.') }),
    answers: { 200: twiml },
    problems: [],
  },
  'POST /call/answered': {
    ...webhook('Somebody answered a call that we placed.', { To: '+14155550100' }),
    query: z.object({
      role: z.string().optional(),
      voice: z.string().optional(),
      ref: z.string().optional().describe('Our own reference of the order.'),
      key: z.string().optional().describe('The key that ordered it.'),
      allowance: z.string().optional().describe('Taken out of the budgets for it, US dollars.'),
    }),
    answers: { 200: twiml },
    problems: [],
  },
  'POST /call/stream-ended': {
    ...webhook('The stream of a call, or a transfer, is over.', {}),
    answers: { 200: twiml },
    problems: [],
  },
  'POST /call/status': {
    ...webhook('Progress of a call; repeated, late, in any order.', { CallStatus: 'ringing' }),
    query: z.object({ ref: z.string().optional(), about: z.string().optional() }),
    answers: { 204: { description: 'Noted.' } },
    problems: [],
  },
  'POST /call/outbound': {
    summary: 'Calls somebody.',
    countedToo:
      'Orders that are refused count as well, before anything is looked up; copies of one that was taken do not.',
    headers: z.object({
      'Idempotency-Key': idempotencyKeySchema
        .optional()
        .describe('The same request with the same key is answered again for 24 hours, and dialled once.'),
    }),
    body: {
      contentType: json,
      schema: outboundRequestSchema,
      example: {
        to: '+14155550100',
        role: 'advocate',
        answeringMachine: { action: 'leave-message', message: 'Please call us back.' },
      },
    },
    answers: { 201: { description: 'The carrier has taken the call.', schema: outboundAnswerSchema } },
    problems: [
      ...written,
      'number_not_valid',
      'destination_not_allowed',
      'number_unreachable',
      'budget_exceeded',
      'request_in_progress',
      'idempotency_key_reused',
      'carrier_refused',
      'carrier_busy',
      'call_state_unknown',
    ],
  },
};

const recordOperations: Readonly<Record<string, Operation>> = {
  'GET /records': list('All calls.'),
  'GET /records/by-role/{role}': list('The calls of one role.', rolePathSchema),
  'GET /records/by-status/{status}': list('The calls in one state.', statusPathSchema),
  'GET /records/{callSid}': {
    summary: 'One call, with transcript, turns and costs when asked for.',
    path: recordPathSchema,
    query: recordQuerySchema,
    answers: { 200: { description: 'The call.', schema: recordAnswerSchema } },
    problems: ['bad_request', 'not_found'],
  },
  'DELETE /records/{callSid}': {
    summary: 'Removes a call with everything that was said in it; daily totals stay.',
    path: recordPathSchema,
    answers: { 204: { description: 'Removed.' } },
    problems: ['bad_request', 'not_found'],
  },
};

const publicOperations: Readonly<Record<string, Operation>> = {
  'POST /web-call/register': {
    summary: 'A visitor of a web page wants to talk.',
    headers: z.object({ Origin: z.string() }),
    body: {
      contentType: json,
      schema: webCallRequestSchema,
      example: { role: 'parent', visitorId: 'Zx3vR8kQm1TtYw5a' },
    },
    answers: {
      201: { description: 'A token that works once, within a minute.', schema: webCallAnswerSchema },
    },
    problems: [...written, 'forbidden', 'budget_exceeded'],
  },
  'OPTIONS /web-call/register': { ...preflight, problems: ['forbidden'] },
  'POST /api/consent': {
    summary: 'Keeps the proof that somebody agreed to get text messages; sends none.',
    headers: z.object({ Origin: z.string() }),
    body: {
      contentType: json,
      schema: consentRequestSchema,
      example: {
        phone: '+14155550100',
        consent: true,
        disclosureVersion: '2026-11',
        disclosureText: '…word for word what stood beside the box…',
      },
    },
    answers: { 201: { description: 'Kept.', schema: consentAnswerSchema } },
    problems: [...written, 'forbidden', 'number_not_valid'],
  },
  'OPTIONS /api/consent': { ...preflight, problems: ['forbidden'] },
  'GET /health': {
    summary: 'Is the API alive, which version, since when.',
    answers: { 200: { description: 'Alive.', schema: healthAnswerSchema } },
    problems: [],
  },
  'GET /openapi.json': {
    summary: 'This document.',
    answers: { 200: { description: 'OpenAPI 3.1.', schema: z.looseObject({ openapi: z.string() }) } },
    problems: [],
  },
  'GET /docs': {
    summary: 'A page to read this document and to try it.',
    answers: { 200: { description: 'The page.', contentType: 'text/html; charset=utf-8' } },
    problems: [],
  },
};

const operations: Readonly<Record<string, Operation>> = {
  ...callOperations,
  ...recordOperations,
  ...costOperations,
  ...publicOperations,
};

export const operationKey = ({ method, path }: Pick<ApiRoute, 'method' | 'path'>): string =>
  `${method} ${path}`;

export interface DescribedRoute {
  readonly route: ApiRoute;
  readonly operation: Operation;
}

/** Every route that is described, in the order of `apiRoutes`; that none is missing is a test's business. */
export function describedRoutes(): readonly DescribedRoute[] {
  return apiRoutes.flatMap((route) => {
    const operation = operations[operationKey(route)];
    return operation === undefined ? [] : [{ route, operation }];
  });
}

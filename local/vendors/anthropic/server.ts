/** The Messages API on this machine: real checks, real events, real counting; the words come from rules. */
import { randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import * as z from 'zod';
import { createFaults } from '../faults.ts';
import { listen, parseJson, readBody, sendJson } from '../http-server.ts';
import { pause } from '../pause.ts';
import { createViolations, type VendorLog, type Violation } from '../violations.ts';
import { answerTo, type Script, type ScriptedAnswer } from './answer.ts';
import { compose, wholeOf } from './compose.ts';
import { type AnthropicFault, errorTypeOf, type Fault, faultSchema } from './faults.ts';
import { type AnthropicLedger, createLedger } from './ledger.ts';
import { factsOf } from './models.ts';
import { createPromptCache } from './prompt-cache.ts';
import { type MessagesRequest, requestSchema } from './request.ts';
import { findProblem } from './request-problems.ts';
import { type AnthropicDelays, streamAnswer } from './stream.ts';
import { answerUsageReport, usageReportPath } from './usage-report.ts';

export interface SimulatedAnthropicOptions {
  /** 0, the default, takes a free one. */
  readonly port?: number;
  readonly apiKey: string;
  /** Default: 400 ms to the first word, 120 tokens a second, 600 ms of thinking where it is on. */
  readonly delays?: Partial<AnthropicDelays>;
  /** For the life of cached prompts; a clock in ms that only goes forward. */
  readonly nowMs?: () => number;
  readonly log?: VendorLog;
}

export interface SimulatedAnthropic {
  /** `http://127.0.0.1:<port>` */
  readonly url: string;
  close(): Promise<void>;
  /** Requests to which something may still be sent. */
  underWay(): number;
  /** The latest 200 that were understood. */
  requests(): readonly MessagesRequest[];
  ledger(): AnthropicLedger;
  violations(): readonly Violation[];
  /** Makes the next fitting request fail, once. */
  failNext(fault: AnthropicFault): void;
  /** Answers by this function from now on; without one by the built-in rules. */
  script(answer?: Script): void;
  /** The part (0 to 1) of each limit that answers say is used, from now on; others are not used at all. */
  useLimits(used: Readonly<Partial<Record<RateLimitKind, number>>>): void;
}

export type { AnthropicFault, AnthropicLedger, MessagesRequest, Script, ScriptedAnswer };

const versions = ['2026-10-21', '2023-06-01'];
const requestsKeptMax = 200;
const defaultDelays: AnthropicDelays = { firstTokenMs: 400, tokensPerSec: 120, thinkingMs: 600 };
/** What the API takes (Anthropic API reference, "Request size limits"). */
const bodyBytesMax = 32 * 1024 * 1024;

type Service = ReturnType<typeof createService>;

function createService(options: SimulatedAnthropicOptions) {
  return {
    apiKey: options.apiKey,
    delays: { ...defaultDelays, ...options.delays },
    cache: createPromptCache(options.nowMs ?? (() => performance.now())),
    faults: createFaults<Fault>(),
    violations: createViolations(options.log),
    ledger: createLedger(),
    requests: [] as MessagesRequest[],
    underWay: 0,
    script: answerTo as Script,
    limitsUsed: {} as Readonly<Partial<Record<RateLimitKind, number>>>,
  };
}

interface Refusal {
  readonly status: number;
  readonly message: string;
}

type Read = { readonly ok: true; readonly request: MessagesRequest } | ({ readonly ok: false } & Refusal);

const refusal = (status: number, message: string): Read => ({ ok: false, status, message });

function isKey(request: IncomingMessage, apiKey: string): boolean {
  const header =
    request.headers['x-api-key'] ?? /^Bearer (.+)$/i.exec(request.headers.authorization ?? '')?.[1];
  const [given, expected] = [Buffer.from(String(header ?? '')), Buffer.from(apiKey)];
  return given.length === expected.length && timingSafeEqual(given, expected);
}

async function readRequest({ apiKey }: Service, incoming: IncomingMessage): Promise<Read> {
  const body = await readBody(incoming, bodyBytesMax).catch(() => undefined);
  if (!body) return refusal(413, 'Request exceeds the maximum size');
  if (!isKey(incoming, apiKey)) return refusal(401, 'invalid x-api-key');
  const version = incoming.headers['anthropic-version'];
  if (version === undefined) return refusal(400, 'anthropic-version: header is required');
  if (!versions.includes(String(version))) return refusal(400, 'anthropic-version: not a known version');

  const json = parseJson(body.toString());
  if (json === undefined) return refusal(400, 'The request body is not valid JSON');
  const parsed = requestSchema.safeParse(json);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    return refusal(400, `${issue?.path.join('.') || 'body'}: ${issue?.message}`);
  }
  const request = parsed.data;
  if (!factsOf(request.model)) return refusal(404, `model: ${request.model.slice(0, 100)}`);
  const problem = findProblem(request, String(version));
  return problem === undefined ? { ok: true, request } : refusal(400, problem);
}

/** What may be sent in a minute. */
const rateLimits = {
  requests: 4_000,
  tokens: 4_800_000,
  'input-tokens': 4_000_000,
  'output-tokens': 800_000,
};
type RateLimitKind = keyof typeof rateLimits;

/** Not enforced: 429 comes when it is asked for. */
function rateLimitHeaders(used: Readonly<Partial<Record<RateLimitKind, number>>>): Record<string, string> {
  const reset = new Date(Date.now() + 60_000).toISOString();
  return Object.fromEntries(
    Object.entries(rateLimits).flatMap(([kind, limit]) => [
      [`anthropic-ratelimit-${kind}-limit`, String(limit)],
      [
        `anthropic-ratelimit-${kind}-remaining`,
        String(Math.round(limit * (1 - (used[kind as RateLimitKind] ?? 0)))),
      ],
      [`anthropic-ratelimit-${kind}-reset`, reset],
    ]),
  );
}

function sendError(
  response: ServerResponse,
  status: number,
  message: string,
  headers: Readonly<Record<string, string>>,
  type = errorTypeOf(status),
): void {
  const body = { type: 'error', error: { type, message }, request_id: headers['request-id'] };
  sendJson(response, status, body, headers);
}

async function answer(
  service: Service,
  request: MessagesRequest,
  response: ServerResponse,
  headers: Readonly<Record<string, string>>,
): Promise<void> {
  const { cache, ledger, faults } = service;
  const take = <Kind extends Fault['kind']>(...kinds: readonly Kind[]) =>
    faults.take('messages', ...kinds) ?? faults.take(request.model, ...kinds);

  const all = { ...headers, ...rateLimitHeaders(service.limitsUsed) };
  const failure = take('status', 'hang');
  if (failure?.kind === 'status') {
    const secs = failure.retryAfterSecs;
    const retry = secs === undefined ? {} : { 'retry-after': String(secs) };
    sendError(response, failure.status, 'Asked for by a test', { ...all, ...retry }, failure.type);
    return;
  }
  const { usage, begin } = cache.use(request);
  // A prompt that was taken is worked on: it is billed, also when its client leaves before the answer begins.
  ledger.addPrompt(request.model, usage);
  if (failure?.kind === 'hang') return;
  const slow = take('slow');
  const delays = {
    ...service.delays,
    ...(slow?.firstTokenMs === undefined ? {} : { firstTokenMs: slow.firstTokenMs }),
    ...(slow?.tokensPerSec === undefined ? {} : { tokensPerSec: slow.tokensPerSec }),
  };
  const gone = new AbortController();
  response.on('close', () => gone.abort());
  const message = compose(request, service.script(request));

  if (request.stream) {
    const fault = take('mid-stream-error', 'stall', 'cut', 'no-message-stop');
    const streamed = {
      request,
      message,
      usage,
      headers: all,
      fault,
      delays,
      signal: gone.signal,
      begin,
    };
    const made = await streamAnswer(response, streamed);
    ledger.addOutput(request.model, made, !response.writableEnded);
    return;
  }
  const wholeMs = delays.firstTokenMs + (message.outputTokens / delays.tokensPerSec) * 1_000;
  if (!(await pause(wholeMs, gone.signal))) return;
  begin();
  ledger.addOutput(request.model, message.outputTokens, false);
  sendJson(response, 200, wholeOf(request, message, usage), all);
}

/** What the real service does not have: for tests and tools in other processes. */
async function handleSideDoor(
  service: Service,
  path: string,
  incoming: IncomingMessage,
): Promise<[number, unknown]> {
  if (path === 'ledger') return [200, service.ledger.read()];
  if (path === 'violations') return [200, service.violations.list()];
  if (path !== 'faults' || incoming.method !== 'POST') return [404, { error: 'Not found' }];
  const fault = faultSchema.safeParse(parseJson((await readBody(incoming)).toString()));
  if (!fault.success) return [400, { error: z.prettifyError(fault.error) }];
  service.faults.add(fault.data);
  return [200, {}];
}

async function handle(service: Service, incoming: IncomingMessage, response: ServerResponse): Promise<void> {
  const { pathname, searchParams } = new URL(incoming.url ?? '/', 'http://localhost');
  if (pathname.startsWith('/_simulated/')) {
    const [status, body] = await handleSideDoor(service, pathname.slice('/_simulated/'.length), incoming);
    return sendJson(response, status, body);
  }
  const headers = { 'request-id': `req_01${randomBytes(11).toString('hex')}` };
  if (pathname === usageReportPath && incoming.method === 'GET') {
    const report = answerUsageReport(incoming, searchParams, service.ledger.days());
    if (report.status === 200) return sendJson(response, 200, report.body, headers);
    service.violations.add('usage-report', errorTypeOf(report.status), report.message);
    return sendError(response, report.status, report.message, headers);
  }
  const isMessages = pathname === '/v1/messages' && incoming.method === 'POST';
  const read = isMessages ? await readRequest(service, incoming) : refusal(404, 'Not found');
  if (!read.ok) {
    service.violations.add('messages', errorTypeOf(read.status), read.message);
    return sendError(response, read.status, read.message, headers);
  }
  service.underWay += 1;
  response.once('close', () => {
    service.underWay -= 1;
  });
  service.requests.push(read.request);
  if (service.requests.length > requestsKeptMax) service.requests.shift();
  await answer(service, read.request, response, headers);
}

export async function startSimulatedAnthropic(
  options: SimulatedAnthropicOptions,
): Promise<SimulatedAnthropic> {
  const service = createService(options);
  const listening = await listen(
    (incoming, response) => handle(service, incoming, response),
    options.port ?? 0,
  );
  return {
    url: listening.url,
    close: listening.close,
    underWay: () => service.underWay,
    requests: () => [...service.requests],
    ledger: service.ledger.read,
    violations: service.violations.list,
    failNext: (fault) => service.faults.add(faultSchema.parse(fault)),
    script(script = answerTo) {
      service.script = script;
    },
    useLimits(used) {
      service.limitsUsed = used;
    },
  };
}

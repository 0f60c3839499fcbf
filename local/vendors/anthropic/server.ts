/** The Messages API on this machine: the real checks, the real events, the real counting; the words are rules. */
import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createFaults } from '../faults.ts';
import { listen, parseJson, readBody, sendJson } from '../http-server.ts';
import { createViolations, type VendorLog, type Violation } from '../violations.ts';
import { answerTo, type ScriptedAnswer } from './answer.ts';
import {
  type AnthropicDelays,
  type AnthropicFault,
  contentOf,
  messageOf,
  outputTokensOf,
  stopReasonOf,
} from './message.ts';
import { models } from './models.ts';
import { createPromptCache, type PromptUsage } from './prompt-cache.ts';
import { findProblem, type MessagesRequest, requestSchema } from './request.ts';
import { streamAnswer } from './stream.ts';

export interface AnthropicLedger {
  requests: number;
  inputTokens: number;
  cacheWrite5mTokens: number;
  cacheWrite1hTokens: number;
  cacheReadTokens: number;
  outputTokens: number;
}

export interface SimulatedAnthropic {
  readonly url: string;
  close(): Promise<void>;
  requests(): readonly MessagesRequest[];
  ledger(): AnthropicLedger;
  violations(): readonly Violation[];
  failNext(fault: AnthropicFault): void;
  /** Answers by this function until it is called again without one. */
  script(answer?: (request: MessagesRequest) => ScriptedAnswer): void;
}

export interface SimulatedAnthropicOptions {
  readonly port?: number;
  readonly apiKey: string;
  readonly delays?: AnthropicDelays;
  readonly log?: VendorLog;
}

const knownVersions = ['2026-10-21', '2023-06-01'];
const versionWithoutSampling = '2026-10-21';
const requestsKeptMax = 1_000;
const defaultDelays = { firstTokenMs: 400, tokensPerSec: 120 } as const;

interface Service {
  readonly options: SimulatedAnthropicOptions;
  readonly delays: Required<AnthropicDelays>;
  readonly cache: ReturnType<typeof createPromptCache>;
  readonly faults: ReturnType<typeof createFaults<AnthropicFault>>;
  readonly violations: ReturnType<typeof createViolations>;
  readonly requests: MessagesRequest[];
  readonly ledger: AnthropicLedger;
  answer: (request: MessagesRequest) => ScriptedAnswer;
}

export async function startSimulatedAnthropic(
  options: SimulatedAnthropicOptions,
): Promise<SimulatedAnthropic> {
  const service: Service = {
    options,
    delays: { ...defaultDelays, ...options.delays },
    cache: createPromptCache(),
    faults: createFaults<AnthropicFault>(),
    violations: createViolations(options.log),
    requests: [],
    ledger: {
      requests: 0,
      inputTokens: 0,
      cacheWrite5mTokens: 0,
      cacheWrite1hTokens: 0,
      cacheReadTokens: 0,
      outputTokens: 0,
    },
    answer: answerTo,
  };
  const listening = await listen(
    (request, response) => handle(service, request, response),
    options.port ?? 0,
  );
  return {
    url: listening.url,
    close: listening.close,
    requests: () => service.requests,
    ledger: () => service.ledger,
    violations: () => service.violations.list(),
    failNext: (fault) => service.faults.add(fault),
    script(answer = answerTo) {
      service.answer = answer;
    },
  };
}

interface Refusal {
  readonly status: number;
  readonly type: string;
  readonly message: string;
}

async function handle(service: Service, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const path = (request.url ?? '').split('?')[0];
  if (path === '/_simulated/ledger') return sendJson(response, 200, service.ledger);
  if (path === '/_simulated/violations') return sendJson(response, 200, service.violations.list());
  const requestId = `req_${randomBytes(12).toString('hex')}`;
  const read =
    path === '/v1/messages' && request.method === 'POST' ? await readRequest(service, request) : notFound;
  if ('status' in read) return refuse(service, response, requestId, read);
  const fault = service.faults.take('messages', 'status');
  if (fault) {
    const headers = fault.retryAfterSecs === undefined ? {} : { 'retry-after': String(fault.retryAfterSecs) };
    return sendProblem(
      response,
      requestId,
      { status: fault.status, type: fault.type, message: 'Simulated' },
      headers,
    );
  }
  service.requests.push(read);
  if (service.requests.length > requestsKeptMax) service.requests.shift();
  return answerRequest(service, read, response, requestId);
}

const notFound: Refusal = { status: 404, type: 'not_found_error', message: 'Not found' };

function refuse(service: Service, response: ServerResponse, requestId: string, refusal: Refusal): void {
  service.violations.add('messages', refusal.type, refusal.message);
  sendProblem(response, requestId, refusal);
}

function sendProblem(
  response: ServerResponse,
  requestId: string,
  { status, type, message }: Refusal,
  headers: Readonly<Record<string, string>> = {},
): void {
  const body = { type: 'error', error: { type, message }, request_id: requestId };
  sendJson(response, status, body, { 'request-id': requestId, ...headers });
}

async function readRequest(service: Service, request: IncomingMessage): Promise<MessagesRequest | Refusal> {
  const { apiKey } = service.options;
  const given =
    request.headers['x-api-key'] ?? /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1];
  if (given !== apiKey) return { status: 401, type: 'authentication_error', message: 'invalid x-api-key' };
  const invalid = (message: string) => ({ status: 400, type: 'invalid_request_error', message });
  const version = request.headers['anthropic-version'];
  if (typeof version !== 'string' || !knownVersions.includes(version))
    return invalid('anthropic-version: header is required');
  const body = parseJson((await readBody(request)).toString('utf8'));
  if (typeof body !== 'object' || body === null) return invalid('the body is not a JSON object');
  const sampling = ['temperature', 'top_p', 'top_k'].find((name) => name in body);
  if (sampling && version === versionWithoutSampling) return invalid(`${sampling}: is not supported`);
  const parsed = requestSchema.safeParse(body);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    return invalid(`${issue?.path.join('.')}: ${issue?.message}`);
  }
  if (!models[parsed.data.model]) return { ...notFound, message: `model: ${parsed.data.model}` };
  const problem = findProblem(parsed.data);
  return problem === undefined ? parsed.data : invalid(problem);
}

async function answerRequest(
  service: Service,
  request: MessagesRequest,
  response: ServerResponse,
  requestId: string,
): Promise<void> {
  const { usage, commit } = service.cache.use(request);
  const answer = service.answer(request);
  const gone = new AbortController();
  response.on('close', () => gone.abort());
  const begin = () => {
    commit();
    countPrompt(service.ledger, usage);
  };
  if (request.stream) {
    const fault = service.faults.take('messages', 'mid-stream-error', 'stall', 'cut', 'no-message-stop');
    const sent = {
      request,
      answer,
      usage,
      requestId,
      fault,
      delays: service.delays,
      signal: gone.signal,
      begin,
    };
    service.ledger.outputTokens += await streamAnswer(response, sent);
    return;
  }
  begin();
  const content = contentOf(answer);
  const outputTokens = outputTokensOf(answer);
  service.ledger.outputTokens += outputTokens;
  sendJson(
    response,
    200,
    { ...messageOf(request, usage, outputTokens), content, stop_reason: stopReasonOf(answer) },
    { 'request-id': requestId },
  );
}

function countPrompt(ledger: AnthropicLedger, usage: PromptUsage): void {
  ledger.requests += 1;
  ledger.inputTokens += usage.inputTokens;
  ledger.cacheWrite5mTokens += usage.write5mTokens;
  ledger.cacheWrite1hTokens += usage.write1hTokens;
  ledger.cacheReadTokens += usage.readTokens;
}

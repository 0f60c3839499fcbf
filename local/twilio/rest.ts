/** The REST side: list, look at, place, change and end calls. Source: Twilio, "Call resource". */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { SimulatedCall } from './call.ts';
import type { CallRegistry } from './call-registry.ts';
import { callResource, listCalls } from './call-resource.ts';
import type { Faults } from './faults.ts';
import { createCallPlacer } from './place-call.ts';
import { isAddress, methodOf, type RestAnswer, refuse, twimlCharsMax } from './rest-answer.ts';
import type { Callee } from './scripted-callee.ts';
import type { ExchangeSettings } from './settings.ts';
import { balance, usageRecords } from './usage-records.ts';
import { pause } from './waiting.ts';

export interface RestOptions {
  readonly settings: ExchangeSettings;
  readonly faults: Faults;
  readonly calls: CallRegistry;
  readonly ring: Callee;
}

const bodyBytesMax = 64 * 1024;
const formType = 'application/x-www-form-urlencoded';

/** Never rejects. */
export function createRest(
  options: RestOptions,
): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
  const placeCall = createCallPlacer(options);
  const route = async (request: IncomingMessage): Promise<RestAnswer> => {
    const { settings, calls, faults } = options;
    if (!isAuthentic(request, settings)) return refuse(401, 20_003, 'Authenticate');
    const fault = faults.takeRestFault();
    if (fault) return refuse(fault.status, fault.code, 'Simulated fault');
    const url = new URL(request.url ?? '/', 'http://api');
    const account = `/2010-04-01/Accounts/${settings.accountSid}`;
    if (request.method === 'GET' && url.pathname === `${account}/Usage/Records/Daily.json`)
      return usageRecords(settings, calls.ledger(), url.searchParams);
    if (request.method === 'GET' && url.pathname === `${account}/Balance.json`)
      return balance(settings, calls.ledger());
    const prefix = `${account}/Calls`;
    if (url.pathname === `${prefix}.json`) {
      if (request.method === 'GET') return listCalls(settings, calls.newestFirst(), url.searchParams, prefix);
      if (request.method === 'POST') return withForm(request, placeCall);
      return notAllowed();
    }
    const callSid = new RegExp(`^${prefix}/(CA[0-9a-f]{32})\\.json$`).exec(url.pathname)?.[1];
    const call = callSid === undefined ? undefined : calls.find(callSid);
    if (!call) return refuse(404, 20_404, `The requested resource ${url.pathname} was not found`);
    if (request.method === 'GET') return { status: 200, body: callResource(settings, call) };
    if (request.method === 'POST') return withForm(request, (form) => change(settings, call, form));
    return notAllowed();
  };

  return async (request, response) => {
    const { status, body } = await route(request).catch(() => refuse(500, 20_500, 'Internal server error'));
    await pause(options.faults.restDelayMs());
    response.writeHead(status, { 'content-type': 'application/json', 'x-twilio-simulated': 'true' });
    response.end(JSON.stringify(body));
  };
}

const notAllowed = () => refuse(405, 20_004, 'Method not allowed');

function isAuthentic(request: IncomingMessage, { accountSid, authToken }: ExchangeSettings): boolean {
  const expected = `Basic ${Buffer.from(`${accountSid}:${authToken}`).toString('base64')}`;
  return request.headers.authorization === expected;
}

async function withForm(
  request: IncomingMessage,
  answer: (form: URLSearchParams) => RestAnswer,
): Promise<RestAnswer> {
  if (!request.headers['content-type']?.toLowerCase().startsWith(formType))
    return refuse(415, 20_415, `The body must be ${formType}`);
  const parts: Buffer[] = [];
  let length = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    length += part.length;
    if (length > bodyBytesMax) return refuse(413, 20_413, 'The body is too large');
    parts.push(part);
  }
  return answer(new URLSearchParams(Buffer.concat(parts).toString('utf8')));
}

const notInProgress = () => refuse(400, 21_220, 'Call is not in-progress. Cannot redirect.');

function change(settings: ExchangeSettings, call: SimulatedCall, form: URLSearchParams): RestAnswer {
  const [status, twiml, url] = [form.get('Status'), form.get('Twiml'), form.get('Url')];
  if (call.isOver()) {
    if (settings.overCallAnswer === 'not-found')
      return refuse(404, 20_404, 'The requested resource was not found');
    return notInProgress();
  }
  if (status !== null) return end(settings, call, status);
  if (twiml !== null && url !== null) return refuse(400, 20_001, 'Twiml and Url exclude each other');
  if (!call.isAnswered() && (twiml !== null || url !== null)) return notInProgress();
  if (twiml !== null) {
    if (twiml.length > twimlCharsMax)
      return refuse(400, 32_018, `Twiml has more than ${twimlCharsMax} characters`);
    // What it says is looked at when it is executed: a mistake ends the call, not the request.
    call.update({ kind: 'twiml', twiml });
  } else if (url !== null) {
    const method = methodOf(form.get('Method'));
    if (!isAddress(url)) return refuse(400, 21_205, 'Url is not a valid URL');
    if (!method) return refuse(400, 20_001, 'Method must be GET or POST');
    call.update({ kind: 'update', address: { url, method } });
  }
  return { status: 200, body: callResource(settings, call) };
}

function end(settings: ExchangeSettings, call: SimulatedCall, status: string): RestAnswer {
  if (status !== 'completed' && status !== 'canceled')
    return refuse(400, 20_001, 'Status must be completed or canceled');
  // A call that is already answered cannot be cancelled; asking for it changes nothing.
  if (status === 'completed' || !call.isAnswered()) call.hangUp();
  return { status: 200, body: callResource(settings, call) };
}

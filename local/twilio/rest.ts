/** The REST side: look at, change and end live calls. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { SimulatedCall } from './call.ts';
import { parseTwiml, TwimlError } from './twiml-parser.ts';

export interface RestOptions {
  readonly accountSid: string;
  readonly authToken: string;
  readonly calls: ReadonlyMap<string, SimulatedCall>;
}

interface RestAnswer {
  readonly status: number;
  readonly body: object;
}

const twimlCharsMax = 4_000;
const bodyBytesMax = 64 * 1024;

const failure = (status: number, code: number, message: string): RestAnswer => ({
  status,
  body: { code, message, more_info: `https://www.twilio.com/docs/errors/${code}`, status },
});

const notFound = () => failure(404, 20_404, 'The requested resource was not found');

export async function answerRest(
  options: RestOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { status, body } = await decide(options, request);
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}

async function decide(options: RestOptions, request: IncomingMessage): Promise<RestAnswer> {
  const { accountSid, authToken, calls } = options;
  const expected = `Basic ${Buffer.from(`${accountSid}:${authToken}`).toString('base64')}`;
  if (request.headers.authorization !== expected) return failure(401, 20_003, 'Authenticate');
  const path = (request.url ?? '').split('?')[0] ?? '';
  const prefix = `/2010-04-01/Accounts/${accountSid}/Calls`;
  if (path === `${prefix}.json` && request.method === 'GET')
    return { status: 200, body: { calls: [...calls.values()].map((call) => resource(accountSid, call)) } };
  const callSid = new RegExp(`^${prefix}/(CA[0-9a-f]{32})\\.json$`).exec(path)?.[1];
  const call = callSid === undefined ? undefined : calls.get(callSid);
  if (!call) return notFound();
  if (request.method === 'GET') return { status: 200, body: resource(accountSid, call) };
  if (request.method !== 'POST') return failure(405, 20_004, 'Method not allowed');
  return change(options, call, new URLSearchParams(await readBody(request)));
}

function change({ accountSid }: RestOptions, call: SimulatedCall, form: URLSearchParams): RestAnswer {
  const status = form.get('Status');
  const twiml = form.get('Twiml');
  const url = form.get('Url');
  if (call.isOver())
    return failure(400, 21_220, 'Unable to update record. Call is not in-progress. Cannot redirect.');
  if (status !== null) {
    if (status !== 'completed') return failure(400, 20_001, 'Invalid Status');
    call.hangUp();
  } else if (twiml !== null && url !== null) return failure(400, 21_218, 'Twiml and Url exclude each other');
  else if (twiml !== null) {
    if (twiml.length > twimlCharsMax) return failure(400, 32_018, 'Twiml is too long');
    try {
      parseTwiml(twiml);
    } catch (error) {
      if (error instanceof TwimlError) return failure(400, error.code, error.message);
      throw error;
    }
    call.redirect({ twiml });
  } else if (url !== null) {
    if (!URL.canParse(url)) return failure(400, 21_205, 'Url is not valid');
    call.redirect({ url });
  }
  return { status: 200, body: resource(accountSid, call) };
}

function resource(accountSid: string, { callSid, ledger }: SimulatedCall): object {
  return {
    sid: callSid,
    account_sid: accountSid,
    to: ledger.to,
    from: ledger.from,
    status: ledger.status,
    duration: String(Math.round(ledger.durationSecs)),
    price: null,
    price_unit: 'USD',
    direction: ledger.direction,
    api_version: '2010-04-01',
  };
}

async function readBody(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  let length = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    length += part.length;
    if (length > bodyBytesMax) break;
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
}

/** Twilio's REST API as far as calls go, over real HTTP: as strict as the documented one, and it fails on demand. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { type CallSid, callSidSchema } from '#core/ids.ts';

export interface RestRequest {
  readonly method: string;
  readonly path: string;
  readonly params: readonly (readonly [string, string])[];
}

/** How the next request goes wrong: an answer, or none that is whole. */
export type RestFault =
  | { readonly status: number; readonly body?: string; readonly headers?: Record<string, string> }
  | 'cut'
  | 'cut-in-answer'
  | 'silent';

export interface StrictRest {
  readonly url: string;
  readonly accountSid: string;
  readonly authToken: string;
  /** A call that goes on. */
  addCall(): CallSid;
  /** The call ends by itself. `forgotten`: Twilio no longer finds it. */
  endCall(callSid: CallSid, how?: 'over' | 'forgotten'): void;
  isLive(callSid: CallSid): boolean;
  /** The TwiML a call runs, if it was changed. */
  twimlOf(callSid: CallSid): string | undefined;
  failNext(fault: RestFault): void;
  /** Resolves when a request that gets no answer has arrived. */
  arrived(): Promise<unknown>;
  requests(): readonly RestRequest[];
  close(): Promise<void>;
}

const errorBody = (code: number, status: number, message: string) =>
  JSON.stringify({ code, message, more_info: `https://www.twilio.com/docs/errors/${code}`, status });

/** An address where nobody listens any more. */
export async function deadAddress(): Promise<string> {
  const { url, close } = await startStrictRest();
  await close();
  return url;
}

export async function startStrictRest(): Promise<StrictRest> {
  const accountSid = `AC${'a'.repeat(32)}`;
  const authToken = '0123456789abcdef0123456789abcdef';
  const live = new Map<string, { twiml?: string }>();
  const over = new Set<string>();
  const requests: RestRequest[] = [];
  const faults: RestFault[] = [];
  let calls = 0;

  const addCall = () => {
    calls += 1;
    const callSid = callSidSchema.parse(`CA${String(calls).padStart(32, '0')}`);
    live.set(callSid, {});
    return callSid;
  };
  const create = (form: URLSearchParams): [number, string] => {
    const instructions = ['Url', 'Twiml', 'ApplicationSid'].filter((name) => form.has(name));
    if (instructions.length !== 1) return [400, errorBody(21_205, 400, 'Url parameter is required')];
    if (!/^\+\d{7,15}$/.test(form.get('To') ?? '')) return [400, errorBody(21_211, 400, "Invalid 'To'")];
    return [201, JSON.stringify({ sid: addCall(), status: 'queued', to: form.get('To'), price: null })];
  };
  const change = (callSid: string, form: URLSearchParams): [number, string] => {
    const call = live.get(callSid);
    if (!call && over.has(callSid)) return [400, errorBody(21_220, 400, 'Call is not in-progress')];
    if (!call) return [404, errorBody(20_404, 404, 'The requested resource was not found')];
    const twiml = form.get('Twiml');
    if ((twiml?.length ?? 0) > 4_000) return [400, errorBody(32_018, 400, 'Twiml is too long')];
    if (form.get('Status') === 'completed') {
      live.delete(callSid);
      over.add(callSid);
    } else if (twiml !== null) call.twiml = twiml;
    else return [400, errorBody(20_001, 400, 'Nothing to change')];
    return [200, JSON.stringify({ sid: callSid, status: 'in-progress' })];
  };
  const decide = (request: IncomingMessage, path: string, form: URLSearchParams): [number, string] => {
    const expected = `Basic ${Buffer.from(`${accountSid}:${authToken}`).toString('base64')}`;
    if (request.headers.authorization !== expected) return [401, errorBody(20_003, 401, 'Authenticate')];
    const prefix = `/2010-04-01/Accounts/${accountSid}/Calls`;
    const isForm = request.headers['content-type'] === 'application/x-www-form-urlencoded';
    if (request.method !== 'POST' || !isForm || !path.startsWith(prefix))
      return [404, errorBody(20_404, 404, 'The requested resource was not found')];
    if (path === `${prefix}.json`) return create(form);
    return change(path.slice(prefix.length + 1).replace(/\.json$/, ''), form);
  };
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const path = request.url ?? '';
    const form = new URLSearchParams(await text(request));
    requests.push({ method: request.method ?? '', path, params: [...form] });
    const fault = faults.shift();
    if (fault === 'silent') return void server.emit('arrived');
    if (fault === 'cut') return void request.socket.destroy();
    if (fault === 'cut-in-answer') {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': '500' });
      response.write('{"sid":', () => request.socket.destroy());
      return;
    }
    const [status, body] = fault ? [fault.status, fault.body ?? ''] : decide(request, path, form);
    response.writeHead(status, { 'content-type': 'application/json', ...(fault?.headers ?? {}) });
    response.end(body);
  };
  const server = createServer((request, response) => void answer(request, response));
  await once(server.listen(0, '127.0.0.1'), 'listening');

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    accountSid,
    authToken,
    addCall,
    endCall(callSid, how = 'over') {
      live.delete(callSid);
      if (how === 'over') over.add(callSid);
    },
    isLive: (callSid) => live.has(callSid),
    twimlOf: (callSid) => live.get(callSid)?.twiml,
    failNext: (fault) => void faults.push(fault),
    arrived: () => once(server, 'arrived'),
    requests: () => requests,
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

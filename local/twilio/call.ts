/** One inbound call at the simulated Twilio: rings, asks for TwiML, executes it until the call is over. */
import { randomBytes } from 'node:crypto';
import { type CallLedger, closeLedger, newCallLedger } from './ledger.ts';
import { runStream } from './media-stream.ts';
import type { PhoneLine } from './phone-line.ts';
import { parseTwiml, type TwimlElement, TwimlError } from './twiml-parser.ts';
import { callWebhook } from './webhook.ts';

/** How the simulated person at the other end of a `<Dial>` behaves. */
export type DialBehaviour = 'answers' | 'busy' | 'no-answer';

export interface CallOptions {
  readonly accountSid: string;
  readonly authToken: string;
  readonly from: string;
  readonly to: string;
  readonly voiceUrl: string;
  readonly statusCallback: string | undefined;
  readonly line: PhoneLine;
  readonly dial: DialBehaviour;
}

export interface SimulatedCall {
  readonly callSid: string;
  readonly ledger: CallLedger;
  isOver(): boolean;
  hangUp(): void;
  dtmf(digit: string): void;
  /** Drops the running document and executes this one: a REST update. */
  redirect(next: { readonly twiml: string } | { readonly url: string }): void;
  readonly done: Promise<void>;
}

interface Call extends CallOptions {
  readonly callSid: string;
  readonly ledger: CallLedger;
  readonly digits: Set<(digit: string) => void>;
  /** Ends the call. */
  readonly hangUp: AbortController;
  /** Ends the document that runs now. */
  document: AbortController;
  next: { readonly twiml: string } | { readonly url: string } | undefined;
  answeredAt: number | undefined;
  /** The answer of the last action or webhook, to be executed. */
  answered: boolean;
}

/** Spoken text takes its time, about fifteen characters a second. */
const sayMsPerChar = 66;
const codes = {
  fetchFailed: 11_200,
  notSecure: 31_922,
  query: 31_920,
  track: 31_941,
  parameter: 31_951,
} as const;
const parameterCharsMax = 500;

export function startCall(options: CallOptions): SimulatedCall {
  const callSid = `CA${randomBytes(16).toString('hex')}`;
  const call: Call = {
    ...options,
    callSid,
    ledger: newCallLedger(callSid, options.from, options.to),
    digits: new Set(),
    hangUp: new AbortController(),
    document: new AbortController(),
    next: undefined,
    answeredAt: undefined,
    answered: false,
  };
  options.line.send({ type: 'ringing', callSid });
  const done = run(call);
  return {
    callSid,
    ledger: call.ledger,
    isOver: () => call.ledger.status !== 'ringing' && call.ledger.status !== 'in-progress',
    hangUp: () => call.hangUp.abort(),
    dtmf: (digit) => {
      for (const listener of call.digits) listener(digit);
    },
    redirect(next) {
      call.next = next;
      call.document.abort();
    },
    done,
  };
}

async function run(call: Call): Promise<void> {
  let next: Call['next'] = { url: call.voiceUrl };
  let status = 'completed';
  try {
    while (next !== undefined && !call.hangUp.signal.aborted) {
      call.document = new AbortController();
      call.hangUp.signal.addEventListener('abort', () => call.document.abort(), { once: true });
      const verbs: readonly TwimlElement[] =
        'twiml' in next ? parseTwiml(next.twiml) : await fetchTwiml(call, next.url);
      call.next = undefined;
      next = (await execute(call, verbs)) ?? call.next;
    }
  } catch (error) {
    const code = error instanceof TwimlError ? error.code : codes.fetchFailed;
    violate(call, code, error instanceof Error ? error.message : 'unknown');
    if (call.answeredAt === undefined) status = 'failed';
  }
  if (call.ledger.status === 'busy') status = 'busy';
  closeLedger(call.ledger, status, call.answeredAt === undefined ? 0 : performance.now() - call.answeredAt);
  if (call.statusCallback !== undefined) await sendStatus(call, call.statusCallback);
  call.line.send({ type: 'ended', status, ledger: call.ledger });
}

const violate = (call: Call, code: number, problem: string) =>
  void call.ledger.violations.push({ code, problem });

function standardParameters(call: Call): Record<string, string> {
  return {
    AccountSid: call.accountSid,
    ApiVersion: '2010-04-01',
    CallSid: call.callSid,
    CallStatus:
      call.answeredAt === undefined ? 'ringing' : call.hangUp.signal.aborted ? 'completed' : 'in-progress',
    Called: call.to,
    CalledCountry: 'US',
    Caller: call.from,
    CallerCountry: 'US',
    CallerCity: '',
    Direction: 'inbound',
    From: call.from,
    FromCity: '',
    FromCountry: 'US',
    StirVerstat: 'TN-Validation-Passed-A',
    To: call.to,
    ToCountry: 'US',
  };
}

/** Asks the application. Throws `TwimlError` when what comes back cannot be executed. */
async function fetchTwiml(
  call: Call,
  url: string,
  extra: Record<string, string> = {},
): Promise<readonly TwimlElement[]> {
  const params = { ...standardParameters(call), ...extra };
  const answer = await callWebhook({ authToken: call.authToken, url, method: 'POST', params });
  call.ledger.webhooks.push({ url: answer.url, status: answer.status, durationMs: answer.durationMs });
  if (answer.status < 200 || answer.status > 299)
    throw new TwimlError(codes.fetchFailed, `The webhook answered ${answer.status}`);
  if (answer.body.trim() === '') return [];
  if (!/^(text|application)\/xml\b/.test(answer.contentType))
    throw new TwimlError(12_300, `The content type ${answer.contentType} is not TwiML's`);
  return parseTwiml(answer.body);
}

/** @returns where the document leads, or undefined at its end. */
async function execute(call: Call, verbs: readonly TwimlElement[]): Promise<Call['next']> {
  for (const verb of verbs) {
    if (call.document.signal.aborted) return call.next;
    if (verb.name === 'Reject' && call.answeredAt === undefined) {
      call.ledger.status = 'busy';
      return undefined;
    }
    answerCall(call);
    const outcome = await executeVerb(call, verb);
    if (outcome.done) return outcome.next;
  }
  return undefined;
}

interface VerbOutcome {
  /** The rest of the document is not executed. */
  readonly done: boolean;
  readonly next?: Call['next'];
}

async function executeVerb(call: Call, verb: TwimlElement): Promise<VerbOutcome> {
  switch (verb.name) {
    case 'Say':
      call.line.send({ type: 'said', text: verb.text });
      await pause(verb.text.length * sayMsPerChar, call.document.signal);
      return { done: false };
    case 'Pause':
      await pause(Number(verb.attributes['length'] ?? 1) * 1000, call.document.signal);
      return { done: false };
    case 'Redirect':
      return { done: true, next: { url: new URL(verb.text, call.voiceUrl).toString() } };
    case 'Hangup':
    case 'Reject':
      return { done: true };
    case 'Dial':
      return executeDial(call, verb);
    default:
      return executeConnect(call, verb);
  }
}

function answerCall(call: Call): void {
  if (call.answeredAt !== undefined) return;
  call.answeredAt = performance.now();
  call.ledger.status = 'in-progress';
  call.line.send({ type: 'answered' });
}

async function executeConnect(call: Call, connect: TwimlElement): Promise<VerbOutcome> {
  const [stream] = connect.children;
  if (!stream) throw new TwimlError(12_200, '<Connect> is empty');
  const problem = streamProblem(stream);
  if (problem) violate(call, problem.code, problem.text);
  else await connectStream(call, stream);
  if (call.next !== undefined) return { done: true, next: call.next };
  const action = connect.attributes['action'];
  if (action === undefined) return { done: false };
  return askAction(call, action, {});
}

/** After an action the rest of the document is not executed: its answer is. */
async function askAction(call: Call, action: string, extra: Record<string, string>): Promise<VerbOutcome> {
  const verbs = await fetchTwiml(call, new URL(action, call.voiceUrl).toString(), extra);
  // A caller who has hung up hears nothing any more: the action was only told.
  if (call.hangUp.signal.aborted) return { done: true };
  return { done: true, next: await execute(call, verbs) };
}

const loopbackHosts = new Set(['127.0.0.1', 'localhost', '[::1]']);

function streamProblem(stream: TwimlElement): { readonly code: number; readonly text: string } | undefined {
  const url = URL.parse(stream.attributes['url'] ?? '');
  if (!url) return { code: 31_923, text: 'the stream URL is malformed' };
  const secure = url.protocol === 'wss:' || (url.protocol === 'ws:' && loopbackHosts.has(url.hostname));
  if (!secure) return { code: codes.notSecure, text: 'the stream URL is not wss' };
  if (url.search !== '') return { code: codes.query, text: 'the stream URL has a query' };
  if ((stream.attributes['track'] ?? 'inbound_track') !== 'inbound_track')
    return { code: codes.track, text: 'a connected stream has the inbound track only' };
  const long = stream.children.find(
    ({ attributes }) => `${attributes['name']}${attributes['value']}`.length >= parameterCharsMax,
  );
  return long ? { code: codes.parameter, text: 'a parameter has 500 characters or more' } : undefined;
}

async function connectStream(call: Call, stream: TwimlElement): Promise<void> {
  const parameters = Object.fromEntries(
    stream.children.map(({ attributes }) => [attributes['name'] ?? '', attributes['value'] ?? '']),
  );
  const callback = stream.attributes['statusCallback'];
  const tell = (event: string, streamSid: string, error?: number) => {
    if (callback === undefined) return;
    const params = {
      ...standardParameters(call),
      StreamSid: streamSid,
      StreamName: '',
      StreamEvent: event,
      Timestamp: new Date().toISOString(),
      ...(error === undefined ? {} : { StreamError: `Stream error ${error}` }),
    };
    callWebhook({ authToken: call.authToken, url: callback, method: 'POST', params }).then(
      ({ status }) => {
        if (status > 299) violate(call, codes.fetchFailed, `the stream callback answered ${status}`);
      },
      () => violate(call, codes.fetchFailed, 'the stream callback did not answer'),
    );
  };
  const ended = await runStream({
    authToken: call.authToken,
    accountSid: call.accountSid,
    callSid: call.callSid,
    url: stream.attributes['url'] ?? '',
    parameters,
    line: call.line,
    signal: call.document.signal,
    onDigits(listener) {
      call.digits.add(listener);
      return () => call.digits.delete(listener);
    },
    onStarted(streamSid) {
      call.line.send({ type: 'stream-started', streamSid });
      tell('stream-started', streamSid);
    },
    onViolation: (violation) => void call.ledger.violations.push(violation),
  });
  call.ledger.streamSecs += ended.secs;
  if (ended.error !== undefined) violate(call, ended.error, 'the stream did not end as it should');
  tell(ended.error === undefined ? 'stream-stopped' : 'stream-error', ended.streamSid, ended.error);
}

const dialSecs = { answers: 2, busy: 0.2, 'no-answer': 1 } as const;
const dialStatus = { answers: 'completed', busy: 'busy', 'no-answer': 'no-answer' } as const;

async function executeDial(call: Call, dial: TwimlElement): Promise<VerbOutcome> {
  const number = dial.children[0]?.text ?? dial.text;
  if (!/^\+[1-9]\d{6,14}$/.test(number)) violate(call, 13_223, 'the number to dial is not E.164');
  call.ledger.dialled.push(number);
  await pause(dialSecs[call.dial] * 1000, call.document.signal);
  const action = dial.attributes['action'];
  if (action === undefined) return { done: false };
  const answered = call.dial === 'answers';
  return askAction(call, action, {
    DialCallStatus: dialStatus[call.dial],
    DialCallSid: `CA${randomBytes(16).toString('hex')}`,
    DialBridged: String(answered),
    ...(answered ? { DialCallDuration: String(dialSecs.answers) } : {}),
  });
}

async function sendStatus(call: Call, url: string): Promise<void> {
  const params = {
    ...standardParameters(call),
    CallStatus: call.ledger.status,
    CallDuration: String(Math.round(call.ledger.durationSecs)),
    Duration: String(call.ledger.billedMinutes),
    Timestamp: new Date().toUTCString(),
    CallbackSource: 'call-progress-events',
    SequenceNumber: '0',
  };
  await callWebhook({ authToken: call.authToken, url, method: 'POST', params }).then(
    ({ status }) => {
      if (status > 299) violate(call, codes.fetchFailed, `the status callback answered ${status}`);
    },
    () => violate(call, codes.fetchFailed, 'the status callback did not answer'),
  );
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted || ms <= 0) return Promise.resolve();
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done, { once: true });
  });
}

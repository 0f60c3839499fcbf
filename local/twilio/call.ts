/** One call from its first ring to its end, whoever began it. */
import { randomBytes } from 'node:crypto';
import { createDocuments } from './documents.ts';
import type { Faults } from './faults.ts';
import type { Instruction } from './instruction.ts';
import { type CallLedger, closeLeg } from './ledger.ts';
import { type Address, createLiveCall, type LiveCall } from './live-call.ts';
import { detectMachine, type MachineDetection } from './machine-detection.ts';
import type { PhoneLine } from './phone-line.ts';
import type { Callee, CalleeAnswer } from './scripted-callee.ts';
import type { ExchangeSettings } from './settings.ts';
import type { Parameters } from './signature.ts';
import {
  createStatusCallbacks,
  finalParameters,
  type StatusCallbackOptions,
  type StatusCallbacks,
} from './status-callbacks.ts';
import { aborted, pause } from './waiting.ts';

interface CallOptions {
  readonly settings: ExchangeSettings;
  readonly faults: Faults;
  readonly ring: Callee;
  readonly from: string;
  readonly to: string;
  readonly fallbackUrl: string | undefined;
  readonly statusCallback: StatusCallbackOptions | undefined;
}

export interface InboundOptions extends CallOptions {
  readonly voice: Address;
  readonly params: Parameters;
  readonly phone: PhoneLine;
}

export interface OutboundOptions extends CallOptions {
  readonly first: Instruction;
  /** Milliseconds until nobody has answered. */
  readonly ringMs: number;
  readonly limitMs: number;
  readonly machineDetection: MachineDetection | undefined;
}

export interface SimulatedCall {
  readonly callSid: string;
  readonly ledger: CallLedger;
  /** When it was asked for, milliseconds of the wall clock. */
  readonly createdAtMs: number;
  /** How long an outbound call waited for its turn. */
  queueTimeMs: number;
  /** Its status is final. */
  isOver(): boolean;
  isAnswered(): boolean;
  hangUp(): void;
  press(digit: string): void;
  /** Drops the document that runs and executes this: what a REST update does. */
  update(next: Instruction): void;
  /** Resolves when it is over and everybody has been told. */
  readonly done: Promise<void>;
}

const newCallSid = () => `CA${randomBytes(16).toString('hex')}`;
/** Longest call, as Twilio limits it. */
const limitMsUsual = 14_400_000;
const finalStatuses: ReadonlySet<string> = new Set(['completed', 'busy', 'failed', 'no-answer', 'canceled']);

/** A phone has dialled one of the account's numbers. */
export function startInboundCall(options: InboundOptions): SimulatedCall {
  const call = createLiveCall({ ...options, callSid: newCallSid(), direction: 'inbound', status: 'ringing' });
  const documents = createDocuments(call, { baseUrl: options.voice.url, fallbackUrl: options.fallbackUrl });
  const callbacks = createStatusCallbacks(call, options.statusCallback);
  call.show({ type: 'ringing', callSid: call.callSid });
  const run = async () => {
    await withinLimit(call, limitMsUsual, documents.run({ kind: 'voice', address: options.voice }));
    await close(call, callbacks, inboundStatus(call));
  };
  return handleOf(call, documents.update, run());
}

function inboundStatus(call: LiveCall): string {
  const { status, webhooks } = call.ledger;
  if (call.answeredAtMs() === undefined) return status === 'ringing' ? 'failed' : status;
  // A caller who heard nothing but the apology for a missing document was not served.
  const served = webhooks.some(
    ({ kind, status: code }) => isDocument.has(kind) && code >= 200 && code <= 299,
  );
  return served ? 'completed' : 'failed';
}

const isDocument: ReadonlySet<string> = new Set(['voice', 'fallback']);

/** The account calls somebody. @param turn resolves when the account may begin another call. */
export function startOutboundCall(options: OutboundOptions, turn: Promise<void>): SimulatedCall {
  const call = createLiveCall({
    ...options,
    callSid: newCallSid(),
    direction: 'outbound-api',
    status: 'queued',
    params: {},
    phone: undefined,
  });
  const baseUrl = options.first.kind === 'twiml' ? '' : options.first.address.url;
  const documents = createDocuments(call, { baseUrl, fallbackUrl: options.fallbackUrl });
  const callbacks = createStatusCallbacks(call, options.statusCallback);
  const run = async () => {
    await Promise.race([turn, aborted(call.over)]);
    handle.queueTimeMs = Date.now() - handle.createdAtMs;
    const answer = call.over.aborted ? undefined : await reach(call, callbacks, options);
    if (answer?.did !== 'answer') return close(call, callbacks, unansweredStatus(call, answer));
    callbacks.tell('answered', 'in-progress');
    call.background(aborted(AbortSignal.any([answer.gone, call.over])).then(call.hangUp));
    const machine = await detectMachine(call, answer.answeredBy, options.machineDetection);
    const first: Instruction =
      options.first.kind === 'twiml' ? options.first : { ...options.first, extra: machine };
    await withinLimit(call, options.limitMs, documents.run(first));
    answer.release();
    await close(call, callbacks, 'completed', machine);
  };
  const handle = handleOf(
    call,
    documents.update,
    Promise.resolve().then(() => run()),
  );
  return handle;
}

async function reach(
  call: LiveCall,
  callbacks: StatusCallbacks,
  { ring, ringMs }: OutboundOptions,
): Promise<CalleeAnswer> {
  callbacks.tell('initiated', 'initiated');
  call.setStatus('ringing');
  callbacks.tell('ringing', 'ringing');
  const signal = AbortSignal.any([call.over, AbortSignal.timeout(ringMs)]);
  const answer = await ring({ callSid: call.callSid, from: call.from, to: call.to, signal });
  if (answer.did !== 'answer') return answer;
  if (signal.aborted) {
    answer.release();
    return { did: 'let-ring' };
  }
  call.answer({ send: () => undefined, ...answer.party });
  return answer;
}

function unansweredStatus(call: LiveCall, answer: CalleeAnswer | undefined): string {
  if (call.over.aborted || !answer) return 'canceled';
  if (answer.did === 'decline') return 'busy';
  return answer.did === 'fail' ? 'failed' : 'no-answer';
}

async function withinLimit(call: LiveCall, limitMs: number, work: Promise<void>): Promise<void> {
  const done = new AbortController();
  const limit = pause(limitMs, AbortSignal.any([done.signal, call.over])).then(() => {
    if (!done.signal.aborted) call.hangUp();
  });
  try {
    await work;
  } finally {
    done.abort();
    await limit;
  }
}

/** Final status by SIP response, as carriers answer. */
const sipCodes: Readonly<Record<string, string>> = {
  completed: '200',
  busy: '486',
  'no-answer': '487',
  canceled: '487',
  failed: '404',
};

async function close(
  call: LiveCall,
  callbacks: StatusCallbacks,
  status: string,
  extra: Parameters = {},
): Promise<void> {
  call.hangUp();
  const [from, to] = [call.answeredAtMs(), call.overAtMs()];
  closeLeg(call.ledger, status, from === undefined || to === undefined ? undefined : to - from);
  callbacks.tell('completed', status, { ...finalParameters(call, sipCodes[status] ?? '200'), ...extra });
  await call.settled();
  call.show({ type: 'ended', status, ledger: call.ledger });
}

function handleOf(call: LiveCall, update: SimulatedCall['update'], done: Promise<void>): SimulatedCall {
  return {
    callSid: call.callSid,
    ledger: call.ledger,
    createdAtMs: Date.now(),
    queueTimeMs: 0,
    isOver: () => finalStatuses.has(call.ledger.status),
    isAnswered: () => call.answeredAtMs() !== undefined,
    hangUp: call.hangUp,
    press: call.press,
    update,
    done,
  };
}

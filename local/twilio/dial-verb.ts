/** `<Dial>`: rings one or more numbers and bridges the caller with the first who answers. */
import { randomBytes } from 'node:crypto';
import { codes, TwilioFailure } from './failure.ts';
import { leadTo, resolveAddress, type VerbOutcome, type Where } from './instruction.ts';
import { closeLeg, type LegNote, newLeg, note } from './ledger.ts';
import type { CalleeAnswer } from './scripted-callee.ts';
import { standardParameters } from './standard-parameters.ts';
import type { TwimlElement } from './twiml-parser.ts';
import { aborted, pause } from './waiting.ts';

const ringSecsUsual = 30;
const limitSecsUsual = 14_400;
const e164 = /^\+[1-9]\d{6,14}$/;

/** One number being dialled. */
interface ChildLeg {
  readonly noun: TwimlElement;
  readonly leg: LegNote;
}

type Answer = Extract<CalleeAnswer, { did: 'answer' }>;
type DialStatus = 'completed' | 'busy' | 'no-answer' | 'failed' | 'canceled';

interface DialEnd {
  readonly status: DialStatus;
  readonly child: ChildLeg;
  readonly durationSecs?: number;
}

export async function executeDial(dial: TwimlElement, where: Where): Promise<VerbOutcome> {
  const { call } = where;
  checkCallerId(dial, where);
  if (dial.attributes['answerOnBridge'] !== 'true') call.answer();
  const nouns = dial.children.length > 0 ? dial.children : [dial];
  const children = nouns.map((noun) => childLeg(noun, dial, where));
  const { status, child, durationSecs } = await connectFirst(children, dial, where);
  const { action, method } = dial.attributes;
  if (action === undefined) return { done: false };
  const extra = {
    DialCallStatus: status,
    DialCallSid: child.leg.callSid,
    DialBridged: String(durationSecs !== undefined),
    ...(durationSecs === undefined ? {} : { DialCallDuration: String(Math.round(durationSecs)) }),
  };
  return { done: true, next: leadTo('action', action, method, where, extra) };
}

/** Shown to the callee: a number of the account, or the caller's own. */
function checkCallerId({ attributes }: TwimlElement, { call }: Where): void {
  const callerId = attributes['callerId'];
  if (callerId === undefined || callerId === call.from || callerId === call.to) return;
  const numbers = call.settings.numbers;
  const owned =
    numbers === undefined ? e164.test(callerId) : numbers.some(({ number }) => number === callerId);
  if (!owned) throw new TwilioFailure(codes.dialCallerId, '<Dial callerId> is not a number of the account');
}

function childLeg(noun: TwimlElement, dial: TwimlElement, { call }: Where): ChildLeg {
  const to = noun.text;
  if (!e164.test(to))
    throw new TwilioFailure(codes.dialNumber, '<Dial> needs a number in E.164, such as +12025550100');
  const leg = newLeg({
    callSid: `CA${randomBytes(16).toString('hex')}`,
    parentCallSid: call.callSid,
    direction: 'outbound-dial',
    from: dial.attributes['callerId'] ?? call.from,
    to,
    status: 'queued',
  });
  note(call.ledger, call.ledger.legs, leg);
  return { noun, leg };
}

async function connectFirst(
  children: readonly ChildLeg[],
  dial: TwimlElement,
  where: Where,
): Promise<DialEnd> {
  const { call, signal } = where;
  const ringMs = Number(dial.attributes['timeout'] ?? ringSecsUsual) * 1000;
  const taken = new AbortController();
  const ringing = AbortSignal.any([signal, taken.signal, AbortSignal.timeout(ringMs)]);
  const won: { first?: { readonly child: ChildLeg; readonly answer: Answer } } = {};
  const ends = await Promise.all(
    children.map(async (child): Promise<DialEnd> => {
      tellStatus(child, 'initiated', where);
      child.leg.status = 'ringing';
      call.show({ type: 'dialling', number: child.leg.to });
      tellStatus(child, 'ringing', where);
      const { callSid, from, to } = child.leg;
      const answer = await call.ring({ callSid, from, to, signal: ringing });
      if (answer.did === 'answer' && !won.first && !signal.aborted) {
        won.first = { child, answer };
        taken.abort();
        return { status: 'completed', child };
      }
      if (answer.did === 'answer') answer.release();
      const status = statusOf(answer, signal.aborted || taken.signal.aborted);
      closeLeg(child.leg, status, undefined);
      tellStatus(child, 'completed', where);
      return { status, child };
    }),
  );
  if (won.first) return bridge(won.first.child, won.first.answer, dial, where);
  return ends[0] ?? { status: 'failed', child: children[0] as ChildLeg };
}

function statusOf({ did }: CalleeAnswer, givenUp: boolean): DialStatus {
  if (givenUp) return 'canceled';
  if (did === 'decline') return 'busy';
  return did === 'fail' ? 'failed' : 'no-answer';
}

async function bridge(child: ChildLeg, answer: Answer, dial: TwimlElement, where: Where): Promise<DialEnd> {
  const { call, signal } = where;
  const limitMs = Number(dial.attributes['timeLimit'] ?? limitSecsUsual) * 1000;
  const startedAtMs = performance.now();
  child.leg.status = 'in-progress';
  child.leg.answeredAt = new Date().toISOString();
  call.answer();
  call.show({ type: 'bridged', number: child.leg.to });
  tellStatus(child, 'answered', where);
  answer.party.send?.({ type: 'answered' });
  const disconnect = call.line.connect(answer.party);
  const star = new AbortController();
  const stopDigits = call.onDigit((digit) => {
    if (digit === '*' && dial.attributes['hangupOnStar'] === 'true') star.abort();
  });
  const either = AbortSignal.any([signal, star.signal]);
  try {
    await Promise.race([aborted(answer.gone), pause(limitMs, either)]);
  } finally {
    stopDigits();
    disconnect();
    answer.release();
    answer.party.send?.({ type: 'ended', status: 'completed' });
  }
  closeLeg(child.leg, 'completed', performance.now() - startedAtMs);
  tellStatus(child, 'completed', where);
  return { status: 'completed', child, durationSecs: child.leg.durationSecs };
}

/** The `<Number>`'s own callbacks: only the events it asks for, and by default only the last. */
function tellStatus({ noun, leg }: ChildLeg, event: string, { call, baseUrl }: Where): void {
  const { statusCallback, statusCallbackMethod, statusCallbackEvent } = noun.attributes;
  if (statusCallback === undefined) return;
  if (!(statusCallbackEvent ?? 'completed').split(' ').includes(event)) return;
  const address = resolveAddress(statusCallback, statusCallbackMethod, baseUrl);
  const described = { ...leg, accountSid: call.settings.accountSid };
  const final = event === 'completed';
  call.background(
    call.tell('dial-status', address, {
      ...standardParameters({ ...described, parentCallSid: call.callSid }),
      Timestamp: new Date().toUTCString(),
      CallbackSource: 'call-progress-events',
      ...(final
        ? { CallDuration: String(Math.round(leg.durationSecs)), Duration: String(leg.billedMinutes) }
        : {}),
    }),
  );
}

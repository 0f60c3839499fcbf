/** What each verb of TwiML does to a call. */
import { executeConnect } from './connect-verb.ts';
import { executeDial } from './dial-verb.ts';
import { leadTo, type VerbOutcome, type Where } from './instruction.ts';
import { say } from './say.ts';
import type { TwimlElement } from './twiml-parser.ts';
import { pause } from './waiting.ts';

const loopsMax = 10;

export async function executeVerb(verb: TwimlElement, where: Where): Promise<VerbOutcome> {
  const { call, signal } = where;
  // A pause or a bridge that comes first lets the phone ring on; a refusal is never an answer.
  const answersItself = ['Reject', 'Pause', 'Dial'].includes(verb.name);
  if (!answersItself) call.answer();
  switch (verb.name) {
    case 'Say':
      for (let i = 0; i < loopsOf(verb); i += 1) await say(call, verb.text, signal);
      return { done: false };
    case 'Play':
      return play(verb, where);
    case 'Pause':
      await pause(Number(verb.attributes['length'] ?? 1) * 1000, signal);
      return { done: false };
    case 'Redirect':
      return { done: true, next: leadTo('redirect', verb.text, verb.attributes['method'], where) };
    case 'Reject':
      if (call.answeredAtMs() === undefined)
        call.setStatus(verb.attributes['reason'] === 'busy' ? 'busy' : 'no-answer');
      return { done: true };
    case 'Connect':
      return executeConnect(verb, where);
    case 'Dial':
      return executeDial(verb, where);
    case 'Gather':
      return gather(verb, where);
    default:
      return { done: true };
  }
}

const loopsOf = ({ attributes }: TwimlElement) =>
  Math.min(Number(attributes['loop'] ?? 1) || loopsMax, loopsMax);

const playMs = 1_000;

/** Files are not fetched: the phone hears a second of nothing where one would play. */
async function play(verb: TwimlElement, { call, signal }: Where): Promise<VerbOutcome> {
  call.show({ type: 'said', text: `(plays ${verb.text || 'tones'})`, durationMs: playMs });
  await pause(playMs, signal);
  return { done: false };
}

const gatherTimeoutSecs = 5;

/** Keys only. What stands inside is said first; a key ends it. */
async function gather(verb: TwimlElement, where: Where): Promise<VerbOutcome> {
  const { call, signal } = where;
  const { attributes } = verb;
  const finish = attributes['finishOnKey'] ?? '#';
  const digitsMax = Number(attributes['numDigits'] ?? Number.POSITIVE_INFINITY);
  const complete = new AbortController();
  let pressed = new AbortController();
  let digits = '';
  const stopListening = call.onDigit((digit) => {
    if (digit === finish) complete.abort();
    else digits += digit;
    if (digits.length >= digitsMax) complete.abort();
    pressed.abort();
  });
  const done = AbortSignal.any([signal, complete.signal]);
  try {
    for (const prompt of verb.children) {
      if (pressed.signal.aborted || done.aborted) break;
      await executeVerb(prompt, { ...where, signal: AbortSignal.any([signal, pressed.signal]) });
    }
    // Every key starts the time anew.
    do {
      pressed = new AbortController();
      await pause(timeoutMsOf(attributes), AbortSignal.any([done, pressed.signal]));
    } while (pressed.signal.aborted && !done.aborted);
  } finally {
    stopListening();
  }
  if (digits === '' && attributes['actionOnEmptyResult'] !== 'true') return { done: false };
  const action = attributes['action'] ?? where.baseUrl;
  return { done: true, next: leadTo('action', action, attributes['method'], where, { Digits: digits }) };
}

const timeoutMsOf = (attributes: TwimlElement['attributes']) =>
  Number(attributes['timeout'] ?? gatherTimeoutSecs) * 1000;

/** A simulated caller: acts out a script on a phone, in real time. */
import { bytesPerMs, silence } from '#core/audio/mulaw.ts';
import type { Synthesiser } from '../speech/synthesiser.ts';
import type { PhoneEvent } from '../twilio/phone-line.ts';
import { type Actor, perform } from './actor.ts';
import { dial } from './phone.ts';
import type { CallerEvent, CallReport } from './report.ts';
import type { Step } from './script.ts';

export type { CallerEvent, CallReport } from './report.ts';

export interface CallerOptions {
  readonly phoneUrl: string;
  readonly voiceUrl: string;
  readonly from: string;
  readonly to: string;
  readonly statusCallback?: string | undefined;
  readonly params?: Readonly<Record<string, string>> | undefined;
  readonly steps: readonly Step[];
  readonly synthesiser: Pick<Synthesiser, 'speak'>;
  /**
   * Address of the simulated recogniser, which has to be told the words of the bytes it will hear: it recognises
   * nothing else. Undefined for a real one.
   */
  readonly recogniserUrl?: string | undefined;
  /** False saves the memory of the recording. */
  readonly keepAudio?: boolean;
  /** Hangs up. */
  readonly signal?: AbortSignal | undefined;
  readonly onEvent?: ((event: CallerEvent) => void) | undefined;
}

/** From hanging up until everybody has been told: the carrier waits 15 s for each of two webhooks. */
const endTimeoutMs = 40_000;

/** Rejects when the exchange cannot be reached or goes away, or when the recogniser refuses an utterance. */
export async function makeCall(options: CallerOptions): Promise<CallReport> {
  const events: CallerEvent[] = [];
  const note = (event: CallerEvent) => {
    events.push(event);
    options.onEvent?.(event);
  };
  const phone = await dial({
    ...options,
    keepAudio: options.keepAudio ?? true,
    onEvent: (event, atMs) => noteLine(event, atMs, note),
  });
  const actor: Actor = {
    options,
    phone,
    note,
    latencies: [],
    bargeIns: [],
    spoken: [],
    askedAtMs: 0,
    hasAsked: false,
    expected: 0,
    heard: 0,
  };
  const stop = () => phone.hangUp();
  options.signal?.addEventListener('abort', stop, { once: true });
  try {
    for (const step of options.steps) {
      if (phone.isOver() || options.signal?.aborted) break;
      await perform(actor, step);
    }
    phone.hangUp();
    return await conclude(actor, events);
  } finally {
    options.signal?.removeEventListener('abort', stop);
    phone.close();
  }
}

async function conclude(actor: Actor, events: readonly CallerEvent[]): Promise<CallReport> {
  const { phone } = actor;
  await phone.until(() => false, endTimeoutMs);
  if (!phone.isOver()) throw new Error('The simulated Twilio does not end the call');
  const { status, ledger } = await phone.ended;
  const heard = phone.heard();
  const answeredAtMs = phone.answeredAtMs();
  return {
    callSid: phone.callSid(),
    status,
    ledger,
    events,
    replyLatenciesMs: actor.latencies,
    bargeInsMs: actor.bargeIns,
    repliesExpected: actor.expected,
    repliesHeard: actor.heard,
    durationMs: answeredAtMs === undefined ? 0 : Math.round(phone.nowMs() - answeredAtMs),
    spoken: layOut(actor.spoken, heard.length, answeredAtMs ?? 0),
    heard,
  };
}

function noteLine(event: PhoneEvent, atMs: number, note: (event: CallerEvent) => void): void {
  const happens = (text: string) => note({ atMs, who: 'line', what: 'happens', text });
  switch (event.type) {
    case 'said':
      return note({ atMs, who: 'line', what: 'announces', text: event.text });
    case 'ringing':
    case 'answered':
      return happens(event.type);
    case 'stream-started':
      return happens('stream connected');
    case 'stream-ended':
      return happens(event.error === undefined ? 'stream ended' : `stream failed (${event.error})`);
    case 'dialling':
      return happens('dials another number');
    case 'bridged':
      return happens('connected with the other number');
    case 'violation':
      return happens(`Twilio reports ${event.code}: ${event.problem}`);
    case 'ended':
      return happens(`call ${event.status}`);
    default:
      return undefined;
  }
}

/** What the caller said, on the clock of what they heard. */
function layOut(spoken: Actor['spoken'], length: number, answeredAtMs: number): Uint8Array {
  const track = silence(length / bytesPerMs);
  for (const { atMs, audio } of spoken) {
    const at = Math.max(0, Math.round((atMs - answeredAtMs) * bytesPerMs));
    if (at < length) track.set(audio.subarray(0, length - at), at);
  }
  return track;
}

/** A simulated caller: acts out a script on a phone, in real time. */
import { silence } from '#core/audio/mulaw.ts';
import type { Synthesiser } from '../speech/synthesiser.ts';
import type { CallLedger } from '../twilio/ledger.ts';
import type { PhoneEvent } from '../twilio/phone-line.ts';
import { dial, type Phone } from './phone.ts';
import type { Step } from './script.ts';

export interface CallerEvent {
  readonly atMs: number;
  readonly who: 'caller' | 'assistant' | 'line';
  readonly text: string;
}

export interface CallerOptions {
  readonly phoneUrl: string;
  readonly voiceUrl: string;
  readonly from: string;
  readonly to: string;
  readonly statusCallback?: string;
  readonly steps: readonly Step[];
  readonly synthesiser: Pick<Synthesiser, 'speak'>;
  /** Address of the simulated recogniser, which must know what a voice will say; none for a real one. */
  readonly recogniserUrl?: string | undefined;
  readonly onEvent?: (event: CallerEvent) => void;
}

export interface CallReport {
  readonly callSid: string | undefined;
  readonly status: string;
  readonly ledger: CallLedger;
  readonly events: readonly CallerEvent[];
  /** From the end of what the caller said to the first sound of the answer, milliseconds. */
  readonly replyLatenciesMs: readonly number[];
  readonly repliesExpected: number;
  readonly repliesHeard: number;
  /** µ-law, on one clock. */
  readonly spoken: Uint8Array;
  readonly heard: Uint8Array;
}

/** The assistant is done when it has been silent for this long. */
const replyOverMs = 1_200;
/** A reply that has not begun by then will not come. */
const replyTimeoutMs = 30_000;
const pollMs = 20;

interface Performance {
  readonly options: CallerOptions;
  readonly phone: Phone;
  readonly events: CallerEvent[];
  readonly latencies: number[];
  readonly spoken: { readonly atByte: number; readonly audio: Uint8Array }[];
  /** Since when an answer is awaited: the end of the caller's last words. */
  askedAtMs: number;
  expected: number;
  heard: number;
}

/** Rejects when the exchange cannot be reached or goes away. */
export async function makeCall(options: CallerOptions): Promise<CallReport> {
  const events: CallerEvent[] = [];
  const note = (event: CallerEvent) => {
    events.push(event);
    options.onEvent?.(event);
  };
  const phone = await dial({
    phoneUrl: options.phoneUrl,
    voiceUrl: options.voiceUrl,
    from: options.from,
    to: options.to,
    ...(options.statusCallback === undefined ? {} : { statusCallback: options.statusCallback }),
    onEvent: (event, atMs) => noteLine(event, atMs, note),
  });
  const act: Performance = {
    options,
    phone,
    events,
    latencies: [],
    spoken: [],
    askedAtMs: 0,
    expected: 0,
    heard: 0,
  };
  for (const step of options.steps) {
    if (phone.isOver) break;
    await perform(act, step, note);
  }
  const { status, ledger } = await phone.ended;
  const heard = phone.heard();
  return {
    callSid: phone.callSid,
    status,
    ledger,
    events,
    replyLatenciesMs: act.latencies,
    repliesExpected: act.expected,
    repliesHeard: act.heard,
    spoken: layOut(act.spoken, heard.length),
    heard,
  };
}

function noteLine(event: PhoneEvent, atMs: number, note: (event: CallerEvent) => void): void {
  if (event.type === 'said') note({ atMs, who: 'assistant', text: event.text });
  if (event.type === 'ringing' || event.type === 'answered') note({ atMs, who: 'line', text: event.type });
  if (event.type === 'stream-started') note({ atMs, who: 'line', text: 'stream started' });
  if (event.type === 'ended') note({ atMs, who: 'line', text: `call ${event.status}` });
}

async function perform(act: Performance, step: Step, note: (event: CallerEvent) => void): Promise<void> {
  const { phone } = act;
  switch (step.do) {
    case 'say':
      return say(act, step.text, note);
    case 'interrupt':
      await until(
        phone,
        () => (phone.soundSinceMs() ?? 0) > act.askedAtMs && isSoundingFor(phone, step.afterMs),
        replyTimeoutMs,
      );
      return say(act, step.text, note);
    case 'wait':
      return until(phone, () => false, step.ms);
    case 'wait-for-reply':
      return waitForReply(act, note);
    case 'cough':
      phone.speak(noise(step.ms));
      note({ atMs: phone.nowMs(), who: 'caller', text: '(coughs)' });
      return until(phone, () => false, step.ms);
    case 'dtmf':
      note({ atMs: phone.nowMs(), who: 'caller', text: `(presses ${step.digit})` });
      act.askedAtMs = phone.nowMs();
      return phone.dtmf(step.digit);
    case 'hang-up':
      note({ atMs: phone.nowMs(), who: 'caller', text: '(hangs up)' });
      return phone.hangUp();
  }
}

const isSoundingFor = (phone: Phone, ms: number): boolean => {
  const since = phone.soundSinceMs();
  return (
    since !== undefined && phone.nowMs() - since >= ms && phone.nowMs() - phone.lastSoundAtMs() < replyOverMs
  );
};

async function say(act: Performance, text: string, note: (event: CallerEvent) => void): Promise<void> {
  const { options, phone } = act;
  const { audio, words } = await options.synthesiser.speak(text);
  if (options.recogniserUrl !== undefined) await announce(options.recogniserUrl, audio, words);
  note({ atMs: phone.nowMs(), who: 'caller', text });
  act.spoken.push({ atByte: phone.heardBytes(), audio });
  phone.speak(audio);
  const lengthMs = audio.length / 8;
  await until(phone, () => false, lengthMs);
  act.askedAtMs = phone.nowMs();
}

/** Tells the simulated recogniser which words these bytes are; it recognises them only when they arrive. */
async function announce(url: string, audio: Uint8Array, words: readonly object[]): Promise<void> {
  const response = await fetch(`${url}/_simulated/utterances`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ audio: Buffer.from(audio).toString('base64'), words }),
  });
  if (!response.ok) throw new Error(`The simulated recogniser refused an utterance: ${response.status}`);
}

async function waitForReply(act: Performance, note: (event: CallerEvent) => void): Promise<void> {
  const { phone } = act;
  act.expected += 1;
  const began = () => (phone.soundSinceMs() ?? 0) > act.askedAtMs && phone.lastSoundAtMs() > act.askedAtMs;
  await until(phone, began, replyTimeoutMs);
  const startedAtMs = phone.soundSinceMs();
  if (startedAtMs === undefined || !began()) return;
  if (act.askedAtMs > 0) act.latencies.push(Math.round(startedAtMs - act.askedAtMs));
  note({ atMs: startedAtMs, who: 'assistant', text: '(begins to speak)' });
  await until(phone, () => phone.nowMs() - phone.lastSoundAtMs() > replyOverMs, replyTimeoutMs);
  act.heard += 1;
  act.askedAtMs = phone.lastSoundAtMs();
}

/** Waits on the phone's clock until the condition holds, the time is over, or the call is. */
async function until(phone: Phone, condition: () => boolean, limitMs: number): Promise<void> {
  const deadlineMs = phone.nowMs() + limitMs;
  while (!phone.isOver && !condition() && phone.nowMs() < deadlineMs)
    await new Promise((resolve) =>
      setTimeout(resolve, Math.min(pollMs, Math.max(1, deadlineMs - phone.nowMs()))),
    );
}

/** A loud hiss that no recogniser takes for words. */
function noise(ms: number): Uint8Array {
  const audio = silence(ms);
  for (let i = 0; i < audio.length; i += 1) audio[i] = (i * 2_654_435_761) % 97 > 48 ? 0x30 : 0xb0;
  return audio;
}

function layOut(spoken: Performance['spoken'], length: number): Uint8Array {
  const track = silence(length / 8);
  for (const { atByte, audio } of spoken)
    track.set(audio.subarray(0, Math.max(0, length - atByte)), Math.min(atByte, length));
  return track;
}

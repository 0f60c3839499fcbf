/** Acts out the steps of a script. */
import { encodeMulaw, frameMs, sampleRateHz } from '#core/audio/mulaw.ts';
import type { CallerOptions } from './caller.ts';
import type { Phone } from './phone.ts';
import type { CallerEvent } from './report.ts';
import { replyOverMs, type Step } from './script.ts';

export interface Actor {
  readonly options: CallerOptions;
  readonly phone: Phone;
  readonly note: (event: CallerEvent) => void;
  readonly latencies: number[];
  readonly bargeIns: number[];
  readonly spoken: { readonly atMs: number; readonly audio: Uint8Array }[];
  /** Since when an answer is awaited: the end of what the caller did last. */
  askedAtMs: number;
  /** They said or pressed something that nobody has reacted to yet: the time to the next sound is a latency. */
  hasAsked: boolean;
  expected: number;
  heard: number;
}

/** A reply that has not begun by then, or has not ended, will not. */
const replyTimeoutMs = 30_000;
const longestReplyMs = 120_000;
/** Sound that goes on for so long after the caller's words is the reply, although it began before. */
const talkingOnMs = 600;

export async function perform(actor: Actor, step: Step): Promise<void> {
  const { phone } = actor;
  switch (step.do) {
    case 'say':
      await say(actor, step.text, 'says');
      return;
    case 'interrupt':
      return interrupt(actor, step);
    case 'wait':
      return wait(actor, step.ms);
    case 'wait-for-reply':
      return waitForReply(actor);
    case 'wait-for-silence':
      await phone.until(() => silentForMs(actor) >= step.ms, longestReplyMs);
      return;
    case 'cough': {
      actor.note({ atMs: phone.nowMs(), who: 'caller', what: 'coughs', text: `(coughs for ${step.ms} ms)` });
      const audio = cough(step.ms);
      const { startMs } = await phone.speak(audio);
      actor.spoken.push({ atMs: startMs, audio });
      return;
    }
    case 'dtmf':
      return press(actor, step.digits);
    case 'hang-up':
      actor.note({ atMs: phone.nowMs(), who: 'caller', what: 'hangs-up', text: '(hangs up)' });
      return phone.hangUp();
  }
}

/** On the clock of the call once there is one. */
async function wait({ phone }: Actor, ms: number): Promise<void> {
  const untilMs = phone.nowMs() + ms;
  const answered = phone.answeredAtMs() !== undefined;
  await phone.until(() => answered && phone.nowMs() >= untilMs, answered ? ms * 2 + 1000 : ms);
}

const silentForMs = ({ phone }: Actor): number => phone.nowMs() - (phone.ear.last()?.endMs ?? 0);

async function say(actor: Actor, text: string, what: 'says' | 'interrupts'): Promise<number> {
  const { options, phone } = actor;
  const { audio, words } = await options.synthesiser.speak(text);
  if (options.recogniserUrl !== undefined) await announce(options.recogniserUrl, audio, words);
  const spoken = phone.speak(audio);
  actor.note({ atMs: phone.nowMs(), who: 'caller', what, text });
  const { startMs, endMs } = await spoken;
  actor.spoken.push({ atMs: startMs, audio });
  actor.askedAtMs = endMs;
  actor.hasAsked = true;
  return startMs;
}

/** Tells the simulated recogniser which words these bytes are; it recognises them only as they arrive. */
async function announce(url: string, audio: Uint8Array, words: readonly object[]): Promise<void> {
  const response = await fetch(`${url}/_simulated/utterances`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ audio: Buffer.from(audio).toString('base64'), words }),
  });
  await response.arrayBuffer();
  if (!response.ok) throw new Error(`The simulated recogniser refused an utterance: ${response.status}`);
}

/** Waits until a reply to what the caller did last can be heard, and notes when it began. */
async function untilReplyBegins(actor: Actor): Promise<number | undefined> {
  const { phone, askedAtMs } = actor;
  const talkingOn = () => {
    const last = phone.ear.last();
    return last && last.startMs < askedAtMs && last.endMs > askedAtMs + talkingOnMs ? last : undefined;
  };
  const begun = () => phone.ear.firstSince(askedAtMs) ?? talkingOn();
  await phone.until(() => begun() !== undefined, replyTimeoutMs);
  const sound = begun();
  if (!sound) {
    actor.note({ atMs: phone.nowMs(), who: 'assistant', what: 'misses', text: '(says nothing)' });
    return undefined;
  }
  const latencyMs = actor.hasAsked && sound.startMs >= askedAtMs ? sound.startMs - askedAtMs : undefined;
  actor.hasAsked = false;
  if (latencyMs !== undefined) actor.latencies.push(Math.round(latencyMs));
  actor.note({
    atMs: sound.startMs,
    who: 'assistant',
    what: 'begins',
    text: '(begins to speak)',
    ...(latencyMs === undefined ? {} : { latencyMs: Math.round(latencyMs) }),
  });
  return sound.startMs;
}

async function waitForReply(actor: Actor): Promise<void> {
  const { phone } = actor;
  actor.expected += 1;
  if ((await untilReplyBegins(actor)) === undefined) return;
  await phone.until(() => silentForMs(actor) >= replyOverMs, longestReplyMs);
  actor.heard += 1;
  const endMs = phone.ear.last()?.endMs ?? phone.nowMs();
  actor.note({ atMs: endMs, who: 'assistant', what: 'ends', text: '(is silent)' });
  // A second wait is for something new.
  actor.askedAtMs = endMs;
}

async function interrupt(actor: Actor, step: Extract<Step, { do: 'interrupt' }>): Promise<void> {
  const { phone } = actor;
  actor.expected += 1;
  const beganAtMs = await untilReplyBegins(actor);
  if (beganAtMs === undefined) return;
  actor.heard += 1;
  await phone.until(
    () => phone.nowMs() - beganAtMs >= step.afterMs || silentForMs(actor) >= replyOverMs,
    step.afterMs + longestReplyMs,
  );
  const interrupted = phone.ear.last();
  const wasSpeaking = silentForMs(actor) <= frameMs * 2;
  const startMs = await say(actor, step.text, 'interrupts');
  if (!wasSpeaking || !interrupted)
    return actor.note({ atMs: startMs, who: 'assistant', what: 'misses', text: '(had stopped by itself)' });
  if (interrupted.endMs < actor.askedAtMs)
    actor.bargeIns.push(Math.max(0, Math.round(interrupted.endMs - startMs)));
}

/** People press keys one after the other. */
const keyMs = 250;

async function press(actor: Actor, digits: string): Promise<void> {
  const { phone } = actor;
  for (const digit of digits) {
    actor.note({ atMs: phone.nowMs(), who: 'caller', what: 'presses', text: `(presses ${digit})` });
    phone.dtmf(digit);
    if (digits.length > 1) await wait(actor, keyMs);
  }
  actor.askedAtMs = phone.nowMs();
  actor.hasAsked = true;
}

const coughAmplitude = 9_000;

/** A burst of noise that dies away: loud, and no words to anybody. The same each time. */
function cough(ms: number): Uint8Array {
  const length = Math.max(1, Math.ceil(ms / frameMs)) * frameMs * (sampleRateHz / 1000);
  let seed = 1;
  const samples = Int16Array.from({ length }, (_, i) => {
    // Numerical Recipes' linear congruential generator: white enough for a cough.
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.round((seed / 2 ** 31 - 1) * coughAmplitude * (1 - i / length));
  });
  return encodeMulaw(samples);
}

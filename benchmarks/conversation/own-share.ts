/**
 * Our own share of a caller's wait, on real time: from words shown to the request for an answer, from words written (or
 * confirmed, whichever is later) to the request for speech, and from audio received to audio sent.
 */
import type { ReplyPart } from '#core/ports/language-model.ts';
import type { TranscriptEvent } from '#core/ports/speech-to-text.ts';
import { createRandom } from '#tests/support/random.ts';
import { type Observed, startVirtualCall } from '#tests/support/virtual-call.ts';
import { publishedDelays } from './latency.ts';
import { createRealClock } from './real-clock.ts';
import { replies, utterances } from './words.ts';

export interface OwnShareRun {
  readonly calls: number;
  /** Per turn, milliseconds. */
  readonly ownMs: readonly number[];
}

/** The latest moment of each kind, milliseconds of real time. */
interface Moments {
  shownAtMs: number;
  confirmedAtMs: number;
  requestedAtMs: number;
  writtenAtMs: number;
  speechAskedAtMs: number;
  audioAtMs: number;
  /** Audio of this turn is still to be sent. */
  awaited: boolean;
}

async function* watched<T>(source: AsyncIterable<T>, see: (item: T) => void): AsyncGenerator<T> {
  for await (const item of source) {
    see(item);
    yield item;
  }
}

function observer(ownMs: number[]): (ports: Observed) => Observed {
  const now = () => performance.now();
  const seen: Moments = {
    shownAtMs: 0,
    confirmedAtMs: 0,
    requestedAtMs: 0,
    writtenAtMs: 0,
    speechAskedAtMs: 0,
    audioAtMs: 0,
    awaited: false,
  };
  const noteTranscript = (event: TranscriptEvent) => {
    if (event.type === 'interim') seen.shownAtMs = now();
    if (event.type === 'committed') seen.confirmedAtMs = now();
  };
  const notePart = (part: ReplyPart) => {
    if (part.type === 'text-delta') seen.writtenAtMs = now();
  };
  const notePiece = () => {
    if (!seen.awaited || seen.speechAskedAtMs > seen.requestedAtMs) return;
    seen.speechAskedAtMs = now();
  };
  const noteAudio = () => {
    if (seen.awaited && seen.audioAtMs < seen.speechAskedAtMs) seen.audioAtMs = now();
  };
  const notePlayed = () => {
    if (!seen.awaited || seen.audioAtMs < seen.speechAskedAtMs || seen.speechAskedAtMs < seen.requestedAtMs)
      return;
    seen.awaited = false;
    const thinking = seen.requestedAtMs - seen.shownAtMs;
    const wording = seen.speechAskedAtMs - Math.max(seen.writtenAtMs, seen.confirmedAtMs);
    ownMs.push(thinking + Math.max(0, wording) + (now() - seen.audioAtMs));
  };
  return ({ deps, stream }) => ({
    stream: {
      ...stream,
      play(audio) {
        stream.play(audio);
        notePlayed();
      },
    },
    deps: {
      ...deps,
      speechToText: {
        open(options) {
          const session = deps.speechToText.open(options);
          return { ...session, events: watched(session.events, noteTranscript) };
        },
      },
      languageModel: {
        reply(request, options) {
          seen.requestedAtMs = now();
          seen.awaited = true;
          return watched(deps.languageModel.reply(request, options), notePart);
        },
      },
      textToSpeech: {
        open(options) {
          const session = deps.textToSpeech.open(options);
          return {
            ...session,
            speak(text, speakOptions) {
              const speech = session.speak(watched(text, notePiece), speakOptions);
              return { ...speech, chunks: watched(speech.chunks, noteAudio) };
            },
          };
        },
      },
    },
  });
}

async function oneCall(seed: number, turns: number): Promise<readonly number[]> {
  const random = createRandom(seed);
  const ownMs: number[] = [];
  const call = startVirtualCall({
    clock: createRealClock(),
    observe: observer(ownMs),
    model: () => ({ text: random.pick(replies).slice(0, 40), firstTokenMs: publishedDelays.firstTokenMs }),
  });
  await call.clock.advance(random.whole(0, 2_000));
  await call.hearReply();
  for (let turn = 0; turn < turns; turn += 1) {
    await call.says(random.pick(utterances));
    await call.hearReply();
  }
  await call.hangUp();
  return ownMs;
}

export async function measureOwnShare(calls: number, turnsPerCall: number): Promise<OwnShareRun> {
  const measured = await Promise.all(Array.from({ length: calls }, (_, i) => oneCall(i + 1, turnsPerCall)));
  return { calls, ownMs: measured.flat() };
}

/** One answer of the model, from words heard to words spoken. */
import { createBoundedQueue } from '#core/async/bounded-queue.ts';
import { isCancelled } from '#core/errors.ts';
import type { TextToSpeechSession } from '#core/ports/text-to-speech.ts';
import type { AssistantTurn } from './assistant-turn.ts';
import { type GenerationOptions, generateReply } from './generation.ts';
import type { AudioKind } from './playback-track.ts';

export interface ReplyOptions extends Omit<GenerationOptions, 'onPiece'> {
  readonly speech: TextToSpeechSession;
}

export type ReplyEnd =
  | { readonly ended: 'completed'; readonly spoke: boolean }
  | { readonly ended: 'failed' | 'cancelled' };

/** Pieces of text waiting for the speech service: a reply has at most a few dozen. */
const piecesMax = 500;

/** Never throws: how the reply ended is the result. Whatever ends it, model and speech have stopped. */
export async function runReply(options: ReplyOptions): Promise<ReplyEnd> {
  const { turn } = options;
  const { signal } = turn.abort;
  const outlet = createOutlet();
  const generating = settled(generateReply({ ...options, onPiece: outlet.say }).finally(outlet.end));
  // A reply without a piece of text opens no speech context at all.
  const wordless = await Promise.race([generating.then(() => !outlet.hasSpoken()), outlet.firstPiece]);
  if (!wordless) {
    const spoken = await settled(speakWhenAllowed(options, outlet.pieces));
    if (spoken.error !== undefined && !isAborted(spoken.error, signal)) {
      turn.abort.abort();
      await generating;
      options.onProviderFailure(spoken.error);
      return { ended: 'failed' };
    }
  }
  const generated = await generating;
  // A draft says nothing of its end either before it is confirmed.
  await settled(options.gate.passed(signal));
  if (signal.aborted) return { ended: 'cancelled' };
  if (!wordless) turn.track.complete();
  if (generated.error !== undefined) return { ended: 'failed' };
  return { ended: 'completed', spoke: !wordless };
}

const isAborted = (error: unknown, signal: AbortSignal): boolean => signal.aborted || isCancelled(error);

async function speakWhenAllowed(options: ReplyOptions, pieces: AsyncIterable<string>): Promise<void> {
  await options.gate.passed(options.turn.abort.signal);
  await speakPieces(options, pieces);
}

/** Waits for an end of either kind, so that no failure is left without somebody who looks at it. */
function settled(work: Promise<void>): Promise<{ readonly error?: unknown }> {
  return work.then(
    () => ({}),
    (error: unknown) => ({ error }),
  );
}

/** Where generated pieces go until the speech service takes them. */
function createOutlet() {
  const pieces = createBoundedQueue<string>(piecesMax);
  let spoken = false;
  let announce: (wordless: false) => void = () => undefined;
  const firstPiece = new Promise<false>((resolve) => {
    announce = resolve;
  });
  return {
    pieces,
    firstPiece,
    hasSpoken: () => spoken,
    say(piece: string) {
      spoken = true;
      pieces.push(piece);
      announce(false);
    },
    end: () => pieces.end(),
  };
}

export type Speaker = Pick<ReplyOptions, 'turn' | 'speech' | 'clock' | 'onBuying'>;

/** Speaks pieces into the turn's track as their audio comes. Throws `ProviderError`. */
export async function speakPieces(
  { turn, speech: session, clock, onBuying }: Speaker,
  pieces: AsyncIterable<string>,
  kind: AudioKind = 'answer',
): Promise<void> {
  if (kind === 'answer') turn.moments.speechRequestedAtMs ??= clock.nowMs();
  const speech = session.speak(noted(turn, pieces, kind, onBuying), { signal: turn.abort.signal });
  turn.speeches.push(speech);
  for await (const chunk of speech.chunks) {
    if (turn.abort.signal.aborted) return;
    if (kind === 'answer' && chunk.audio.length > 0) turn.moments.firstAudioAtMs ??= clock.nowMs();
    turn.track.push(chunk, kind);
  }
}

/** Pieces on their way to the speech service, noted as the words of the turn. */
async function* noted(
  turn: AssistantTurn,
  pieces: AsyncIterable<string>,
  kind: AudioKind,
  onBuying: () => void,
): AsyncGenerator<string> {
  for await (const piece of pieces) {
    turn.track.addText(piece, kind);
    onBuying();
    yield piece;
  }
}

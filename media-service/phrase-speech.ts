/** Fixed phrases: from the recording when there is one, spoken live otherwise. */
import type { Effect } from '#core/conversation/state.ts';
import type { AssistantSide } from './assistant-side.ts';
import { type AssistantTurn, newAssistantTurn } from './assistant-turn.ts';
import { holdWords, phraseWords } from './phrase-words.ts';
import type { AudioKind } from './playback-track.ts';
import { recordedChunk } from './recorded-speech.ts';
import { speakPieces } from './reply.ts';

export function sayPhrase(side: AssistantSide, effect: Extract<Effect, { type: 'say' }>): void {
  const { turn, phrase, nth } = effect;
  const run = newAssistantTurn(turn, 'phrase', side.playback.add(turn), new AbortController());
  side.turns.set(turn, run);
  const text = phraseWords(side.persona, phrase, nth);
  run.roundTexts.push(text);
  run.work = speakText(side, run, text, 'answer').then((spoken) => {
    if (spoken) run.track.complete();
    else if (!run.abort.signal.aborted) side.dispatch({ type: 'speech-lost', atMs: side.deps.clock.nowMs() });
  });
}

/** Inside the turn that is late; a hold phrase that cannot be spoken is no loss. */
export function sayHold(side: AssistantSide, effect: Extract<Effect, { type: 'say-hold' }>): void {
  const run = side.turns.get(effect.turn);
  if (!run) return;
  void speakText(side, run, holdWords(side.persona, effect.tool, effect.nth), 'hold');
}

/** @returns whether it was spoken to its end. Never rejects. */
async function speakText(
  side: AssistantSide,
  run: AssistantTurn,
  text: string,
  kind: AudioKind,
): Promise<boolean> {
  const recorded = side.deps.recordedPhrases.find(side.voice, text);
  if (recorded) {
    run.recordedCharacters += text.length;
    run.track.addText(text, kind);
    run.track.push(recordedChunk(recorded, text), kind);
    return true;
  }
  try {
    const { speech, onBuying } = side;
    await speakPieces({ turn: run, speech, clock: side.deps.clock, onBuying }, once(text), kind);
    return !run.abort.signal.aborted;
  } catch (error) {
    side.onFailure(error);
    return false;
  }
}

async function* once(text: string): AsyncGenerator<string> {
  yield text;
}

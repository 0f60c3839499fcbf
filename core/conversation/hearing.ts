/** What an event tells about the caller's side, whatever the phase. */
import { learnPause } from './endpointing.ts';
import { wordsBeyond } from './interruption.ts';
import { joinWords, wordsHeard } from './moves.ts';
import type { ConversationSettings } from './settings.ts';
import type { CallEvent, Live } from './state.ts';

/** The live part after an event, before the phase decides what it means. */
export function hear(live: Live, event: CallEvent, settings: ConversationSettings): Live {
  const { hearing } = live;
  switch (event.type) {
    case 'caller-speech-started': {
      const pausedInside = hearing.lastSpeechAtMs !== undefined && wordsHeard(hearing) !== '';
      const callerPauseMs = pausedInside
        ? learnPause(live.callerPauseMs, event.atMs - (hearing.lastSpeechAtMs ?? event.atMs), settings)
        : live.callerPauseMs;
      const beganAtMs = hearing.beganAtMs ?? event.atMs;
      return {
        ...live,
        callerPauseMs,
        hearing: { ...hearing, speaking: true, beganAtMs, lastSpeechAtMs: event.atMs },
      };
    }
    case 'caller-speech-sustained':
      return { ...live, hearing: { ...hearing, speaking: true, sounded: true, lastSpeechAtMs: event.atMs } };
    case 'caller-speech-stopped':
      return { ...live, hearing: { ...hearing, speaking: false, lastSpeechAtMs: event.lastSpeechAtMs } };
    case 'interim-transcribed':
      return {
        ...live,
        hearing: {
          ...hearing,
          // The recogniser may repeat words that were taken already.
          interim: newWords(live, event),
          interimAtMs: event.atMs,
          lastSpeechAtMs: hearing.lastSpeechAtMs ?? event.atMs,
        },
      };
    case 'utterance-committed':
      return {
        ...live,
        owed: undefined,
        hearing: {
          ...hearing,
          committed: joinWords(hearing.committed, newWords(live, event)),
          interim: '',
        },
      };
    default:
      return live;
  }
}

/** What a transcript says beyond words whose turn was taken before they were final. */
function newWords({ owed }: Live, { text, atMs }: { readonly text: string; readonly atMs: number }): string {
  return owed === undefined || atMs > owed.untilMs ? text : wordsBeyond(owed.words, text);
}

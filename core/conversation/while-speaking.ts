import { hear } from './hearing.ts';
import { classifyInterruption } from './interruption.ts';
import {
  afterSpeech,
  interrupt,
  liveOf,
  mayBeInterrupted,
  sayFailure,
  stay,
  wordsHeard,
  wordsTaken,
} from './moves.ts';
import type { ConversationSettings } from './settings.ts';
import type { CallEvent, Effect, In, Live, Transition } from './state.ts';

type Speaking = In<'speaking'>;
type Held = In<'held'>;
type ReplyEvent = Extract<CallEvent, { readonly turn: Speaking['turn'] }>;

/** The caller hears the assistant. */
export function whileSpeaking(state: Speaking, event: CallEvent, settings: ConversationSettings): Transition {
  if ('turn' in event) return event.turn === state.turn ? replyEvent(state, event, settings) : stay(state);
  const live = hear(liveOf(state), event, settings);
  const heard: Speaking = { ...state, ...live };
  if (!mayBeInterrupted(state.source, state.after)) return stay(heard);
  switch (event.type) {
    case 'caller-speech-sustained':
      return {
        state: { ...heard, phase: 'held', waits: 0 },
        effects: [{ type: 'hold-playback' }, heldTimer(settings)],
      };
    case 'interim-transcribed':
    case 'utterance-committed':
      return wordsDuringSpeech(heard, live, event.atMs, settings);
    default:
      return stay(heard);
  }
}

/** Playback is held; it goes on unless the caller really says something. */
export function whileHeld(state: Held, event: CallEvent, settings: ConversationSettings): Transition {
  if ('turn' in event) return event.turn === state.turn ? replyEvent(state, event, settings) : stay(state);
  const live = hear(liveOf(state), event, settings);
  const heard: Held = { ...state, ...live };
  switch (event.type) {
    case 'interim-transcribed':
    case 'utterance-committed':
      return wordsDuringSpeech(heard, live, event.atMs, settings);
    case 'caller-speech-stopped':
      // The final words decide sooner than waiting for an interim.
      return stay(heard, [{ type: 'commit-utterance' }, heldTimer(settings)]);
    case 'timer-fired':
      return event.timer === 'held' ? decideHeld(heard, live, settings) : stay(heard);
    default:
      return stay(heard);
  }
}

const heldTimer = (settings: ConversationSettings): Effect => ({
  type: 'set-timer',
  timer: 'held',
  ms: settings.heldDecisionMs,
});

function wordsDuringSpeech(
  state: Speaking | Held,
  live: Live,
  atMs: number,
  settings: ConversationSettings,
): Transition {
  if (classifyInterruption(wordsHeard(live.hearing)) !== 'words') return stay(state);
  return interrupt(state, live, atMs, settings);
}

/** No words came of it: a cough, a noise, a "mm-hm". The assistant goes on at the word where it stopped. */
function decideHeld(state: Held, live: Live, settings: ConversationSettings): Transition {
  if (state.hearing.speaking && state.waits < settings.heldWaitsMax)
    return stay({ ...state, waits: state.waits + 1 }, [heldTimer(settings)]);
  const listenedAloud = wordsHeard(live.hearing) !== '';
  const settle: Effect[] = listenedAloud ? [{ type: 'commit-utterance' }] : [];
  return {
    state: {
      ...live,
      hearing: wordsTaken(live.hearing),
      phase: 'speaking',
      turn: state.turn,
      source: state.source,
      after: state.after,
    },
    effects: [...settle, { type: 'resume-playback' }],
  };
}

function replyEvent(state: Speaking | Held, event: ReplyEvent, settings: ConversationSettings): Transition {
  switch (event.type) {
    case 'end-requested':
      return stay({ ...state, after: { next: 'hang-up', outcome: 'completed' } });
    case 'transfer-requested':
      return stay({ ...state, after: { next: 'transfer', to: event.to } });
    case 'reply-failed':
      // What was made is heard to its end; then the caller is told.
      return sayFailure(liveOf(state), state.phase === 'held' ? [{ type: 'resume-playback' }] : []);
    case 'playback-finished':
      return afterSpeech(liveOf(state), state.after, event.atMs, settings);
    case 'tool-started':
    case 'reply-audio-started':
    case 'reply-completed':
      return stay(state);
  }
}

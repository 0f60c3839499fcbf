import { hear } from './hearing.ts';
import { classifyInterruption, sameWords, wordsBeyond } from './interruption.ts';
import {
  joinWords,
  listen,
  liveOf,
  sayFailure,
  sayPhrase,
  stay,
  think,
  wordsHeard,
  wordsTaken,
} from './moves.ts';
import type { ConversationSettings } from './settings.ts';
import type { CallEvent, Effect, In, Live, Transition } from './state.ts';

type Thinking = In<'thinking'>;

/** A reply is being made. The caller may still take the turn back: then both utterances become one. */
export function whileThinking(state: Thinking, event: CallEvent, settings: ConversationSettings): Transition {
  if ('turn' in event) return event.turn === state.turn ? replyEvent(state, event) : stay(state);
  const live = hear(liveOf(state), event, settings);
  const heard: Thinking = { ...state, ...live };
  switch (event.type) {
    case 'caller-speech-started':
      return stay({ ...heard, held: true }, [
        { type: 'hold-playback' },
        { type: 'clear-timer', timer: 'held' },
      ]);
    case 'caller-speech-stopped':
      return stay(heard, [{ type: 'set-timer', timer: 'held', ms: settings.heldDecisionMs }]);
    case 'interim-transcribed':
      return interimWhileThinking(heard, live, event.atMs, settings);
    case 'utterance-committed':
      return state.owed !== undefined && event.atMs <= state.owed.untilMs
        ? finalWordsCame(heard, live, event.text, settings)
        : interimWhileThinking(heard, live, event.atMs, settings);
    case 'timer-fired':
      return timerFired(heard, event, settings);
    default:
      return stay(heard);
  }
}

type ReplyEvent = Extract<CallEvent, { readonly turn: Thinking['turn'] }>;

function replyEvent(state: Thinking, event: ReplyEvent): Transition {
  const live = liveOf(state);
  switch (event.type) {
    case 'reply-audio-started':
      return {
        state: { ...live, phase: 'speaking', turn: state.turn, source: 'reply', after: state.after },
        effects: [],
      };
    case 'tool-started':
      return stay({ ...state, tool: event.tool });
    case 'end-requested':
      return stay({ ...state, after: { next: 'hang-up', outcome: 'completed' } });
    case 'transfer-requested':
      return stay({ ...state, after: { next: 'transfer', to: event.to } });
    case 'reply-completed':
      return event.spoke ? stay(state) : wordlessReply(state, live);
    case 'reply-failed':
      return sayFailure(live, [{ type: 'cancel-reply', turn: state.turn }]);
    case 'playback-finished':
      // Only a hold phrase was heard to its end; the answer is still to come.
      return stay(state);
  }
}

/** The model ended its turn without a word: what it asked for is said in fixed words. */
function wordlessReply(state: Thinking, live: Live): Transition {
  const cancel: Effect[] = [{ type: 'cancel-reply', turn: state.turn }];
  if (state.after.next === 'hang-up')
    return sayPhrase(live, { phrase: 'goodbye', after: state.after }, cancel);
  if (state.after.next === 'transfer')
    return sayPhrase(live, { phrase: 'transferring', after: state.after }, cancel);
  return sayFailure(live, cancel);
}

function interimWhileThinking(
  state: Thinking,
  live: Live,
  atMs: number,
  settings: ConversationSettings,
): Transition {
  const words = wordsHeard(live.hearing);
  if (classifyInterruption(words) !== 'words') return stay(state);
  const hearing = { ...live.hearing, committed: joinWords(state.utterance, live.hearing.committed) };
  return listen({ ...live, hearing }, atMs, settings, [{ type: 'cancel-reply', turn: state.turn }]);
}

/** The committed words of an utterance that we took on its interim. */
function finalWordsCame(
  state: Thinking,
  live: Live,
  text: string,
  settings: ConversationSettings,
): Transition {
  if (text.trim() === '' || sameWords(text, state.utterance)) return stay(state);
  const isAnotherReading = wordsBeyond(state.utterance, text) !== text.trim();
  const utterance = isAnotherReading ? text : joinWords(state.utterance, text);
  return think({ ...live, hearing: wordsTaken(live.hearing) }, utterance, settings, {
    effects: [{ type: 'cancel-reply', turn: state.turn }],
  });
}

function timerFired(
  state: Thinking,
  event: Extract<CallEvent, { type: 'timer-fired' }>,
  settings: ConversationSettings,
): Transition {
  if (event.timer === 'held') {
    if (state.hearing.speaking) return stay(state);
    return stay({ ...state, held: false, hearing: wordsTaken(state.hearing) }, [{ type: 'resume-playback' }]);
  }
  if (event.timer !== 'hold-phrase') return stay(state);
  const again: Effect = { type: 'set-timer', timer: 'hold-phrase', ms: settings.holdAgainMs };
  if (state.holds >= settings.holdsMax)
    return sayFailure(liveOf(state), [{ type: 'cancel-reply', turn: state.turn }]);
  // Sound that goes on without words must not leave the caller waiting for ever.
  const release: Effect[] = state.held ? [{ type: 'resume-playback' }] : [];
  return stay({ ...state, holds: state.holds + 1, held: false }, [
    ...release,
    { type: 'say-hold', turn: state.turn, tool: state.tool, nth: state.holds },
    again,
  ]);
}

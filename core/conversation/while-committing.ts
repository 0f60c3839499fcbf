import { hear } from './hearing.ts';
import { listen, liveOf, stay, think, wordsHeard, wordsTaken } from './moves.ts';
import type { ConversationSettings } from './settings.ts';
import type { CallEvent, In, Live, Transition } from './state.ts';

/** The caller has finished, we think; the recogniser owes us the final words. */
export function whileCommitting(
  state: In<'committing'>,
  event: CallEvent,
  settings: ConversationSettings,
): Transition {
  const live = hear(liveOf(state), event, settings);
  switch (event.type) {
    case 'utterance-committed':
      return committed(state, live, event, settings);
    case 'caller-speech-started':
      return listen(live, event.atMs, settings, dropDraft(state));
    case 'timer-fired': {
      const words = wordsHeard(live.hearing);
      if (event.timer !== 'commit') return stay(state);
      if (words === '') return onlyNoise(state, live, event.atMs, settings);
      return think({ ...live, owed: { words, untilMs: event.atMs + settings.owedForMs } }, words, settings, {
        draft: state.draft,
      });
    }
    default:
      return stay({ ...state, ...live });
  }
}

function committed(
  state: In<'committing'>,
  live: Live,
  event: Extract<CallEvent, { type: 'utterance-committed' }>,
  settings: ConversationSettings,
): Transition {
  // An empty commit does not unsay what the interim said.
  const utterance = event.text.trim() === '' ? wordsHeard(state.hearing) : wordsHeard(live.hearing);
  if (utterance === '') return onlyNoise(state, live, event.atMs, settings);
  return think(live, utterance, settings, { draft: state.draft });
}

/** What sounded like speech had no words. */
function onlyNoise(
  state: In<'committing'>,
  live: Live,
  atMs: number,
  settings: ConversationSettings,
): Transition {
  return listen({ ...live, hearing: wordsTaken(live.hearing) }, atMs, settings, dropDraft(state));
}

function dropDraft(state: In<'committing'>) {
  return state.draft ? [{ type: 'cancel-reply', turn: state.draft.turn } as const] : [];
}

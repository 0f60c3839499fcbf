import { turnId } from '../ids.ts';
import { utteranceShape } from './endpointing.ts';
import { hear } from './hearing.ts';
import { sameWords } from './interruption.ts';
import {
  isDeaf,
  liveOf,
  sayCannotHear,
  sayPhrase,
  stay,
  think,
  waitForEndpoint,
  wordsHeard,
} from './moves.ts';
import type { ConversationSettings } from './settings.ts';
import type { CallEvent, Effect, In, Transition } from './state.ts';

type Listening = In<'listening'>;

/** The caller has the floor. */
export function whileListening(
  state: Listening,
  event: CallEvent,
  settings: ConversationSettings,
): Transition {
  const heard: Listening = { ...state, ...hear(liveOf(state), event, settings) };
  switch (event.type) {
    case 'caller-speech-started':
      return callerSpeaks(heard, settings);
    case 'caller-speech-stopped':
    case 'interim-transcribed':
    case 'utterance-committed':
      return callerPauses(heard, event.atMs, settings);
    case 'timer-fired':
      return timerFired(heard, event, settings);
    case 'dtmf-pressed':
      return stay(
        heard,
        wordsHeard(heard.hearing) === '' && !heard.hearing.speaking ? [silenceTimer(settings)] : [],
      );
    default:
      return stay(heard);
  }
}

const silenceTimer = (settings: ConversationSettings): Effect => ({
  type: 'set-timer',
  timer: 'silence',
  ms: settings.rePromptAfterMs,
});

function callerSpeaks(state: Listening, settings: ConversationSettings): Transition {
  const words = wordsHeard(state.hearing) !== '';
  return stay(state, [
    { type: 'clear-timer', timer: 'silence' },
    { type: 'clear-timer', timer: 'endpoint' },
    { type: 'set-timer', timer: 'utterance', ms: words ? settings.utteranceMaxMs : settings.noiseMaxMs },
  ]);
}

function callerPauses(state: Listening, atMs: number, settings: ConversationSettings): Transition {
  const words = wordsHeard(state.hearing);
  if (state.hearing.speaking) {
    if (words === '') return stay(state);
    // First words turn a sound into an utterance, which may last longer.
    const going: Effect[] = [{ type: 'set-timer', timer: 'utterance', ms: settings.utteranceMaxMs }];
    // A whole sentence is likely the last one: the silence after it takes longer to notice than to think ahead.
    return utteranceShape(words) === 'sentence'
      ? draftReply(state, words, atMs, settings, going)
      : stay(state, going);
  }
  const still: Effect = { type: 'clear-timer', timer: 'utterance' };
  if (words === '') return stay(state, [still, silenceTimer(settings), ...askForWords(state, settings)]);
  const waiting: Effect[] = [
    still,
    { type: 'clear-timer', timer: 'silence' },
    waitForEndpoint(state, atMs, settings),
  ];
  // Words shown before the last sound are not all of them: the rest is on its way.
  if (isBehind(state)) return stay(state, waiting);
  return draftReply(state, words, atMs, settings, waiting);
}

function isBehind({ hearing }: Listening): boolean {
  return hearing.interimAtMs !== undefined && hearing.interimAtMs < (hearing.lastSpeechAtMs ?? 0);
}

/** Speech without an interim: a recogniser may show words only when they are committed. */
function askForWords({ hearing }: Listening, settings: ConversationSettings): readonly Effect[] {
  return hearing.sounded ? [{ type: 'set-timer', timer: 'endpoint', ms: settings.endpointMidClauseMs }] : [];
}

/** Starts the model on words that may still change, so that its delay hides behind the endpoint. */
function draftReply(
  state: Listening,
  words: string,
  atMs: number,
  settings: ConversationSettings,
  effects: readonly Effect[],
): { readonly state: Listening; readonly effects: readonly Effect[] } {
  if (state.draft && sameWords(state.draft.utterance, words)) return { state, effects };
  const dropped: Effect[] = state.draft ? [{ type: 'cancel-reply', turn: state.draft.turn }] : [];
  const spokenMs = atMs - (state.hearing.beganAtMs ?? atMs);
  if (state.drafts >= settings.draftsMax || spokenMs > settings.draftSpeechMaxMs)
    return { state: { ...state, draft: undefined }, effects: [...effects, ...dropped] };
  const turn = state.nextTurn;
  return {
    state: {
      ...state,
      nextTurn: turnId(turn + 1),
      draft: { turn, utterance: words },
      drafts: state.drafts + 1,
    },
    effects: [...effects, ...dropped, { type: 'start-reply', turn, utterance: words, draft: true }],
  };
}

function timerFired(
  state: Listening,
  event: Extract<CallEvent, { type: 'timer-fired' }>,
  settings: ConversationSettings,
): Transition {
  const words = wordsHeard(state.hearing);
  switch (event.timer) {
    case 'endpoint':
      if (state.hearing.speaking || (words === '' && !state.hearing.sounded)) return stay(state);
      return takeTurn(state, event.atMs, settings);
    case 'utterance':
      return words === '' ? callerSilent(state, settings) : takeTurn(state, event.atMs, settings);
    case 'silence':
      return words === '' && !state.hearing.speaking ? callerSilent(state, settings) : stay(state);
    default:
      return stay(state);
  }
}

function takeTurn(state: Listening, atMs: number, settings: ConversationSettings): Transition {
  const words = wordsHeard(state.hearing);
  if (state.hearing.interim === '' && words !== '')
    return think(liveOf(state), words, settings, { draft: state.draft });
  const commit: Effect[] = [
    { type: 'commit-utterance' },
    { type: 'set-timer', timer: 'commit', ms: settings.commitTimeoutMs },
  ];
  // The final words take a moment, and are mostly the ones we know.
  const ahead = words === '' ? { state, effects: commit } : draftReply(state, words, atMs, settings, commit);
  return {
    state: { ...liveOf(ahead.state), phase: 'committing', draft: ahead.state.draft },
    effects: ahead.effects,
  };
}

/** Asks kindly again, twice; then says goodbye. Someone in danger is never hung up on. */
function callerSilent(state: Listening, settings: ConversationSettings): Transition {
  const live = liveOf(state);
  if (isDeaf(live)) return sayCannotHear(live, settings);
  const asked = live.rePrompts;
  // Words may be taken back after a reply to them was begun.
  const dropped: Effect[] = state.draft ? [{ type: 'cancel-reply', turn: state.draft.turn }] : [];
  if (asked < settings.rePromptsMax || live.crisis)
    return sayPhrase({ ...live, rePrompts: asked + 1 }, { phrase: 're-prompt', nth: asked }, dropped);
  const after = { next: 'hang-up', outcome: 'caller-silent' } as const;
  return sayPhrase(live, { phrase: 'silence-goodbye', after }, dropped);
}

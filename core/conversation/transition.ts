/** The heart: one pure function from state and event to the next state and what must be done. */
import {
  end,
  liveOf,
  newLive,
  sayCannotHear,
  sayPhrase,
  sayTimeNearlyOver,
  sayWrapUp,
  stay,
  thenListen,
  wordsHeard,
} from './moves.ts';
import type { ConversationSettings } from './settings.ts';
import type {
  CallEvent,
  Conversation,
  Effect,
  Live,
  LiveConversation,
  Phase,
  TimerName,
  Transition,
} from './state.ts';
import { whileCommitting } from './while-committing.ts';
import { whileListening } from './while-listening.ts';
import { whileHeld, whileSpeaking } from './while-speaking.ts';
import { whileThinking } from './while-thinking.ts';

export const newConversation: Conversation = { phase: 'connecting' };

/** Timers that belong to a phase end with it. */
const timersOf: Record<Phase, readonly TimerName[]> = {
  connecting: [],
  listening: ['endpoint', 'silence', 'utterance'],
  committing: ['commit'],
  thinking: ['hold-phrase', 'held'],
  speaking: [],
  held: ['held'],
  ended: [],
};

export function transition(
  state: Conversation,
  event: CallEvent,
  settings: ConversationSettings,
): Transition {
  const next = decide(state, event, settings);
  if (next.state.phase === state.phase) return next;
  const cleared = timersOf[state.phase].map((timer): Effect => ({ type: 'clear-timer', timer }));
  return { state: next.state, effects: [...cleared, ...next.effects] };
}

function decide(state: Conversation, event: CallEvent, settings: ConversationSettings): Transition {
  switch (state.phase) {
    case 'connecting':
      return whileConnecting(state, event);
    case 'ended':
      return stay(state);
    default:
      return whileLive(state, event, settings) ?? whileInPhase(state, event, settings);
  }
}

function whileConnecting(state: Conversation, event: CallEvent): Transition {
  if (event.type === 'stream-started')
    return sayPhrase(newLive, {
      phrase: event.returning ? 'transfer-failed' : 'greeting',
      source: 'greeting',
    });
  if (event.type === 'stream-ended') return end('failed');
  return stay(state);
}

function whileInPhase(state: LiveConversation, event: CallEvent, settings: ConversationSettings): Transition {
  switch (state.phase) {
    case 'listening':
      return whileListening(state, event, settings);
    case 'committing':
      return whileCommitting(state, event, settings);
    case 'thinking':
      return whileThinking(state, event, settings);
    case 'speaking':
      return whileSpeaking(state, event, settings);
    case 'held':
      return whileHeld(state, event, settings);
  }
}

/** What means the same in every live phase; undefined leaves it to the phase. */
function whileLive(
  state: LiveConversation,
  event: CallEvent,
  settings: ConversationSettings,
): Transition | undefined {
  switch (event.type) {
    case 'stream-ended':
      return callerGone(state);
    case 'speech-lost':
      return end('failed', cancelActive(state));
    case 'recogniser-lost':
      return recogniserLost(state, settings);
    case 'wrap-up-requested':
      return wrapUp(state, event);
    case 'dtmf-pressed':
      return keyPressed(state, event, settings);
    case 'time-nearly-over':
      return timeNearlyOver(state);
    default:
      return undefined;
  }
}

function cancelActive(state: LiveConversation): readonly Effect[] {
  const turn = 'turn' in state ? state.turn : state.draft?.turn;
  return turn === undefined ? [] : [{ type: 'cancel-reply', turn }];
}

/** Words that were heard but not answered yet still belong to the record. */
function callerGone(state: LiveConversation): Transition {
  const words = 'turn' in state ? '' : wordsHeard(state.hearing);
  const noted: Effect[] = words === '' ? [] : [{ type: 'note-utterance', text: words }];
  const ending = 'after' in state && state.after.next === 'hang-up' ? state.after.outcome : 'completed';
  return end(ending, [...cancelActive(state), ...noted]);
}

/** Once, a new recogniser is opened; after that there is no way to listen, and the caller is told so. */
function recogniserLost(state: LiveConversation, settings: ConversationSettings): Transition {
  const live = { ...liveOf(state), owed: undefined, recogniserLosses: state.recogniserLosses + 1 };
  const cancel = cancelActive(state);
  if (live.recogniserLosses === 1)
    return sayPhrase(live, { phrase: 'not-understood' }, [...cancel, { type: 'reopen-recogniser' }]);
  return sayCannotHear(live, settings, cancel);
}

function wrapUp(
  state: LiveConversation,
  event: Extract<CallEvent, { type: 'wrap-up-requested' }>,
): Transition {
  if (state.crisis || state.wrapUp !== undefined) return stay(state);
  const live = { ...liveOf(state), wrapUp: event.reason };
  return isIdle(state)
    ? sayWrapUp(live, event.reason, cancelActive(state))
    : stay({ ...state, wrapUp: event.reason });
}

/** Nobody says anything, and nobody is about to. */
const isIdle = (state: LiveConversation): boolean =>
  state.phase === 'listening' && !state.hearing.speaking && wordsHeard(state.hearing) === '';

function timeNearlyOver(state: LiveConversation): Transition {
  if (state.crisis) return stay(state);
  const live = { ...liveOf(state), warningDue: true };
  return isIdle(state) ? sayTimeNearlyOver(live, cancelActive(state)) : stay({ ...state, warningDue: true });
}

/** A key works at any moment, whatever is being said; one without a meaning is ignored. */
function keyPressed(
  state: LiveConversation,
  event: Extract<CallEvent, { type: 'dtmf-pressed' }>,
  settings: ConversationSettings,
): Transition | undefined {
  const live = liveOf(state);
  const cancel = cancelActive(state);
  switch (settings.keys[event.digit]) {
    case 'human':
      return humanRequested(live, cancel, settings);
    case 'help':
      return sayPhrase(live, { phrase: 'crisis', source: 'crisis' }, cancel);
    case 'goodbye':
      return sayPhrase(live, { phrase: 'goodbye', after: { next: 'hang-up', outcome: 'completed' } }, cancel);
    case undefined:
      return undefined;
  }
}

function humanRequested(live: Live, cancel: readonly Effect[], settings: ConversationSettings): Transition {
  if (settings.transferTo === undefined)
    return sayPhrase(live, { phrase: 'transfer-unavailable', after: thenListen }, cancel);
  return sayPhrase(
    live,
    { phrase: 'transferring', after: { next: 'transfer', to: settings.transferTo } },
    cancel,
  );
}

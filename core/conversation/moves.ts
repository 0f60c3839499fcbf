/** The moves a conversation is made of: each names a next state and what must be done to get there. */
import { turnId } from '../ids.ts';
import type { Outcome } from '../records/call-record.ts';
import { detectCrisis } from './crisis.ts';
import { endpointDelayMs } from './endpointing.ts';
import { classifyInterruption, sameWords } from './interruption.ts';
import type { ConversationSettings } from './settings.ts';
import type {
  AfterSpeech,
  Conversation,
  Draft,
  Effect,
  Hearing,
  Live,
  LiveConversation,
  PhraseName,
  SpeechSource,
  Transition,
  WrapUpReason,
} from './state.ts';

export const nothingHeard: Hearing = {
  speaking: false,
  lastSpeechAtMs: undefined,
  beganAtMs: undefined,
  sounded: false,
  committed: '',
  interim: '',
  interimAtMs: undefined,
};

export const newLive: Live = {
  nextTurn: turnId(1),
  hearing: nothingHeard,
  callerPauseMs: undefined,
  rePrompts: 0,
  wrapUp: undefined,
  crisis: false,
  recogniserLosses: 0,
  warningDue: false,
  owed: undefined,
};

export const thenListen: AfterSpeech = { next: 'listen' };

/** What a live phase hands on to the next one. */
export function liveOf(state: LiveConversation): Live {
  return {
    nextTurn: state.nextTurn,
    hearing: state.hearing,
    callerPauseMs: state.callerPauseMs,
    rePrompts: state.rePrompts,
    wrapUp: state.wrapUp,
    crisis: state.crisis,
    recogniserLosses: state.recogniserLosses,
    warningDue: state.warningDue,
    owed: state.owed,
  };
}

export function stay(state: Conversation, effects: readonly Effect[] = []): Transition {
  return { state, effects };
}

export const joinWords = (a: string, b: string): string => `${a} ${b}`.trim();

export const wordsHeard = (hearing: Hearing): string => joinWords(hearing.committed, hearing.interim);

/** Forgets the words of the caller's turn but not that they are speaking. */
export function wordsTaken(hearing: Hearing): Hearing {
  return {
    ...hearing,
    beganAtMs: undefined,
    sounded: false,
    committed: '',
    interim: '',
    interimAtMs: undefined,
  };
}

/** The endpoint timer with the time already waited taken off. */
export function waitForEndpoint(live: Live, atMs: number, settings: ConversationSettings): Effect {
  const delayMs = endpointDelayMs(wordsHeard(live.hearing), live.callerPauseMs, settings);
  const waitedMs = Math.max(0, atMs - (live.hearing.lastSpeechAtMs ?? atMs));
  return { type: 'set-timer', timer: 'endpoint', ms: Math.max(0, delayMs - waitedMs) };
}

/** The floor is the caller's. Whatever they do or do not do, a timer brings us back. */
export function listen(
  live: Live,
  atMs: number,
  settings: ConversationSettings,
  effects: readonly Effect[] = [],
): Transition {
  const state: Conversation = { ...live, phase: 'listening', draft: undefined, drafts: 0 };
  const heard = wordsHeard(live.hearing) !== '';
  const timer: Effect = live.hearing.speaking
    ? { type: 'set-timer', timer: 'utterance', ms: heard ? settings.utteranceMaxMs : settings.noiseMaxMs }
    : heard
      ? waitForEndpoint(live, atMs, settings)
      : { type: 'set-timer', timer: 'silence', ms: settings.rePromptAfterMs };
  return { state, effects: [...effects, timer] };
}

interface Words {
  readonly phrase: PhraseName;
  readonly nth?: number;
  readonly after?: AfterSpeech;
  readonly source?: SpeechSource;
}

/** Speaks a fixed phrase as an assistant turn of its own. */
export function sayPhrase(live: Live, words: Words, effects: readonly Effect[] = []): Transition {
  const turn = live.nextTurn;
  const { phrase, nth = 0, after = thenListen, source = 'phrase' } = words;
  return {
    state: { ...live, nextTurn: turnId(turn + 1), phase: 'speaking', turn, source, after },
    effects: [...effects, { type: 'say', turn, phrase, nth }],
  };
}

const wrapUpPhrases: Record<WrapUpReason, PhraseName> = {
  'max-duration': 'max-duration-goodbye',
  'over-budget': 'over-budget-goodbye',
  drained: 'drain-goodbye',
};

export function sayWrapUp(live: Live, reason: WrapUpReason, effects: readonly Effect[] = []): Transition {
  const words = { phrase: wrapUpPhrases[reason], after: { next: 'hang-up', outcome: reason } } as const;
  return sayPhrase(live, words, effects);
}

/** Whether the caller can still be understood. */
export const isDeaf = (live: Live): boolean => live.recogniserLosses > 1;

/** There is no way to listen any more. With a person to reach, there is time to press the key; else the call ends. */
export function sayCannotHear(
  live: Live,
  settings: ConversationSettings,
  effects: readonly Effect[] = [],
): Transition {
  const after = { next: 'hang-up', outcome: 'failed' } as const;
  if (live.crisis) return sayPhrase(live, { phrase: 'crisis', source: 'crisis', after }, effects);
  const canPress =
    settings.transferTo !== undefined && settings.keys['0'] === 'human' && live.rePrompts === 0;
  return canPress
    ? sayPhrase({ ...live, rePrompts: 1 }, { phrase: 'cannot-hear-press-0' }, effects)
    : sayPhrase(live, { phrase: 'cannot-hear', after }, effects);
}

export function sayTimeNearlyOver(live: Live, effects: readonly Effect[] = []): Transition {
  return sayPhrase({ ...live, warningDue: false }, { phrase: 'max-duration-warning' }, effects);
}

/** What a caller hears when their answer cannot be made: after words of danger, always the numbers that help. */
export function sayFailure(live: Live, effects: readonly Effect[] = []): Transition {
  return live.crisis
    ? sayPhrase(live, { phrase: 'crisis', source: 'crisis' }, effects)
    : sayPhrase(live, { phrase: 'model-failed' }, effects);
}

/** Takes the turn: the utterance is noted, and a reply is started, or the draft of it confirmed. */
export function think(
  live: Live,
  utterance: string,
  settings: ConversationSettings,
  from: { readonly draft?: Draft | undefined; readonly effects?: readonly Effect[] } = {},
): Transition {
  const danger = detectCrisis(utterance);
  const kept = from.draft && sameWords(from.draft.utterance, utterance) ? from.draft : undefined;
  const turn = kept?.turn ?? live.nextTurn;
  const effects: Effect[] = [...(from.effects ?? [])];
  if (from.draft && !kept) effects.push({ type: 'cancel-reply', turn: from.draft.turn });
  effects.push({ type: 'note-utterance', text: utterance });
  if (danger && !live.crisis) effects.push({ type: 'flag-crisis', kind: danger.kind });
  effects.push(
    kept ? { type: 'confirm-reply', turn } : { type: 'start-reply', turn, utterance, draft: false },
  );
  effects.push({ type: 'set-timer', timer: 'hold-phrase', ms: settings.holdAfterMs });
  return {
    state: {
      ...live,
      nextTurn: kept ? live.nextTurn : turnId(turn + 1),
      hearing: wordsTaken(live.hearing),
      rePrompts: 0,
      crisis: live.crisis || danger !== undefined,
      phase: 'thinking',
      turn,
      utterance,
      holds: 0,
      tool: undefined,
      held: false,
      after: thenListen,
    },
    effects,
  };
}

export function end(outcome: Outcome, effects: readonly Effect[] = [], transferTo?: string): Transition {
  const endCall: Effect =
    transferTo === undefined ? { type: 'end-call', outcome } : { type: 'end-call', outcome, transferTo };
  return { state: { phase: 'ended', outcome }, effects: [...effects, endCall] };
}

/** The caller takes the floor while the assistant has it: everything unheard is dropped. */
export function interrupt(
  state: LiveConversation & { readonly turn: Draft['turn'] },
  live: Live,
  atMs: number,
  settings: ConversationSettings,
): Transition {
  return listen({ ...live, rePrompts: 0 }, atMs, settings, [{ type: 'cancel-reply', turn: state.turn }]);
}

/** Some words must be heard to their end: help in danger, a transfer, the goodbye of a call that has to end. */
export function mayBeInterrupted(source: SpeechSource, after: AfterSpeech): boolean {
  if (source === 'crisis' || after.next === 'transfer') return false;
  return after.next === 'listen' || after.outcome === 'completed' || after.outcome === 'caller-silent';
}

/** What the spoken words lead to, once they have been heard. */
export function afterSpeech(
  live: Live,
  after: AfterSpeech,
  atMs: number,
  settings: ConversationSettings,
): Transition {
  if (after.next === 'hang-up') return end(after.outcome);
  if (after.next === 'transfer') return end('transferred', [], after.to);
  if (live.wrapUp !== undefined && !live.crisis) return sayWrapUp(live, live.wrapUp);
  // Who is speaking already hears it after the answer to that.
  if (live.warningDue && !live.hearing.speaking && wordsHeard(live.hearing) === '')
    return sayTimeNearlyOver(live);
  const { hearing } = live;
  const agreed = classifyInterruption(wordsHeard(hearing)) === 'backchannel';
  const longAgo = atMs - (hearing.lastSpeechAtMs ?? 0) > settings.backchannelAnswerMs;
  if (!agreed || !longAgo || hearing.speaking) return listen(live, atMs, settings);
  return listen({ ...live, hearing: wordsTaken(hearing) }, atMs, settings, [{ type: 'commit-utterance' }]);
}

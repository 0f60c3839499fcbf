/** The three unions of a conversation: where it stands, what happened, what to do. Plain data; time enters in events. */
import type { TurnId } from '../ids.ts';
import type { Outcome } from '../records/call-record.ts';
import type { CrisisKind } from './crisis-rules.ts';

/** What we know of the caller's side: kept in every phase in which a caller can speak. */
export interface Hearing {
  /** The voice detector hears speech now. */
  readonly speaking: boolean;
  /** When speech was last heard; undefined before the first of this utterance. */
  readonly lastSpeechAtMs: number | undefined;
  /** When the first speech of this utterance began; undefined before it. */
  readonly beganAtMs: number | undefined;
  /** Speech long enough to hold words was heard since the last words were taken. */
  readonly sounded: boolean;
  /** Words committed in this caller turn so far. */
  readonly committed: string;
  /** Words that may still change. */
  readonly interim: string;
  /** When they were last shown; undefined while there are none. */
  readonly interimAtMs: number | undefined;
}

/** A reply started on words that may still change: nobody hears it until it is confirmed. */
export interface Draft {
  readonly turn: TurnId;
  readonly utterance: string;
}

/** What the assistant is saying: an answer of the model, or a fixed phrase. */
export type SpeechSource = 'reply' | 'greeting' | 'phrase' | 'crisis';

/** What comes after the words being spoken now. */
export type AfterSpeech =
  | { readonly next: 'listen' }
  | { readonly next: 'hang-up'; readonly outcome: Outcome }
  | { readonly next: 'transfer'; readonly to: string };

/** Why the call has to come to an end although nobody asked. */
export type WrapUpReason = 'max-duration' | 'over-budget' | 'drained';

/** What every live phase carries. */
export interface Live {
  /** The number the next assistant turn gets. */
  readonly nextTurn: TurnId;
  readonly hearing: Hearing;
  /** Smoothed length of the caller's pauses inside utterances, milliseconds; undefined before the first. */
  readonly callerPauseMs: number | undefined;
  /** Questions already asked into the present silence. */
  readonly rePrompts: number;
  /** Set when the call should end after the present exchange. */
  readonly wrapUp: WrapUpReason | undefined;
  /** Danger was spoken of: from here no limit, budget or timer ends the call. */
  readonly crisis: boolean;
  /** Times the recogniser was lost. Once it is opened again; after that nobody can hear the caller. */
  readonly recogniserLosses: number;
  /** The caller is still to be told that the time of this call is nearly over. */
  readonly warningDue: boolean;
  /** Words that were taken on the interim: until then the recogniser may say them once more, as final ones. */
  readonly owed: { readonly words: string; readonly untilMs: number } | undefined;
}

export type Conversation =
  | { readonly phase: 'connecting' }
  | ({ readonly phase: 'listening'; readonly draft: Draft | undefined; readonly drafts: number } & Live)
  /** The caller has finished, we think; the recogniser owes us the final words. */
  | ({ readonly phase: 'committing'; readonly draft: Draft | undefined } & Live)
  /** A reply is being made; the caller has heard at most a hold phrase of it. */
  | ({
      readonly phase: 'thinking';
      readonly turn: TurnId;
      readonly utterance: string;
      /** Hold phrases spoken so far. */
      readonly holds: number;
      /** The tool that is being waited for. */
      readonly tool: string | undefined;
      /** Nothing is played because the caller made a sound. */
      readonly held: boolean;
      readonly after: AfterSpeech;
    } & Live)
  | ({
      readonly phase: 'speaking';
      readonly turn: TurnId;
      readonly source: SpeechSource;
      readonly after: AfterSpeech;
    } & Live)
  /** Playback is held: the caller made a sound and we find out whether it is an interruption. */
  | ({
      readonly phase: 'held';
      readonly turn: TurnId;
      readonly source: SpeechSource;
      readonly after: AfterSpeech;
      /** Times the decision was put off because the sound went on without words. */
      readonly waits: number;
    } & Live)
  | { readonly phase: 'ended'; readonly outcome: Outcome };

export type Phase = Conversation['phase'];
export type LiveConversation = Exclude<Conversation, { phase: 'connecting' } | { phase: 'ended' }>;
export type In<P extends Phase> = Extract<Conversation, { phase: P }>;

/** At most one timer of each name runs. */
export type TimerName =
  /** The caller has been silent long enough to take the turn. */
  | 'endpoint'
  /** The recogniser owes us committed words. */
  | 'commit'
  /** The held playback must be decided. */
  | 'held'
  /** The reply is slow: bridge it. */
  | 'hold-phrase'
  /** The caller says nothing. */
  | 'silence'
  /** The caller makes sound without end. */
  | 'utterance';

/** What happened, in the past tense. */
export type CallEvent =
  /** `returning`: the call went on after a transfer that nobody answered. */
  | { readonly type: 'stream-started'; readonly returning?: boolean; readonly atMs: number }
  | { readonly type: 'caller-speech-started'; readonly atMs: number }
  /** Long enough to be more than a click: the barge-in threshold. */
  | { readonly type: 'caller-speech-sustained'; readonly atMs: number }
  | { readonly type: 'caller-speech-stopped'; readonly atMs: number; readonly lastSpeechAtMs: number }
  | { readonly type: 'interim-transcribed'; readonly text: string; readonly atMs: number }
  | { readonly type: 'utterance-committed'; readonly text: string; readonly atMs: number }
  | { readonly type: 'dtmf-pressed'; readonly digit: string; readonly atMs: number }
  | { readonly type: 'tool-started'; readonly turn: TurnId; readonly tool: string; readonly atMs: number }
  | { readonly type: 'reply-audio-started'; readonly turn: TurnId; readonly atMs: number }
  /** Everything the reply will ever say is with the playback; `spoke` is false when that is nothing. */
  | {
      readonly type: 'reply-completed';
      readonly turn: TurnId;
      readonly spoke: boolean;
      readonly atMs: number;
    }
  | { readonly type: 'reply-failed'; readonly turn: TurnId; readonly atMs: number }
  /** Not even a fixed phrase can be spoken. */
  | { readonly type: 'speech-lost'; readonly atMs: number }
  | { readonly type: 'end-requested'; readonly turn: TurnId; readonly atMs: number }
  | { readonly type: 'transfer-requested'; readonly turn: TurnId; readonly to: string; readonly atMs: number }
  | { readonly type: 'playback-finished'; readonly turn: TurnId; readonly atMs: number }
  | { readonly type: 'recogniser-lost'; readonly atMs: number }
  /** The longest a call may last is near. */
  | { readonly type: 'time-nearly-over'; readonly atMs: number }
  | { readonly type: 'wrap-up-requested'; readonly reason: WrapUpReason; readonly atMs: number }
  | { readonly type: 'timer-fired'; readonly timer: TimerName; readonly atMs: number }
  | { readonly type: 'stream-ended'; readonly atMs: number };

/** The fixed sentences the machine itself asks for. */
export type PhraseName =
  | 'greeting'
  | 'model-failed'
  | 'not-understood'
  | 'cannot-hear'
  | 'cannot-hear-press-0'
  | 're-prompt'
  | 'silence-goodbye'
  | 'goodbye'
  | 'crisis'
  | 'transferring'
  | 'transfer-failed'
  | 'transfer-unavailable'
  | 'max-duration-warning'
  | 'max-duration-goodbye'
  | 'over-budget-goodbye'
  | 'drain-goodbye';

/** What to do, in the imperative. Carried out in order. */
export type Effect =
  /** Speak a fixed phrase as an assistant turn of its own. `nth` picks a variant, from 0. */
  | { readonly type: 'say'; readonly turn: TurnId; readonly phrase: PhraseName; readonly nth: number }
  /** Bridge a slow reply inside its own turn. */
  | {
      readonly type: 'say-hold';
      readonly turn: TurnId;
      readonly tool: string | undefined;
      readonly nth: number;
    }
  /** `draft`: nobody may hear it, and no tool may run, until it is confirmed. */
  | {
      readonly type: 'start-reply';
      readonly turn: TurnId;
      readonly utterance: string;
      readonly draft: boolean;
    }
  | { readonly type: 'confirm-reply'; readonly turn: TurnId }
  /** Abort model, tools and speech of a turn, silence it, and keep only what was heard. */
  | { readonly type: 'cancel-reply'; readonly turn: TurnId }
  | { readonly type: 'hold-playback' }
  | { readonly type: 'resume-playback' }
  | { readonly type: 'commit-utterance' }
  | { readonly type: 'reopen-recogniser' }
  /** The caller's turn so far; replaces the one noted before if nothing was answered since. */
  | { readonly type: 'note-utterance'; readonly text: string }
  /** Marks the record and tells whoever looks after the safety of callers. */
  | { readonly type: 'flag-crisis'; readonly kind: CrisisKind }
  | { readonly type: 'set-timer'; readonly timer: TimerName; readonly ms: number }
  | { readonly type: 'clear-timer'; readonly timer: TimerName }
  | { readonly type: 'end-call'; readonly outcome: Outcome; readonly transferTo?: string };

export interface Transition {
  readonly state: Conversation;
  readonly effects: readonly Effect[];
}

/** The state of the assistant's side of one call, shared by the few files that make, play and account for turns. */
import type { StreamClaims } from '#core/calls/stream-claims.ts';
import type { CallEvent } from '#core/conversation/state.ts';
import type { PromptEstimates } from '#core/costs/prompt-estimates.ts';
import type { TurnId } from '#core/ids.ts';
import type { Persona } from '#core/personas/persona.ts';
import type { SystemBlock } from '#core/ports/language-model.ts';
import type { MediaStream } from '#core/ports/media-stream.ts';
import type { TextToSpeechSession, VoiceId } from '#core/ports/text-to-speech.ts';
import type { AssistantTurn } from './assistant-turn.ts';
import type { CallAccount } from './call-account.ts';
import type { CallDependencies } from './call-dependencies.ts';
import type { Gate } from './gate.ts';
import type { Playback } from './playback.ts';
import type { TurnJournal } from './turn-journal.ts';

export interface AssistantSideOptions {
  readonly deps: CallDependencies;
  readonly claims: StreamClaims;
  readonly persona: Persona;
  readonly stream: MediaStream;
  /** Ends with the call. */
  readonly signal: AbortSignal;
  readonly journal: TurnJournal;
  readonly account: CallAccount;
  /** The person this call can be transferred to. */
  readonly transferTo: string | undefined;
  readonly dispatch: (event: CallEvent) => void;
  readonly onFailure: (error: unknown) => void;
  readonly onTurnEnded: () => void;
  /** A model or a voice is being asked: something is being bought. */
  readonly onBuying: () => void;
  /** A turn was charged. Resolves when that is stored; never rejects. */
  readonly onCharged: () => Promise<void>;
}

/** Moments of the caller's side that latencies are measured from, milliseconds on the call's clock. */
export interface EarMoments {
  stoppedAtMs?: number;
  startedAtMs?: number;
  /** The assistant fell silent for the caller. */
  heldAtMs?: number;
  commitAtMs?: number;
  committedAfterMs?: number;
}

export interface AssistantSide extends AssistantSideOptions {
  readonly voice: VoiceId;
  readonly speech: TextToSpeechSession;
  readonly playback: Playback;
  readonly system: readonly SystemBlock[];
  readonly turns: Map<TurnId, AssistantTurn>;
  readonly gates: Map<TurnId, Gate>;
  /** Work that still has to be charged. */
  readonly settling: Map<AssistantTurn, Promise<void>>;
  /** Turns of which the model was asked in vain: charged once more in the end, when more prompts were counted. */
  readonly uncounted: Set<AssistantTurn>;
  readonly ear: EarMoments;
  readonly promptEstimates: PromptEstimates;
}

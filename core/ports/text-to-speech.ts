import type { MulawAudio } from '../audio/mulaw.ts';
import type { CallSid } from '../ids.ts';

/** The vendor's identity of a voice. */
export type VoiceId = string;

/** When each character of the spoken text is heard, relative to the start of the chunk's own audio. */
export interface CharacterAlignment {
  readonly chars: readonly string[];
  readonly startMs: readonly number[];
  readonly durationMs: readonly number[];
}

export interface SpeechChunk {
  readonly audio: MulawAudio;
  /** The characters spoken in this chunk as they were written (not normalised), when the vendor tells. */
  readonly alignment?: CharacterAlignment;
}

/** One reply being spoken. */
export interface Speech {
  /** Audio in order; ends when all text was spoken or the signal aborted; throws `ProviderError`. One consumer. */
  readonly chunks: AsyncIterable<SpeechChunk>;
  /** Characters handed to the vendor so far: what it bills, also after an abort. */
  charactersSent(): number;
}

export interface SpeechOptions {
  /** Cancels this reply only; the session stays usable. */
  readonly signal: AbortSignal;
}

/** One speech connection for one call, opened before it is needed and kept warm. */
export interface TextToSpeechSession {
  /** Speaks pieces (whole sentences or phrases) as they come. Replies may overlap only while one is being cancelled. */
  speak(text: AsyncIterable<string>, options: SpeechOptions): Speech;
  close(): Promise<void>;
}

export interface TextToSpeech {
  /** Starts connecting at once and returns without waiting; `signal` ends the session. */
  open(options: {
    readonly callSid: CallSid;
    readonly voice: VoiceId;
    readonly signal: AbortSignal;
  }): TextToSpeechSession;
}

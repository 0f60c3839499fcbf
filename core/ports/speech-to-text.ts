import type { MulawAudio } from '../audio/mulaw.ts';
import type { CallSid } from '../ids.ts';

/**
 * What a recogniser says.
 * - `ready`: the session is open; sent once per (re)connection
 * - `interim`: all words not yet committed, replacing the previous interim
 * - `committed`: words that will not change; the answer to `commit()` (text may be empty)
 * - `interrupted`: the session was lost and is being opened again; audio since the last commit is replayed
 */
export type TranscriptEvent =
  | { readonly type: 'ready' }
  | { readonly type: 'interim'; readonly text: string }
  | { readonly type: 'committed'; readonly text: string }
  | { readonly type: 'interrupted'; readonly error: Error };

export interface SpeechToTextOptions {
  readonly callSid: CallSid;
  /** ISO 639-1, such as `en`. */
  readonly languageCode: string;
  /** Names and terms worth listening for. */
  readonly keyterms?: readonly string[];
  /** Ends the session: the socket is closed and `events` ends. */
  readonly signal: AbortSignal;
}

/** One recogniser session for one call. Neither `write` nor `commit` ever waits. */
export interface SpeechToTextSession {
  /** Takes audio of any length; buffers (bounded) until the session is ready. */
  write(audio: MulawAudio): void;
  /** The caller has finished: turn what was said since the last commit into a `committed` event. */
  commit(): void;
  /** Ends after abort or `close`; throws `ProviderError` when the recogniser is gone for good. One consumer. */
  readonly events: AsyncIterable<TranscriptEvent>;
  /** Milliseconds of audio sent to the recogniser so far: what it bills. */
  audioSentMs(): number;
  close(): Promise<void>;
}

export interface SpeechToText {
  /** Starts connecting at once and returns without waiting. */
  open(options: SpeechToTextOptions): SpeechToTextSession;
}

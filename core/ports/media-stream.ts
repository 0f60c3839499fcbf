import type { MulawAudio } from '../audio/mulaw.ts';
import type { AccountSid, CallSid, StreamSid } from '../ids.ts';

export interface StreamStart {
  readonly streamSid: StreamSid;
  readonly callSid: CallSid;
  readonly accountSid: AccountSid;
  /** What our own TwiML put into `<Parameter>`. */
  readonly parameters: Readonly<Record<string, string>>;
}

/** Why the stream is over: told by Twilio (`stop`), closed by us, or the socket was lost. */
export type StreamEnd = 'stopped' | 'closed' | 'lost';

/**
 * Receives what the phone side sends. Pushed synchronously: nothing is buffered on the audio path.
 * `onEnd` is called exactly once.
 */
export interface MediaStreamListener {
  onStart(start: StreamStart): void;
  onMedia(audio: MulawAudio): void;
  onMark(name: string): void;
  onDtmf(digit: string): void;
  onEnd(end: StreamEnd): void;
}

/** The phone side of one call. Calls after the end do nothing. */
export interface MediaStream {
  play(audio: MulawAudio): void;
  /** Comes back through `onMark` when everything played before it was heard, or at once after `clear`. */
  mark(name: string): void;
  /** Drops everything not yet heard. */
  clear(): void;
  /** Ends the stream; the phone side then asks what comes next. `refused`: what it claimed was not accepted. */
  close(why?: 'done' | 'refused'): void;
}

/** The caller's side: frames go to the recogniser and to the voice detector, and come out as conversation events. */
import { decodeMulaw, frameBytes, frameMs, type MulawAudio } from '#core/audio/mulaw.ts';
import {
  createSpeechActivityTracker,
  type SpeechActivitySettings,
} from '#core/conversation/speech-activity.ts';
import type { CallEvent } from '#core/conversation/state.ts';
import type { CallSid } from '#core/ids.ts';
import type { Clock } from '#core/ports/clock.ts';
import type { SpeechToText, SpeechToTextSession } from '#core/ports/speech-to-text.ts';
import type { VoiceActivityDetector } from '#core/ports/voice-activity.ts';

export interface Listening {
  onMedia(audio: MulawAudio): void;
  commit(): void;
  /** Opens a new recogniser session after the last one was lost. */
  reopen(): void;
  /** Audio sent to recognisers, for the bill. */
  audioSentMs(): number;
  /** From now on nothing is sent any more. */
  stop(): void;
  close(): Promise<void>;
}

export interface ListeningOptions {
  readonly callSid: CallSid;
  readonly languageCode: string;
  readonly speechToText: SpeechToText;
  readonly detector: VoiceActivityDetector;
  readonly activity: SpeechActivitySettings;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly dispatch: (event: CallEvent) => void;
  readonly onFailure: (error: unknown) => void;
}

export function createListening(options: ListeningOptions): Listening {
  const { clock, dispatch, signal } = options;
  const tracker = createSpeechActivityTracker(options.activity);
  const frame = new Uint8Array(frameBytes);
  const samples = new Int16Array(frameBytes);
  let filled = 0;
  let billedMs = 0;
  let stopped = false;
  let session = openSession();

  function openSession(): SpeechToTextSession {
    const { callSid, languageCode } = options;
    const opened = options.speechToText.open({ callSid, languageCode, signal });
    void follow(opened);
    return opened;
  }

  async function follow(opened: SpeechToTextSession): Promise<void> {
    try {
      for await (const event of opened.events) {
        const atMs = clock.nowMs();
        if (event.type === 'interim') dispatch({ type: 'interim-transcribed', text: event.text, atMs });
        if (event.type === 'committed') dispatch({ type: 'utterance-committed', text: event.text, atMs });
        if (event.type === 'interrupted') options.onFailure(event.error);
      }
    } catch (error) {
      if (signal.aborted) return;
      options.onFailure(error);
      dispatch({ type: 'recogniser-lost', atMs: clock.nowMs() });
    }
  }

  const detect = () => {
    const isSpeech = options.detector.process(decodeMulaw(frame, samples));
    const change = tracker.frame(isSpeech, frameMs, clock.nowMs());
    if (change?.type === 'started') dispatch({ type: 'caller-speech-started', atMs: change.atMs });
    if (change?.type === 'sustained') dispatch({ type: 'caller-speech-sustained', atMs: change.atMs });
    if (change?.type === 'stopped')
      dispatch({ type: 'caller-speech-stopped', atMs: change.atMs, lastSpeechAtMs: change.lastSpeechAtMs });
  };

  return {
    onMedia(audio) {
      if (stopped) return;
      session.write(audio);
      // The phone side may send any length; the detector wants whole frames.
      for (let at = 0; at < audio.length; ) {
        const part = audio.subarray(at, at + frameBytes - filled);
        frame.set(part, filled);
        filled += part.length;
        at += part.length;
        if (filled < frameBytes) return;
        filled = 0;
        detect();
      }
    },
    commit: () => session.commit(),
    reopen() {
      billedMs += session.audioSentMs();
      session = openSession();
    },
    audioSentMs: () => billedMs + session.audioSentMs(),
    stop() {
      stopped = true;
    },
    async close() {
      options.detector.close();
      await session.close();
    },
  };
}

import type { MulawAudio } from '../audio/mulaw.ts';
import type { VoiceId } from './text-to-speech.ts';

/** Fixed phrases recorded beforehand, per voice: spoken at once and without a vendor. */
export interface RecordedPhrases {
  find(voice: VoiceId, text: string): MulawAudio | undefined;
}

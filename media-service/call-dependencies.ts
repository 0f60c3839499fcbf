/** What one call needs from the world and from its settings. */

import type { ConversationSettings } from '#core/conversation/settings.ts';
import type { SpeechActivitySettings } from '#core/conversation/speech-activity.ts';
import type { BudgetGuard } from '#core/costs/budget-guard.ts';
import type { Prices } from '#core/costs/prices.ts';
import type { PromptEstimates } from '#core/costs/prompt-estimates.ts';
import type { CallStore } from '#core/ports/call-store.ts';
import type { Clock } from '#core/ports/clock.ts';
import type { LanguageModel } from '#core/ports/language-model.ts';
import type { RecordedPhrases } from '#core/ports/recorded-phrases.ts';
import type { SpeechToText } from '#core/ports/speech-to-text.ts';
import type { Telemetry } from '#core/ports/telemetry.ts';
import type { TextToSpeech } from '#core/ports/text-to-speech.ts';
import type { Tools } from '#core/ports/tools.ts';
import type { VoiceActivityDetector } from '#core/ports/voice-activity.ts';

export interface CallSettings {
  readonly conversation: ConversationSettings;
  readonly speechActivity: SpeechActivitySettings;
  /** The model of personas that name none, and the one tried after it. */
  readonly model: string;
  readonly fallbackModel: string;
  /** What speech is billed as. */
  readonly speechModel: string;
  /** ISO 639-1. */
  readonly languageCode: string;
  /** After this the call is brought to a polite end. */
  readonly callMaxMs: number;
  readonly playbackLeadMs: number;
  /** Model messages of history sent with a request. */
  readonly historyMessagesMax: number;
  readonly retentionDays: number;
  readonly computeShare: number;
  /** Number of the person a caller can be transferred to; undefined where there is none. */
  readonly transferTo: string | undefined;
}

export interface CallDependencies {
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  readonly store: CallStore;
  readonly speechToText: SpeechToText;
  readonly textToSpeech: TextToSpeech;
  readonly languageModel: LanguageModel;
  readonly tools: Tools;
  readonly recordedPhrases: RecordedPhrases;
  readonly openVoiceActivity: () => VoiceActivityDetector;
  readonly prices: Prices;
  /** Of the whole process: what one call has learned of a prompt holds for the others. */
  readonly promptEstimates: PromptEstimates;
  readonly budgets: BudgetGuard;
  readonly settings: CallSettings;
}

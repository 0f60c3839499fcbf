/** A whole call on a virtual clock: the real session between scripted ports and a phone that hears. */

import type { MulawAudio } from '#core/audio/mulaw.ts';
import type { StreamClaims } from '#core/calls/stream-claims.ts';
import { defaultConversationSettings } from '#core/conversation/settings.ts';
import { defaultSpeechActivity } from '#core/conversation/speech-activity.ts';
import type { BudgetGuard } from '#core/costs/budget-guard.ts';
import { defaultPrices } from '#core/costs/prices.ts';
import { createPromptEstimates } from '#core/costs/prompt-estimates.ts';
import { accountSidSchema, callSidSchema, streamSidSchema } from '#core/ids.ts';
import { limits } from '#core/limits.ts';
import type { Role } from '#core/personas/role.ts';
import type { CallStore } from '#core/ports/call-store.ts';
import type { Clock } from '#core/ports/clock.ts';
import type { ReplyRequest } from '#core/ports/language-model.ts';
import type { MediaStream } from '#core/ports/media-stream.ts';
import type { Telemetry } from '#core/ports/telemetry.ts';
import type { CallDependencies, CallSettings } from '#media-service/call-dependencies.ts';
import type { CallPast } from '#media-service/call-past.ts';
import { type CallSession, startCall } from '#media-service/call-session.ts';
import { testBudgetGuard } from './budgets.ts';
import { createInMemoryCallStore } from './in-memory-call-store.ts';
import {
  createRecordingTelemetry,
  createScriptedModel,
  createScriptedRecogniser,
  createScriptedSpeech,
  createScriptedTools,
  type ScriptedReply,
} from './scripted-ports.ts';
import { createVirtualClock, type VirtualClock } from './virtual-clock.ts';
import { createVirtualPhone } from './virtual-phone.ts';

export const callSid = callSidSchema.parse(`CA${'1'.repeat(32)}`);

export interface VirtualCallOptions {
  readonly role?: Role;
  readonly model?: (request: ReplyRequest, nth: number) => ScriptedReply;
  readonly tools?: Parameters<typeof createScriptedTools>[1];
  readonly settings?: Partial<CallSettings>;
  readonly recorded?: (text: string) => MulawAudio | undefined;
  readonly store?: CallStore;
  readonly budgets?: (clock: Clock, telemetry: Telemetry) => BudgetGuard;
  readonly claims?: Partial<StreamClaims>;
  /** A clock that others move too, such as one that follows real time. */
  readonly clock?: VirtualClock;
  /** How long after it was spoken a word is shown. Default: 150 ms. */
  readonly interimDelayMs?: number;
  /** What an earlier stream of the call left: it comes back from a transfer that nobody answered. */
  readonly past?: CallPast;
  /** Looks on at what passes between the call and its ports. */
  readonly observe?: (ports: Observed) => Observed;
}

export interface Observed {
  readonly deps: CallDependencies;
  readonly stream: MediaStream;
}

const wordMs = 300;
/** Recognisers show a word about this long after it was spoken. */
const usualInterimDelayMs = 150;

export function startVirtualCall(options: VirtualCallOptions = {}) {
  const { clock = createVirtualClock(), interimDelayMs = usualInterimDelayMs } = options;
  const telemetry = createRecordingTelemetry();
  const store = options.store ?? createInMemoryCallStore({ now: () => clock.now() });
  const recogniser = createScriptedRecogniser(clock);
  const speech = createScriptedSpeech(clock);
  const model = createScriptedModel(clock, options.model ?? (() => ({ text: 'I hear you. Tell me more.' })));
  const tools = createScriptedTools(clock, options.tools ?? {});
  let callerSpeaks = false;
  let session: CallSession | undefined;
  const phone = createVirtualPhone(clock, {
    media: (frame) => session?.onMedia(frame),
    mark: (name) => session?.onMark(name),
  });
  const scripted: CallDependencies = {
    clock,
    telemetry,
    store,
    speechToText: recogniser,
    textToSpeech: speech,
    languageModel: model,
    tools,
    recordedPhrases: { find: (_voice, text) => options.recorded?.(text) },
    openVoiceActivity: () => ({ process: () => callerSpeaks, close: () => undefined }),
    prices: defaultPrices,
    promptEstimates: createPromptEstimates(),
    budgets: options.budgets?.(clock, telemetry) ?? testBudgetGuard(clock, telemetry),
    settings: {
      conversation: defaultConversationSettings,
      speechActivity: defaultSpeechActivity,
      model: 'claude-haiku-5-5',
      fallbackModel: 'claude-haiku-4-5',
      speechModel: 'eleven_flash_v2_5',
      languageCode: 'en',
      callMaxMs: 3_600_000,
      playbackLeadMs: limits.playbackLeadMs,
      historyMessagesMax: 60,
      retentionDays: 365,
      computeShare: 0.01,
      transferTo: undefined,
      ...options.settings,
    },
  };
  const ports = { deps: scripted, stream: phone.stream };
  const { deps, stream } = options.observe?.(ports) ?? ports;
  session = startCall(deps, {
    claims: {
      callSid,
      role: options.role ?? 'parent',
      direction: 'inbound',
      callerHash: 'hash',
      callerMasked: '+1******1234',
      nonce: 'n'.repeat(16),
      expiresAt: 4_000_000_000,
      ...(options.past === undefined ? {} : { returning: true }),
      ...options.claims,
    },
    past: options.past,
    start: {
      callSid,
      streamSid: streamSidSchema.parse(`MZ${'2'.repeat(32)}`),
      accountSid: accountSidSchema.parse(`AC${'3'.repeat(32)}`),
      parameters: {},
    },
    stream,
  });
  const started = session;

  /** The caller makes a sound for a while; words become visible to the recogniser as they are spoken. */
  const makeSound = async (ms: number) => {
    callerSpeaks = true;
    await clock.advance(ms);
    callerSpeaks = false;
  };

  return {
    clock,
    phone,
    telemetry,
    store,
    recogniser,
    speech,
    model,
    session: started,
    tools,
    cough: makeSound,
    /** Whether the caller makes a sound at this moment. */
    makesSound(sounding: boolean) {
      callerSpeaks = sounding;
    },
    /** Speaks at an even pace. Words after `spoken` add to what the recogniser has not committed yet. */
    async says(text: string, before = '') {
      const words = text.split(' ');
      for (const [i] of words.entries()) {
        const visible = `${before} ${words.slice(0, i + 1).join(' ')}`.trim();
        clock.setTimer(wordMs + interimDelayMs, () => recogniser.interim(visible));
        await makeSound(wordMs);
      }
    },
    /** Lets the call go on until the assistant has said something more and is silent again. */
    async hearReply(limitMs = 60_000) {
      const before = phone.lastSoundAtMs();
      await clock.advanceUntil(() => phone.lastSoundAtMs() > before, limitMs);
      await clock.advanceUntil(
        () => !phone.isPlaying() && clock.nowMs() - phone.lastSoundAtMs() > 400,
        limitMs,
      );
    },
    async hangUp() {
      started.onStreamEnd();
      await clock.advanceUntil(() => phone.closed() !== 'no');
      await clock.advance(100);
    },
    turns: () => store.turns(callSid),
    record: () => store.find(callSid),
  };
}

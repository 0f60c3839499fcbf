/** Composition root of the media service: environment to adapters, listen, and end with grace on SIGTERM. */
import { createAnthropicLanguageModel } from '#adapters/anthropic/language-model.ts';
import { createStreamTokens } from '#adapters/crypto/stream-tokens.ts';
import { visitorDigest } from '#adapters/crypto/visitor-digest.ts';
import { createDynamoAlertStore } from '#adapters/dynamodb/alert-store.ts';
import { createDynamoBudgetStore } from '#adapters/dynamodb/budget-store.ts';
import { createDynamoCallStore } from '#adapters/dynamodb/call-store.ts';
import { createDynamoDocuments } from '#adapters/dynamodb/client.ts';
import { createDynamoOneTimeTokens } from '#adapters/dynamodb/one-time-tokens.ts';
import { createElevenLabsSpeechToText } from '#adapters/elevenlabs/speech-to-text.ts';
import { createElevenLabsTextToSpeech } from '#adapters/elevenlabs/text-to-speech.ts';
import { createTelemetry } from '#adapters/logging/telemetry.ts';
import { createMcpTools } from '#adapters/mcp/tools.ts';
import { loadRecordedPhrases, noRecordedPhrases } from '#adapters/recorded-phrases/phrase-folder.ts';
import { systemClock as clock } from '#adapters/system-clock/clock.ts';
import { createTwilioMediaStream } from '#adapters/twilio/media-stream.ts';
import { isSignedUpgrade } from '#adapters/twilio/request-signature.ts';
import { createWebRtcVad } from '#adapters/webrtc-vad/voice-activity.ts';
import { endCallTool, transferCallTool } from '#core/conversation/call-tools.ts';
import { warmUpCrisisRules } from '#core/conversation/crisis.ts';
import { defaultConversationSettings } from '#core/conversation/settings.ts';
import { defaultSpeechActivity } from '#core/conversation/speech-activity.ts';
import { createBudgetGuard } from '#core/costs/budget-guard.ts';
import { createPromptEstimates } from '#core/costs/prompt-estimates.ts';
import { createRateLimitWatch } from '#core/costs/rate-limit-watch.ts';
import { limits } from '#core/limits.ts';
import type { RecordedPhrases } from '#core/ports/recorded-phrases.ts';
import type { Telemetry } from '#core/ports/telemetry.ts';
import type { Tools } from '#core/ports/tools.ts';
import type { CallDependencies, CallSettings } from './call-dependencies.ts';
import { createCallRegistry } from './call-registry.ts';
import { type MediaConfig, parseMediaConfig } from './config.ts';
import { drain } from './drain.ts';
import { createFrameCount } from './frame-count.ts';
import { createMediaServer } from './server.ts';
import { createStreamAccess, isWebToken } from './stream-access.ts';
import { createStreamHandler } from './stream-handler.ts';
import { protectTask } from './task-protection.ts';
import { watchVitals } from './vitals.ts';

/** Model messages sent with a request: about thirty exchanges. */
const historyMessagesMax = 60;

function readConfig(): MediaConfig {
  const parsed = parseMediaConfig(process.env);
  if ('config' in parsed) return parsed.config;
  process.stderr.write(
    `The media service cannot start. Set in .env or in the stage's settings:\n  ${parsed.problems.join('\n  ')}\n`,
  );
  process.exit(1);
}

function callSettings(config: MediaConfig): CallSettings {
  return {
    conversation: {
      ...defaultConversationSettings,
      endpointAfterSentenceMs: config.ENDPOINT_AFTER_SENTENCE_MS,
      endpointMs: config.ENDPOINT_MS,
      endpointMidClauseMs: config.ENDPOINT_MID_CLAUSE_MS,
      endpointMaxMs: config.ENDPOINT_MAX_MS,
      draftsMax: config.DRAFTS_MAX,
      holdAfterMs: config.HOLD_AFTER_MS,
      rePromptAfterMs: config.RE_PROMPT_AFTER_MS,
      keys: config.KEY_ACTIONS,
      ...(config.TRANSFER_NUMBER === undefined ? {} : { transferTo: config.TRANSFER_NUMBER }),
    },
    speechActivity: defaultSpeechActivity,
    model: config.CLAUDE_MODEL,
    fallbackModel: config.CLAUDE_FALLBACK_MODEL,
    speechModel: config.ELEVENLABS_TTS_MODEL,
    languageCode: config.LANGUAGE_CODE,
    callMaxMs: config.CALL_MAX_SECS * 1000,
    playbackLeadMs: limits.playbackLeadMs,
    historyMessagesMax,
    retentionDays: config.RECORDS_TTL_DAYS,
    computeShare: config.COMPUTE_SHARE,
    transferTo: config.TRANSFER_NUMBER,
  };
}

const noTools: Tools = {
  definitions: () => [],
  run: async () => ({ status: 'failed', code: 'no-tools', content: 'There are no tools here.' }),
  close: async () => undefined,
};

function createTools(config: MediaConfig, telemetry: Telemetry): Tools {
  if (config.MCP_URL === undefined) return noTools;
  return createMcpTools({
    url: config.MCP_URL,
    ...(config.MCP_TOKEN === undefined ? {} : { token: config.MCP_TOKEN }),
    clientName: 'voice-center',
    clientVersion: config.SERVICE_VERSION,
    timeoutMs: limits.toolTimeoutMs,
    reservedNames: [endCallTool.name, transferCallTool.name],
    clock,
    telemetry,
  });
}

/** A folder that cannot be read costs nothing but the vendor's time. */
function readRecordedPhrases(config: MediaConfig, telemetry: Telemetry): RecordedPhrases {
  if (config.RECORDED_PHRASES_DIR === undefined) return noRecordedPhrases;
  try {
    const { phrases, count, damaged } = loadRecordedPhrases(
      config.RECORDED_PHRASES_DIR,
      config.ELEVENLABS_TTS_MODEL,
    );
    telemetry.log(damaged > 0 ? 'warn' : 'info', { msg: 'phrases.loaded', count, damaged });
    return phrases;
  } catch {
    telemetry.log('error', { msg: 'phrases.unreadable' });
    return noRecordedPhrases;
  }
}

async function createDependencies(config: MediaConfig, telemetry: Telemetry): Promise<CallDependencies> {
  const documents = createDynamoDocuments({
    region: config.AWS_REGION,
    endpoint: config.AWS_ENDPOINT_URL_DYNAMODB,
  });
  const costsTable = { documents, table: config.COSTS_TABLE, now: () => clock.now() };
  const alerts = createDynamoAlertStore(costsTable);
  const rateLimits = createRateLimitWatch({
    alerts,
    clock,
    telemetry,
    onFailure: () => telemetry.log('error', { msg: 'quota.not-kept' }),
  });
  const vad = await createWebRtcVad();
  const eleven = { apiKey: config.ELEVENLABS_API_KEY, baseUrl: config.ELEVENLABS_BASE_URL, clock };
  return {
    clock,
    telemetry,
    store: createDynamoCallStore({
      documents,
      table: config.CALLS_TABLE,
      // This process lists nothing.
      cursorSecret: '',
      now: () => clock.now(),
    }),
    speechToText: createElevenLabsSpeechToText({
      ...eleven,
      modelId: config.ELEVENLABS_STT_MODEL,
      commitStrategy: config.STT_COMMIT_STRATEGY,
    }),
    textToSpeech: createElevenLabsTextToSpeech({ ...eleven, modelId: config.ELEVENLABS_TTS_MODEL }),
    languageModel: createAnthropicLanguageModel({
      apiKey: config.ANTHROPIC_API_KEY,
      baseUrl: config.ANTHROPIC_BASE_URL,
      clock,
      firstEventTimeoutMs: limits.modelFirstEventTimeoutMs,
      eventGapTimeoutMs: limits.modelEventGapTimeoutMs,
      onRateLimit: rateLimits.observe,
    }),
    tools: createTools(config, telemetry),
    recordedPhrases: readRecordedPhrases(config, telemetry),
    openVoiceActivity: () => vad.open(),
    prices: config.prices,
    promptEstimates: createPromptEstimates(),
    budgets: createBudgetGuard({
      settings: config.BUDGETS,
      budgets: createDynamoBudgetStore(costsTable),
      alerts,
      clock,
      telemetry,
      onFailure: () => telemetry.log('error', { msg: 'budget.not-kept' }),
    }),
    settings: callSettings(config),
  };
}

const config = readConfig();
const telemetry = createTelemetry({
  service: 'media',
  stage: config.STAGE,
  version: config.SERVICE_VERSION,
  minLevel: config.LOG_LEVEL,
  clock,
  write: (line) => process.stdout.write(`${line}\n`),
});
warmUpCrisisRules();
const deps = await createDependencies(config, telemetry);
const registry = createCallRegistry({ callsMax: config.CALLS_PER_PROCESS_MAX });
const frames = createFrameCount(telemetry);
const oneTimeTokens = createDynamoOneTimeTokens(
  createDynamoDocuments({ region: config.AWS_REGION, endpoint: config.AWS_ENDPOINT_URL_DYNAMODB }),
  config.LIMITS_TABLE,
);
const streamTokens = createStreamTokens({ secrets: config.STREAM_TOKEN_SECRET });
const server = createMediaServer({
  registry,
  telemetry,
  version: config.SERVICE_VERSION,
  isWebToken: (token) => isWebToken(streamTokens, token, clock.now()),
  webCallsMax: config.WEB_CALLS_PER_PROCESS_MAX,
  isSignedUpgrade: (signature, path) =>
    isSignedUpgrade({
      authTokens: config.TWILIO_AUTH_TOKEN,
      signature,
      url: `${config.MEDIA_BASE_URL}${path}`,
    }),
  onStream: createStreamHandler({
    deps,
    registry,
    telemetry,
    checkAccess: createStreamAccess({
      tokens: streamTokens,
      oneTimeTokens,
      clock,
      visitorDigest,
      onFailure: () => telemetry.log('error', { msg: 'stream-access.memory-away' }),
    }),
    openStream: (socket, listener) =>
      createTwilioMediaStream({
        socket,
        listener: frames.counting(listener),
        clock,
        onFrameError: frames.noteProblem,
      }),
  }),
});

server.listen(config.MEDIA_PORT, config.MEDIA_HOST, () =>
  telemetry.log('info', { msg: 'media.listening', port: config.MEDIA_PORT }),
);
const vitals = watchVitals({ activeCalls: () => registry.active, frames, clock, telemetry });
const protection = protectTask({
  agentUri: process.env['ECS_AGENT_URI'],
  activeCalls: () => registry.active,
  clock,
  telemetry,
});

process.once('SIGTERM', () => {
  const settings = {
    acceptMs: config.DRAIN_ACCEPT_MS,
    graceMs: config.DRAIN_GRACE_MS,
    goodbyeMs: config.DRAIN_GOODBYE_MS,
  };
  void drain({ server, registry, clock, telemetry, settings })
    .then(() => deps.tools.close())
    .finally(() => {
      vitals.stop();
      protection.stop();
      process.exit(0);
    });
});

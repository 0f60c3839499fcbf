import { createAnthropicLanguageModel } from '#adapters/anthropic/language-model.ts';
import { systemClock } from '#adapters/system-clock/clock.ts';
import type { AnthropicFault, ScriptedAnswer } from '#local/vendors/anthropic/server.ts';
import { startSimulatedAnthropic } from '#local/vendors/anthropic/server.ts';
import {
  type Answer,
  cut,
  event,
  messageDelta,
  messageStart,
  messageStop,
  refuse,
  stall,
  startStrictMessagesApi,
  stream,
  textBlock,
  toolBlock,
} from '#tests/adapters/anthropic/strict-messages-api.ts';
import { eventually } from '#tests/support/running-stack.ts';
import {
  type Behaviour,
  describeLanguageModelContract,
  type LanguageModelSubject,
} from './language-model-contract.ts';

/** A busy machine must not make a reply fail that has nothing to do with time. */
const patientMs = 20_000;
/** Waited for in real time by the tests of quiet replies. */
const impatientMs = 250;

const modelAgainst = (baseUrl: string, apiKey: string, timeoutMs = patientMs) =>
  createAnthropicLanguageModel({
    apiKey,
    baseUrl,
    clock: systemClock,
    firstEventTimeoutMs: timeoutMs,
    eventGapTimeoutMs: timeoutMs,
  });

const overloaded = event({ type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } });

function answerTo(behaviour: Behaviour): Answer {
  switch (behaviour.kind) {
    case 'says':
      return stream(messageStart(), textBlock(0, ...behaviour.pieces), messageDelta('end_turn'), messageStop);
    case 'calls-tool':
      return stream(
        messageStart(),
        toolBlock(0, behaviour.name, JSON.stringify(behaviour.input)),
        messageDelta('tool_use'),
        messageStop,
      );
    case 'overloaded':
      return refuse(529, 'overloaded_error');
    case 'fails-midway':
      return stream(messageStart(), textBlock(0, ...behaviour.pieces), overloaded);
    case 'ends-early':
      return stream(messageStart(), textBlock(0, ...behaviour.pieces));
    case 'loses-socket':
      return cut(messageStart(), textBlock(0, ...behaviour.pieces));
    case 'goes-quiet':
      return stall(messageStart(), textBlock(0, ...behaviour.pieces));
    case 'never-begins':
      return stall();
  }
}

async function onStrictMessagesApi(): Promise<LanguageModelSubject> {
  const apiKey = 'sk-ant-test';
  const api = await startStrictMessagesApi({ apiKey });
  return {
    languageModel: modelAgainst(api.url, apiKey),
    impatient: modelAgainst(api.url, apiKey, impatientMs),
    refused: modelAgainst(api.url, 'another-key'),
    model: 'claude-haiku-4-5',
    next: (behaviour) => api.answer(answerTo(behaviour)),
    requests: () => api.requests.length,
    async idle() {
      await Promise.all(api.requests.map((request) => request.closed));
    },
    violations: () => api.violations,
    close: api.close,
  };
}

describeLanguageModelContract('Claude against a strict stand-in', onStrictMessagesApi);

/** What breaks a stream does so once all its words are out. */
const afterDeltas = 1_000;
const faults: Partial<Record<Behaviour['kind'], AnthropicFault>> = {
  overloaded: { kind: 'status', status: 529 },
  'fails-midway': { kind: 'mid-stream-error', afterDeltas },
  'ends-early': { kind: 'no-message-stop', afterDeltas },
  'loses-socket': { kind: 'cut', afterDeltas },
  'goes-quiet': { kind: 'stall', afterDeltas },
  'never-begins': { kind: 'hang' },
};

function scriptOf(behaviour: Behaviour): ScriptedAnswer {
  if (behaviour.kind === 'calls-tool')
    return { toolCalls: [{ name: behaviour.name, input: { ...behaviour.input } }] };
  return { text: 'pieces' in behaviour ? behaviour.pieces.join('') : 'Never said.' };
}

async function onSimulatedAnthropic(): Promise<LanguageModelSubject> {
  const apiKey = 'sk-ant-test';
  const delays = { firstTokenMs: 5, tokensPerSec: 10_000, thinkingMs: 0 };
  const service = await startSimulatedAnthropic({ apiKey, delays });
  const scripts: ScriptedAnswer[] = [];
  service.script(() => scripts.shift() ?? { text: 'Nobody told me what to say.' });
  return {
    languageModel: modelAgainst(service.url, apiKey),
    impatient: modelAgainst(service.url, apiKey, impatientMs),
    refused: modelAgainst(service.url, 'another-key'),
    model: 'claude-haiku-4-5',
    next(behaviour) {
      scripts.push(scriptOf(behaviour));
      const fault = faults[behaviour.kind];
      if (fault) service.failNext(fault);
    },
    requests: () => service.requests().length,
    async idle() {
      await eventually(() => (service.underWay() === 0 ? true : undefined), patientMs);
    },
    // The key that one of the tests gets wrong on purpose.
    violations: () => service.violations().filter(({ code }) => code !== 'authentication_error'),
    close: service.close,
  };
}

describeLanguageModelContract('Claude against the simulated service', onSimulatedAnthropic);

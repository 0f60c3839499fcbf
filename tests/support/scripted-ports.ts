/** One scripted implementation per port, as strict as the port says, on a virtual clock. */
import { createBoundedQueue } from '#core/async/bounded-queue.ts';
import type { ModelUsage } from '#core/costs/usage.ts';
import { CancelledError, ProviderError } from '#core/errors.ts';
import type { JsonObject } from '#core/json.ts';
import type { Clock } from '#core/ports/clock.ts';
import type {
  AssistantBlock,
  LanguageModel,
  ReplyPart,
  ReplyRequest,
  ToolCall,
} from '#core/ports/language-model.ts';
import type { SpeechToText, TranscriptEvent } from '#core/ports/speech-to-text.ts';
import type { Telemetry } from '#core/ports/telemetry.ts';
import type { SpeechChunk, TextToSpeech } from '#core/ports/text-to-speech.ts';
import type { Tools } from '#core/ports/tools.ts';
import type { ContractLine } from '#core/telemetry/log-lines.ts';
import { spell } from './spelled-audio.ts';

export function pause(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.reject(new CancelledError());
  return new Promise((resolve, reject) => {
    const cancel = clock.setTimer(ms, () => {
      signal.removeEventListener('abort', aborted);
      resolve();
    });
    const aborted = () => {
      cancel();
      reject(new CancelledError());
    };
    signal.addEventListener('abort', aborted, { once: true });
  });
}

export interface ScriptedRecogniser extends SpeechToText {
  /** What the recogniser understands of the caller right now. */
  interim(text: string): void;
  /** The session dies. */
  fail(error?: ProviderError): void;
  readonly opened: number;
  readonly commits: number;
  /** Milliseconds from a commit to the committed words; undefined: they never come. */
  commitDelayMs: number | undefined;
  /** What the next commit says, when it is not the interim. */
  nextCommitted: string | undefined;
}

export function createScriptedRecogniser(clock: Clock): ScriptedRecogniser {
  let events = createBoundedQueue<TranscriptEvent>(1000);
  let words = '';
  let sentMs = 0;
  const recogniser: ScriptedRecogniser = {
    opened: 0,
    commits: 0,
    commitDelayMs: 150,
    nextCommitted: undefined,
    interim(text) {
      words = text;
      events.push({ type: 'interim', text });
    },
    fail(
      error = new ProviderError('The recogniser is gone', {
        provider: 'elevenlabs-stt',
        failure: 'unavailable',
      }),
    ) {
      events.fail(error);
    },
    open({ signal }) {
      Object.assign(recogniser, { opened: recogniser.opened + 1 });
      const mine = createBoundedQueue<TranscriptEvent>(1000);
      events = mine;
      signal.addEventListener('abort', () => mine.end(), { once: true });
      mine.push({ type: 'ready' });
      return {
        write: (audio) => {
          sentMs += audio.length / 8;
        },
        commit() {
          Object.assign(recogniser, { commits: recogniser.commits + 1 });
          if (recogniser.commitDelayMs === undefined) return;
          clock.setTimer(recogniser.commitDelayMs, () => {
            const text = recogniser.nextCommitted ?? words;
            recogniser.nextCommitted = undefined;
            words = '';
            mine.push({ type: 'committed', text });
          });
        },
        events: mine,
        audioSentMs: () => sentMs,
        close: async () => mine.end(),
      };
    },
  };
  return recogniser;
}

export interface ScriptedSpeech extends TextToSpeech {
  /** Milliseconds to the first audio of a reply. */
  firstAudioMs: number;
  /** Whether it tells when each character is heard. */
  aligned: boolean;
  /** The next this many replies fail. */
  failures: number;
  readonly spoken: readonly string[];
}

export function createScriptedSpeech(clock: Clock): ScriptedSpeech {
  const spoken: string[] = [];
  const speech: ScriptedSpeech = {
    firstAudioMs: 75,
    aligned: true,
    failures: 0,
    spoken,
    open: () => ({
      speak(text, { signal }) {
        let characters = 0;
        const fails = speech.failures > 0;
        if (fails) speech.failures -= 1;
        async function* chunks(): AsyncGenerator<SpeechChunk> {
          try {
            for await (const piece of text) {
              characters += piece.length;
              spoken.push(piece);
              await pause(clock, speech.firstAudioMs, signal);
              if (fails)
                throw new ProviderError('Speech failed', {
                  provider: 'elevenlabs-tts',
                  failure: 'unavailable',
                });
              const chunk = spell(`${piece.trim()} `);
              yield speech.aligned ? chunk : { audio: chunk.audio };
            }
          } catch (error) {
            if (!signal.aborted) throw error;
          }
        }
        return { chunks: chunks(), charactersSent: () => characters };
      },
      close: async () => undefined,
    }),
  };
  return speech;
}

/** What the scripted model does with one request. */
export interface ScriptedReply {
  readonly text?: string;
  readonly tools?: readonly { readonly name: string; readonly input?: JsonObject }[];
  readonly firstTokenMs?: number;
  readonly fails?: ProviderError;
  /** Never answers. */
  readonly stalls?: boolean;
}

export interface ScriptedModel extends LanguageModel {
  readonly requests: readonly ReplyRequest[];
  readonly aborted: number;
}

const usage = (outputTokens: number): ModelUsage => ({
  inputTokens: 100,
  cacheWrite5mTokens: 0,
  cacheWrite1hTokens: 0,
  cacheReadTokens: 900,
  outputTokens,
});

export function createScriptedModel(
  clock: Clock,
  script: (request: ReplyRequest, nth: number) => ScriptedReply,
): ScriptedModel {
  const requests: ReplyRequest[] = [];
  let aborted = 0;

  async function* reply(
    request: ReplyRequest,
    { signal }: { signal: AbortSignal },
  ): AsyncGenerator<ReplyPart> {
    const nth = requests.push(request) - 1;
    const scripted = script(request, nth);
    signal.addEventListener(
      'abort',
      () => {
        aborted += 1;
      },
      { once: true },
    );
    await pause(clock, scripted.stalls ? 3_600_000 : (scripted.firstTokenMs ?? 400), signal);
    yield { type: 'usage', usage: usage(1), final: false };
    if (scripted.fails) throw scripted.fails;
    const blocks: AssistantBlock[] = [];
    if (scripted.text) {
      blocks.push({ type: 'text', text: scripted.text });
      for (const word of scripted.text.split(/(?<= )/)) {
        yield { type: 'text-delta', text: word };
        await pause(clock, 10, signal);
      }
    }
    const calls = (scripted.tools ?? []).map(
      ({ name, input = {} }, i): ToolCall => ({ id: `toolu_${nth}_${i}`, name, input }),
    );
    for (const call of calls) {
      blocks.push({ type: 'tool-call', call });
      yield { type: 'tool-call', call };
    }
    yield { type: 'usage', usage: usage(20), final: true };
    yield { type: 'end', stopReason: calls.length > 0 ? 'tool-calls' : 'end', blocks };
  }

  return {
    reply,
    requests,
    get aborted() {
      return aborted;
    },
  };
}

export interface ScriptedTool {
  readonly afterMs?: number;
  readonly content: string;
  readonly onCall?: (input: JsonObject) => void;
}

export function createScriptedTools(
  clock: Clock,
  handlers: Record<string, ScriptedTool | (() => ScriptedTool)>,
): Tools {
  return {
    definitions: () =>
      Object.keys(handlers).map((name) => ({
        name,
        description: `Does ${name}`,
        inputSchema: { type: 'object' },
      })),
    async run(call, { signal }) {
      const scripted = handlers[call.name];
      const handler = typeof scripted === 'function' ? scripted() : scripted;
      if (!handler) return { status: 'failed', code: 'unknown-tool', content: 'There is no such tool.' };
      handler.onCall?.(call.input);
      try {
        await pause(clock, handler.afterMs ?? 0, signal);
      } catch {
        return { status: 'cancelled' };
      }
      return { status: 'ok', content: handler.content };
    },
    close: async () => undefined,
  };
}

export interface RecordingTelemetry extends Telemetry {
  readonly lines: readonly (ContractLine | { readonly msg: string })[];
  linesOf<M extends ContractLine['msg']>(msg: M): readonly Extract<ContractLine, { msg: M }>[];
  metrics(name: string): readonly number[];
}

export function createRecordingTelemetry(): RecordingTelemetry {
  const lines: (ContractLine | { readonly msg: string })[] = [];
  const values: { name: string; value: number }[] = [];
  return {
    lines,
    linesOf: <M extends ContractLine['msg']>(msg: M) =>
      lines.filter((line) => line.msg === msg) as Extract<ContractLine, { msg: M }>[],
    metrics: (name) => values.filter((entry) => entry.name === name).map(({ value }) => value),
    emit: (_level, line) => void lines.push(line),
    log: (_level, line) => void lines.push(line),
    metric: (name, value) => void values.push({ name, value }),
    flush: () => undefined,
  };
}

/** Whole phrases over HTTP, for the recorded-audio cache: greetings, hold phrases, goodbyes. */
import type { MulawAudio } from '#core/audio/mulaw.ts';
import { ProviderError } from '#core/errors.ts';
import type { VoiceId } from '#core/ports/text-to-speech.ts';
import { createEndpoint, type EndpointOptions } from './endpoint.ts';
import { request } from './http-request.ts';
import { defaultSpeechModel } from './text-to-speech.ts';
import { type VoiceSettings, voiceSettingsBody } from './text-to-speech-wire.ts';

/** A whole sentence over HTTP takes under a second; a long one on a busy day gets this. */
const timeoutMs = 30_000;
/** Two minutes of µ-law; a recorded phrase is a sentence or two. */
const audioBytesMax = 2 * 60 * 8_000;

export interface RecordedSpeechOptions extends EndpointOptions {
  readonly modelId?: string;
  /** The same as of the live voice, or the caller hears two. */
  readonly voiceSettings?: VoiceSettings;
  readonly fetch?: typeof fetch;
}

export interface RecordedPhrase {
  readonly audio: MulawAudio;
  /** What the vendor says it bills; absent when it does not say. */
  readonly charactersBilled?: number;
}

export interface RecordedSpeech {
  /** Makes no retry of its own. Throws `ProviderError`, or `CancelledError` when the signal aborted. */
  synthesizeRecorded(options: {
    readonly voice: VoiceId;
    readonly text: string;
    readonly signal: AbortSignal;
  }): Promise<RecordedPhrase>;
}

/** The vendor's documents name the header in two ways. */
function billed(headers: Headers): { charactersBilled?: number } {
  const header = headers.get('character-cost') ?? headers.get('x-character-count');
  const count = header === null ? Number.NaN : Number(header);
  return Number.isFinite(count) && count >= 0 ? { charactersBilled: count } : {};
}

function protocolError(code: string): ProviderError {
  return new ProviderError('The speech service sent no audio', {
    provider: 'elevenlabs-tts',
    failure: 'protocol',
    code,
  });
}

export function createElevenLabsRecordedSpeech(options: RecordedSpeechOptions): RecordedSpeech {
  const endpoint = createEndpoint(options);
  const { modelId = defaultSpeechModel, voiceSettings } = options;
  return {
    async synthesizeRecorded({ voice, text, signal }) {
      const { headers, body } = await request({
        provider: 'elevenlabs-tts',
        url: endpoint.http(`/v1/text-to-speech/${encodeURIComponent(voice)}?output_format=ulaw_8000`),
        init: {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({
            text,
            model_id: modelId,
            voice_settings: voiceSettingsBody(voiceSettings),
          }),
        },
        apiKey: endpoint.apiKey,
        timeoutMs,
        bytesMax: audioBytesMax,
        signal,
        fetch: options.fetch ?? fetch,
      });
      if (headers.get('content-type')?.includes('json')) throw protocolError('json-instead-of-audio');
      if (body.length === 0) throw protocolError('empty-audio');
      return { audio: body, ...billed(headers) };
    },
  };
}

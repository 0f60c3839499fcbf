/** TextToSpeech over ElevenLabs' multi-context socket: one socket per call, one context per reply. */
import type { Clock } from '#core/ports/clock.ts';
import type { Telemetry } from '#core/ports/telemetry.ts';
import type { TextToSpeech } from '#core/ports/text-to-speech.ts';
import { createEndpoint, type EndpointOptions } from './endpoint.ts';
import { type ConnectSocket, connectWebSocket } from './socket.ts';
import { createSpeechConnection } from './speech-connection.ts';
import { createSpeechSession } from './speech-session.ts';
import { speechPath, type VoiceSettings } from './text-to-speech-wire.ts';

/** The vendor's fastest model: 75 ms to first audio by its own account. */
export const defaultSpeechModel = 'eleven_flash_v2_5';

export interface ElevenLabsTextToSpeechOptions extends EndpointOptions {
  readonly modelId?: string;
  /** Default: the voice's own. */
  readonly voiceSettings?: VoiceSettings;
  readonly clock: Clock;
  /** Told of failures that are repaired here; those that end a reply are thrown instead. */
  readonly telemetry?: Telemetry;
  readonly connect?: ConnectSocket;
}

/** Throws `TypeError` at once for settings that could never work. Everything else fails through the replies. */
export function createElevenLabsTextToSpeech(options: ElevenLabsTextToSpeechOptions): TextToSpeech {
  const {
    modelId = defaultSpeechModel,
    voiceSettings,
    clock,
    telemetry,
    connect = connectWebSocket,
  } = options;
  const endpoint = createEndpoint(options);
  return {
    open({ callSid, voice, signal }) {
      const path = speechPath(voice, modelId);
      return createSpeechSession({
        callSid,
        signal,
        clock,
        telemetry,
        openConnection: (handlers) =>
          createSpeechConnection({ ...handlers, endpoint, path, voiceSettings, clock, connect }),
      });
    },
  };
}

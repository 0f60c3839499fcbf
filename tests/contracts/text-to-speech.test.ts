import { createElevenLabsTextToSpeech } from '#adapters/elevenlabs/text-to-speech.ts';
import { systemClock } from '#tests/adapters/elevenlabs/clocks.ts';
import { startStrictSpeech } from '#tests/adapters/elevenlabs/strict-speech.ts';
import { startTcpProxy } from './tcp-proxy.ts';
import { describeTextToSpeechContract, type TextToSpeechSubject } from './text-to-speech-contract.ts';

async function onStrictSpeech(): Promise<TextToSpeechSubject> {
  const service = await startStrictSpeech();
  const proxy = await startTcpProxy(service.url);
  const withKey = (apiKey: string) =>
    createElevenLabsTextToSpeech({ apiKey, baseUrl: proxy.url, clock: systemClock });

  return {
    textToSpeech: withKey(service.apiKey),
    refused: withKey('another-key'),
    cut: proxy.cut,
    violations: () => service.violations,
    billedCharacters: () =>
      service.sockets.reduce(
        (sum, socket) => sum + socket.contextIds().reduce((n, id) => n + socket.textOf(id).length, 0),
        0,
      ),
    async close() {
      await proxy.close();
      await service.close();
    },
  };
}

describeTextToSpeechContract('ElevenLabs against a strict stand-in', onStrictSpeech);

import { after } from 'node:test';
import { createElevenLabsTextToSpeech } from '#adapters/elevenlabs/text-to-speech.ts';
import { createSynthesiser } from '#local/speech/synthesiser.ts';
import { startSimulatedElevenLabs } from '#local/vendors/elevenlabs/server.ts';
import { systemClock } from '#tests/adapters/elevenlabs/clocks.ts';
import { startStrictSpeech } from '#tests/adapters/elevenlabs/strict-speech.ts';
import { startTcpProxy } from './tcp-proxy.ts';
import { describeTextToSpeechContract, type TextToSpeechSubject } from './text-to-speech-contract.ts';

const sessionsAgainst = (baseUrl: string, apiKey: string) =>
  createElevenLabsTextToSpeech({ apiKey, baseUrl, clock: systemClock });

async function onStrictSpeech(): Promise<TextToSpeechSubject> {
  const service = await startStrictSpeech();
  const proxy = await startTcpProxy(service.url);

  return {
    textToSpeech: sessionsAgainst(proxy.url, service.apiKey),
    refused: sessionsAgainst(proxy.url, 'another-key'),
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

const synthesiser = await createSynthesiser();
after(() => synthesiser.close());

async function onSimulatedElevenLabs(): Promise<TextToSpeechSubject> {
  const apiKey = 'simulated-key';
  const service = await startSimulatedElevenLabs({ apiKey, synthesiser, delays: { ttsFirstByteMs: 5 } });
  const proxy = await startTcpProxy(service.url);

  return {
    textToSpeech: sessionsAgainst(proxy.url, apiKey),
    refused: sessionsAgainst(proxy.url, 'another-key'),
    cut: proxy.cut,
    violations: service.violations,
    billedCharacters: () => service.ledger().ttsCharacters,
    async close() {
      await proxy.close();
      await service.close();
    },
  };
}

describeTextToSpeechContract('ElevenLabs against the simulated service', onSimulatedElevenLabs);

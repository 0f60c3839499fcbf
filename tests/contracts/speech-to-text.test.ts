import { after } from 'node:test';
import { createElevenLabsSpeechToText } from '#adapters/elevenlabs/speech-to-text.ts';
import { createSynthesiser } from '#local/speech/synthesiser.ts';
import { startSimulatedElevenLabs } from '#local/vendors/elevenlabs/server.ts';
import { systemClock } from '#tests/adapters/elevenlabs/clocks.ts';
import { spoken, startStrictRecogniser } from '#tests/adapters/elevenlabs/strict-recogniser.ts';
import { describeSpeechToTextContract, type SpeechToTextSubject } from './speech-to-text-contract.ts';
import { startTcpProxy } from './tcp-proxy.ts';

const sessionsAgainst = (baseUrl: string, apiKey: string) =>
  createElevenLabsSpeechToText({ apiKey, baseUrl, clock: systemClock });

async function onStrictRecogniser(): Promise<SpeechToTextSubject> {
  const recogniser = await startStrictRecogniser();
  const proxy = await startTcpProxy(recogniser.url);
  let letters = 0;
  const nextLetter = () => {
    letters += 1;
    return String.fromCharCode(64 + letters);
  };
  const sentMs = () =>
    recogniser.connections.flatMap(({ chunks }) => chunks).reduce((sum, { ms }) => sum + ms, 0);

  return {
    speechToText: sessionsAgainst(proxy.url, recogniser.apiKey),
    refused: sessionsAgainst(proxy.url, 'another-key'),
    async utterance() {
      const [a, b] = [nextLetter(), nextLetter()];
      return {
        audio: new Uint8Array([...spoken(a, 300), ...spoken(b, 300)]),
        text: `${a}300 ${b}300`,
      };
    },
    cut: proxy.cut,
    connections: proxy.connections,
    violations: () => recogniser.violations,
    billedMs: sentMs,
    async close() {
      await proxy.close();
      await recogniser.close();
    },
  };
}

describeSpeechToTextContract('ElevenLabs against a strict stand-in', onStrictRecogniser);

const synthesiser = await createSynthesiser();
after(() => synthesiser.close());

const sentences = ['I want to talk about the hearing.', 'My daughter is seven years old.'];

async function onSimulatedElevenLabs(): Promise<SpeechToTextSubject> {
  const apiKey = 'simulated-key';
  const service = await startSimulatedElevenLabs({ apiKey, synthesiser, delays: { sttMs: 5 } });
  const proxy = await startTcpProxy(service.url);
  const unused = [...sentences];

  return {
    speechToText: sessionsAgainst(proxy.url, apiKey),
    refused: sessionsAgainst(proxy.url, 'another-key'),
    async utterance() {
      const { audio, words } = await synthesiser.speak(unused.shift() ?? 'There is no more.');
      service.registerUtterance(audio, words);
      return { audio, text: words.map(({ text }) => text).join(' ') };
    },
    cut: proxy.cut,
    connections: proxy.connections,
    violations: service.violations,
    billedMs: () => Math.round(service.ledger().sttSeconds * 1_000),
    async close() {
      await proxy.close();
      await service.close();
    },
  };
}

describeSpeechToTextContract('ElevenLabs against the simulated service', onSimulatedElevenLabs);

import { createElevenLabsSpeechToText } from '#adapters/elevenlabs/speech-to-text.ts';
import { systemClock } from '#tests/adapters/elevenlabs/clocks.ts';
import { spoken, startStrictRecogniser } from '#tests/adapters/elevenlabs/strict-recogniser.ts';
import { describeSpeechToTextContract, type SpeechToTextSubject } from './speech-to-text-contract.ts';
import { startTcpProxy } from './tcp-proxy.ts';

async function onStrictRecogniser(): Promise<SpeechToTextSubject> {
  const recogniser = await startStrictRecogniser();
  const proxy = await startTcpProxy(recogniser.url);
  const withKey = (apiKey: string) =>
    createElevenLabsSpeechToText({ apiKey, baseUrl: proxy.url, clock: systemClock });
  let letters = 0;
  const nextLetter = () => {
    letters += 1;
    return String.fromCharCode(64 + letters);
  };
  const sentMs = () =>
    recogniser.connections.flatMap(({ chunks }) => chunks).reduce((sum, { ms }) => sum + ms, 0);

  return {
    speechToText: withKey(recogniser.apiKey),
    refused: withKey('another-key'),
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

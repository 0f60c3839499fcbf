import { durationMs } from '#core/audio/mulaw.ts';
import { note } from './ledger.ts';
import type { LiveCall } from './live-call.ts';
import { createStreamPlayer } from './stream-player.ts';
import { pause } from './waiting.ts';

/** Speech of Twilio's voices: about fifteen characters a second. */
const sayMsPerChar = 66;

/** Resolves when it was said, or nobody wants to hear it any more. */
export async function say(call: LiveCall, text: string, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  const audio = (await call.settings.synthesiser?.speak(text))?.audio;
  const lengthMs = audio ? durationMs(audio) : text.length * sayMsPerChar;
  note(call.ledger, call.ledger.said, text);
  call.show({ type: 'said', text, durationMs: Math.round(lengthMs) });
  if (audio) await playAudio(call, audio, signal);
  else await pause(lengthMs, signal);
}

function playAudio(call: LiveCall, audio: Uint8Array, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const finish = () => {
      signal.removeEventListener('abort', finish);
      disconnect();
      resolve();
    };
    const player = createStreamPlayer(finish);
    const disconnect = call.line.connect({ nextFrame: player.nextFrame, hear: () => undefined });
    signal.addEventListener('abort', finish, { once: true });
    player.media(audio);
    player.mark('end');
    if (signal.aborted) finish();
  });
}

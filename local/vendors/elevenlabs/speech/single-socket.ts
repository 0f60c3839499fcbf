/** `stream-input`: one text, one voice, one socket. */
import type { RawData, WebSocket } from 'ws';
import { parseJson } from '../../http-server.ts';
import type { SpeechContext } from './context.ts';
import { createSpeechSocket, type SpeechSocketOptions } from './speech-socket.ts';
import { type SingleMessage, singleMessageSchema } from './wire.ts';

/** From how many waiting characters on `try_trigger_generation` has an effect. */
const tryTriggerCharsMin = 50;

export function runSingleSocket(
  webSocket: WebSocket,
  parameters: URLSearchParams,
  options: SpeechSocketOptions,
): void {
  const socket = createSpeechSocket(webSocket, parameters, options);
  if (!socket) return;
  let context: SpeechContext | undefined;
  let ended = false;

  const open = (message: SingleMessage) => {
    if (message.text !== ' ') return socket.end('invalid_message', 'The first text must be one space');
    context = socket.openContext('', message, {
      deliver: (chunk) => socket.say({ ...chunk, isFinal: null }),
      onFinished() {
        socket.say({ audio: null, isFinal: true, alignment: null, normalizedAlignment: null });
        webSocket.close(1000);
      },
    });
  };

  const onMessage = (message: SingleMessage) => {
    if (ended)
      return options.violate('text-after-end', 'Text came after the empty text that ends the socket');
    if (!context) return open(message);
    if (message.voice_settings || message.generation_config)
      return socket.end('voice_settings_not_allowed', 'voice_settings are allowed in the first message only');
    if (message.text === '') {
      ended = true;
      return context.finish();
    }
    context.addText(message.text);
    const enough = context.bufferedChars() >= tryTriggerCharsMin;
    if (message.flush || (message.try_trigger_generation && enough)) context.flush();
  };

  webSocket.on('message', (data: RawData, isBinary) => {
    if (webSocket.readyState !== webSocket.OPEN) return;
    socket.heardFromClient();
    const parsed = singleMessageSchema.safeParse(isBinary ? undefined : parseJson(data.toString()));
    if (!parsed.success)
      return socket.end(
        'invalid_message',
        `${parsed.error.issues[0]?.path.join('.') || 'message'} is not valid`,
      );
    onMessage(parsed.data);
  });
}

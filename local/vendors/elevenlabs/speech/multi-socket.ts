/** `multi-stream-input`: several contexts on one socket. */
import type { RawData, WebSocket } from 'ws';
import { parseJson } from '../../http-server.ts';
import type { SpeechContext } from './context.ts';
import { createSpeechSocket, type SpeechSocket, type SpeechSocketOptions } from './speech-socket.ts';
import { type MultiMessage, multiMessageSchema } from './wire.ts';

/** Contexts open at once; closed ones count until they are finished. */
const contextsMax = 5;

interface OpenContext extends SpeechContext {
  closing: boolean;
}

function createContexts(socket: SpeechSocket, violate: SpeechSocketOptions['violate'], onEmpty: () => void) {
  const contexts = new Map<string, OpenContext>();

  const open = (id: string, message: MultiMessage): OpenContext | undefined => {
    if (contexts.size >= contextsMax) {
      const limit = `Maximum simultaneous contexts per WebSocket connection exceeded (${contextsMax})`;
      socket.end('max_active_conversations', limit);
      return undefined;
    }
    if (message.text === undefined || message.text === '')
      violate('ghost-context', 'A flush or keep-alive for an id that is not open made a context');
    const context = socket.openContext(id, message, {
      deliver: (chunk) => socket.say({ ...chunk, contextId: id }),
      onFinished() {
        socket.say({ isFinal: true, contextId: id });
        contexts.delete(id);
        if (contexts.size === 0) onEmpty();
      },
    });
    const opened = { ...context, closing: false };
    contexts.set(id, opened);
    return opened;
  };

  const close = (context: OpenContext) => {
    if (context.closing) return;
    context.closing = true;
    context.finish();
  };

  return {
    find: (id: string) => contexts.get(id),
    open,
    close,
    closeAll() {
      if (contexts.size === 0) return onEmpty();
      for (const context of contexts.values()) close(context);
    },
  };
}

export function runMultiSocket(
  webSocket: WebSocket,
  parameters: URLSearchParams,
  options: SpeechSocketOptions,
): void {
  const socket = createSpeechSocket(webSocket, parameters, options);
  if (!socket) return;
  let ending = false;
  const contexts = createContexts(socket, options.violate, () => {
    if (ending) webSocket.close(1000);
  });

  const onContextMessage = (id: string, message: MultiMessage) => {
    const known = contexts.find(id);
    if (!known && message.close_context)
      return options.violate('close-of-unknown-context', 'A context that is not open was closed');
    if (known && (message.voice_settings || message.generation_config))
      return socket.end(
        'voice_settings_not_allowed',
        'voice_settings and generation_config are allowed in the first message of a context only',
      );
    if (known?.closing)
      return options.violate(
        'message-after-close-context',
        'A message came for a context that is being closed',
      );
    const context = known ?? contexts.open(id, message);
    if (!context) return;
    context.addText(message.text ?? '');
    if (message.flush) context.flush();
    if (message.close_context) contexts.close(context);
  };

  webSocket.on('message', (data: RawData, isBinary) => {
    if (webSocket.readyState !== webSocket.OPEN) return;
    socket.heardFromClient();
    const parsed = multiMessageSchema.safeParse(isBinary ? undefined : parseJson(data.toString()));
    if (!parsed.success)
      return socket.end(
        'invalid_message',
        `${parsed.error.issues[0]?.path.join('.') || 'message'} is not valid`,
      );
    const message = parsed.data;
    if (ending) return options.violate('message-after-close-socket', 'A message came after close_socket');
    if (message.close_socket) {
      ending = true;
      return contexts.closeAll();
    }
    if (message.context_id === undefined) return socket.end('invalid_message', 'context_id is missing');
    onContextMessage(message.context_id, message);
  });
}

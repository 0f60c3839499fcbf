import type { StreamSid } from '#core/ids.ts';
import type { StreamStart } from '#core/ports/media-stream.ts';
import type { StreamMessage } from './wire.ts';

export type StreamContent = Extract<StreamMessage, { event: 'media' | 'mark' | 'dtmf' }>;

/** What a message means at its place in the stream. */
export type Meaning =
  | { readonly type: 'begin'; readonly start: StreamStart; readonly unannounced: boolean }
  | { readonly type: 'deliver'; readonly message: StreamContent }
  | { readonly type: 'stop' }
  | { readonly type: 'nothing' }
  | { readonly type: 'unusable'; readonly problem: 'out-of-order' | 'other-stream' };

/**
 * Holds a stream to its order: `connected`, one `start`, then messages of that stream only.
 * A `start` that nothing announced still begins the stream: the caller is there.
 */
export interface StreamOrder {
  meaningOf(message: StreamMessage): Meaning;
  /** Undefined before `start`. */
  streamSid(): StreamSid | undefined;
}

const unusable = (problem: 'out-of-order' | 'other-stream'): Meaning => ({ type: 'unusable', problem });

export function createStreamOrder(): StreamOrder {
  let connected = false;
  let streamSid: StreamSid | undefined;

  const connect = (): Meaning => {
    if (connected || streamSid) return unusable('out-of-order');
    connected = true;
    return { type: 'nothing' };
  };

  const begin = ({ start }: Extract<StreamMessage, { event: 'start' }>): Meaning => {
    if (streamSid) return unusable('out-of-order');
    streamSid = start.streamSid;
    const { callSid, accountSid, customParameters: parameters } = start;
    return {
      type: 'begin',
      start: { streamSid, callSid, accountSid, parameters },
      unannounced: !connected,
    };
  };

  return {
    streamSid: () => streamSid,
    meaningOf(message) {
      if (message.event === 'unknown') return { type: 'nothing' };
      if (message.event === 'connected') return connect();
      if (message.event === 'start') return begin(message);
      if (!streamSid) return unusable('out-of-order');
      if (message.streamSid !== streamSid) return unusable('other-stream');
      return message.event === 'stop' ? { type: 'stop' } : { type: 'deliver', message };
    },
  };
}

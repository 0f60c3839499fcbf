import type { MediaStreamListener, StreamEnd } from '#core/ports/media-stream.ts';

export type Heard =
  | { readonly type: 'start'; readonly start: Parameters<MediaStreamListener['onStart']>[0] }
  | { readonly type: 'media'; readonly audio: readonly number[] }
  | { readonly type: 'mark'; readonly name: string }
  | { readonly type: 'dtmf'; readonly digit: string }
  | { readonly type: 'end'; readonly end: StreamEnd };

export interface RecordingListener extends MediaStreamListener {
  readonly events: readonly Heard[];
  marks(): readonly string[];
  ends(): readonly StreamEnd[];
  /** Resolves at the first end. */
  readonly ended: Promise<StreamEnd>;
}

/** Writes down all that a stream tells. */
export function createRecordingListener(also: Partial<MediaStreamListener> = {}): RecordingListener {
  const events: Heard[] = [];
  const { promise: ended, resolve } = Promise.withResolvers<StreamEnd>();
  return {
    events,
    ended,
    marks: () => events.flatMap((event) => (event.type === 'mark' ? [event.name] : [])),
    ends: () => events.flatMap((event) => (event.type === 'end' ? [event.end] : [])),
    onStart(start) {
      events.push({ type: 'start', start });
      also.onStart?.(start);
    },
    onMedia(audio) {
      events.push({ type: 'media', audio: [...audio] });
      also.onMedia?.(audio);
    },
    onMark(name) {
      events.push({ type: 'mark', name });
      also.onMark?.(name);
    },
    onDtmf(digit) {
      events.push({ type: 'dtmf', digit });
      also.onDtmf?.(digit);
    },
    onEnd(end) {
      events.push({ type: 'end', end });
      resolve(end);
      also.onEnd?.(end);
    },
  };
}

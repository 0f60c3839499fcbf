import assert from 'node:assert/strict';
import type { SpeechToTextSession, TranscriptEvent } from '#core/ports/speech-to-text.ts';

export interface TranscriptReader {
  /** Every event read so far, in order. */
  readonly events: readonly TranscriptEvent[];
  /** The next event; fails the test when there is none. */
  next(): Promise<TranscriptEvent>;
  /** Reads on to the next event of a type. */
  nextOf<T extends TranscriptEvent['type']>(type: T): Promise<Extract<TranscriptEvent, { type: T }>>;
  /** Reads to the end. */
  rest(): Promise<readonly TranscriptEvent[]>;
}

/** Reads a session's events one after the other: the session's one consumer. */
export function readTranscript(session: SpeechToTextSession): TranscriptReader {
  const iterator = session.events[Symbol.asyncIterator]();
  const events: TranscriptEvent[] = [];
  const step = async (): Promise<TranscriptEvent | undefined> => {
    const { value, done } = await iterator.next();
    if (done) return undefined;
    events.push(value);
    return value;
  };
  const next = async () => {
    const event = await step();
    assert.ok(event, 'the events ended');
    return event;
  };
  return {
    events,
    next,
    async nextOf(type) {
      for (;;) {
        const event = await next();
        if (event.type === type) return event as never;
      }
    },
    async rest() {
      const read: TranscriptEvent[] = [];
      for (let event = await step(); event; event = await step()) read.push(event);
      return read;
    },
  };
}

/** One stream of text that becomes audio: a context of the multi socket, or all of a single socket. */
import { durationMs } from '#core/audio/mulaw.ts';
import type { Synthesiser } from '#local/speech/synthesiser.ts';
import { pause } from '../../pause.ts';
import type { SocketContext } from '../socket-context.ts';
import { cutIntoChunks, type SpokenChunk } from './spoken-chunks.ts';

/** Audio is made this much faster than it is heard. */
const generationSpeed = 8;

export interface SpeechDelays {
  readonly firstByteMs: number;
}

export interface ContextLedgerEntry {
  /** Text that became, or is becoming, audio: what is billed. */
  addCharacters(characters: number): void;
  addAudioMs(ms: number): void;
}

export interface SpeechContextOptions extends Pick<SocketContext, 'faults'> {
  readonly synthesiser: Synthesiser;
  readonly firstByteMs: number;
  readonly speed: number;
  readonly autoMode: boolean;
  readonly everyChunkAligned: boolean;
  readonly schedule: readonly number[];
  readonly ledger: ContextLedgerEntry;
  readonly signal: AbortSignal;
  readonly deliver: (chunk: SpokenChunk) => void;
  /** All text was spoken after `finish()`. */
  readonly onFinished: () => void;
  readonly onFault: (kind: 'cut' | 'error-frame', code: string, closeCode: number) => void;
}

export interface SpeechContext {
  addText(text: string): void;
  /** Speak what is buffered, however short. */
  flush(): void;
  /** No more text comes: speak what is left, then `onFinished`. */
  finish(): void;
  readonly bufferedChars: () => number;
}

/** Text waits here until there is enough of it for a chunk. */
function createTextBuffer(autoMode: boolean, schedule: readonly number[], speak: (text: string) => void) {
  let buffered = '';
  let chunks = 0;
  const release = (length: number) => {
    const text = buffered.slice(0, length);
    buffered = buffered.slice(length);
    chunks += 1;
    if (text.trim() !== '') speak(text);
  };
  return {
    length: () => buffered.length,
    add(text: string) {
      // A lone space opens a context or keeps one alive: it is neither spoken nor billed.
      if (buffered === '' && text.trim() === '') return;
      buffered += text;
      if (autoMode) return release(buffered.length);
      for (;;) {
        const needed = schedule[Math.min(chunks, schedule.length - 1)] as number;
        const end = buffered.lastIndexOf(' ') + 1;
        if (buffered.length < needed || end === 0) return;
        release(end);
      }
    },
    flush() {
      if (buffered !== '') release(buffered.length);
    },
  };
}

export function createSpeechContext(options: SpeechContextOptions): SpeechContext {
  const { signal, faults, ledger } = options;
  let work: Promise<void> = Promise.resolve();
  let stalled = false;

  /** A fault happens in the middle of the speech: after its first chunk. */
  const takeFault = () => faults.take('tts', 'cut', 'stall', 'error-frame');

  const deliverAll = async (chunks: readonly SpokenChunk[]) => {
    const fault = takeFault();
    for (const [i, chunk] of chunks.entries()) {
      if (signal.aborted || stalled) return;
      options.deliver(chunk);
      ledger.addAudioMs(durationMs(chunk.audio));
      if (i === 0 && fault?.kind === 'stall') stalled = true;
      else if (i === 0 && fault) {
        const frame = fault.kind === 'error-frame' ? fault : { code: '', closeCode: 1006 };
        return options.onFault(fault.kind as 'cut' | 'error-frame', frame.code, frame.closeCode ?? 1008);
      }
      await pause(durationMs(chunk.audio) / generationSpeed, signal);
    }
  };

  const speak = async (text: string) => {
    if (signal.aborted || stalled) return;
    const beganMs = performance.now();
    const spoken = await options.synthesiser.speak(text, { speed: options.speed });
    const slow = faults.take('tts', 'slow');
    const delayMs = options.firstByteMs + (slow?.ms ?? 0);
    await pause(beganMs + delayMs - performance.now(), signal);
    await deliverAll(cutIntoChunks(text, spoken, options.everyChunkAligned));
  };

  const enqueue = (step: () => Promise<void> | void) => {
    work = work.then(step).catch(() => {
      if (!signal.aborted) options.onFault('error-frame', 'something_went_wrong', 1008);
    });
  };

  const buffer = createTextBuffer(options.autoMode, options.schedule, (text) => {
    ledger.addCharacters(text.length);
    enqueue(() => speak(text));
  });

  return {
    addText: buffer.add,
    flush: buffer.flush,
    bufferedChars: buffer.length,
    finish() {
      buffer.flush();
      enqueue(() => {
        if (!signal.aborted && !stalled) options.onFinished();
      });
    },
  };
}

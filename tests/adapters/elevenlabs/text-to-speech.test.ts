import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import {
  createElevenLabsTextToSpeech,
  type ElevenLabsTextToSpeechOptions,
} from '#adapters/elevenlabs/text-to-speech.ts';
import { createBoundedQueue } from '#core/async/bounded-queue.ts';
import { durationMs } from '#core/audio/mulaw.ts';
import { isProviderError } from '#core/errors.ts';
import { callSidSchema } from '#core/ids.ts';
import type { Speech, SpeechChunk, TextToSpeechSession } from '#core/ports/text-to-speech.ts';
import { createManualClock, impatientClock } from './clocks.ts';
import {
  type SpeechSocket,
  type StrictSpeech,
  type StrictSpeechOptions,
  startStrictSpeech,
  textHeard,
} from './strict-speech.ts';
import { recordingTelemetry } from './telemetry.ts';

const callSid = callSidSchema.parse(`CA${'0'.repeat(32)}`);
const cleanups: (() => unknown)[] = [];

afterEach(async () => {
  for (const clean of cleanups.splice(0).reverse()) await clean();
});

async function start(options: StrictSpeechOptions = {}): Promise<StrictSpeech> {
  const service = await startStrictSpeech(options);
  cleanups.push(() => service.close());
  return service;
}

function open(service: StrictSpeech, adapter: Partial<ElevenLabsTextToSpeechOptions> = {}) {
  const { apiKey, url: baseUrl } = service;
  const textToSpeech = createElevenLabsTextToSpeech({ apiKey, baseUrl, clock: impatientClock, ...adapter });
  const end = new AbortController();
  const session = textToSpeech.open({ callSid, voice: 'voice-1', signal: end.signal });
  cleanups.push(() => {
    end.abort();
    // With a clock that stands still nobody would stop waiting for a server that is gone.
    return adapter.clock ? undefined : session.close();
  });
  return { session, end };
}

async function* pieces(...texts: string[]): AsyncIterable<string> {
  yield* texts;
}

/** A text whose pieces come when a test says so. */
function writable() {
  const queue = createBoundedQueue<string>(100);
  return { text: queue, write: queue.push, end: queue.end };
}

function speak(session: TextToSpeechSession, text: AsyncIterable<string>) {
  const cancel = new AbortController();
  const speech = session.speak(text, { signal: cancel.signal });
  return { speech, cancel, chunks: speech.chunks[Symbol.asyncIterator]() };
}

async function rest(chunks: AsyncIterator<SpeechChunk>): Promise<SpeechChunk[]> {
  const read: SpeechChunk[] = [];
  for (let next = await chunks.next(); !next.done; next = await chunks.next()) read.push(next.value);
  return read;
}

const heard = (chunks: readonly SpeechChunk[]) => textHeard(Buffer.concat(chunks.map(({ audio }) => audio)));
const told = (chunks: readonly SpeechChunk[]) =>
  chunks.flatMap(({ alignment }) => alignment?.chars ?? []).join('');
const listen = async (speech: Speech) => rest(speech.chunks[Symbol.asyncIterator]());

const failsWith = (failure: string, code: string) => (error: unknown) => {
  assert.ok(isProviderError(error), String(error));
  assert.deepEqual([error.provider, error.failure, error.code], ['elevenlabs-tts', failure, code]);
  return true;
};

test('a caller hears the pieces in order, and the socket was open before there was anything to say', async () => {
  const service = await start();
  const { session } = open(service, { voiceSettings: { stability: 0.4, similarityBoost: 0.8, speed: 1.1 } });
  const socket = await service.socket(1);

  const { text, write, end } = writable();
  const { speech, chunks: heardChunks } = speak(session, text);
  write('Hello there.');
  const first = await heardChunks.next();
  write('How are you? ');
  end();
  const chunks = [first.value, ...(await rest(heardChunks))];

  assert.equal(heard(chunks), 'Hello there. How are you? ');
  assert.equal(speech.charactersSent(), 26);
  assert.equal(socket.voice, 'voice-1');
  assert.deepEqual(Object.fromEntries(socket.query), {
    model_id: 'eleven_flash_v2_5',
    output_format: 'ulaw_8000',
    auto_mode: 'true',
    sync_alignment: 'true',
    inactivity_timeout: '180',
  });
  assert.deepEqual(socket.messages, [
    { text: ' ', context_id: 'c1', voice_settings: { stability: 0.4, similarity_boost: 0.8, speed: 1.1 } },
    { text: 'Hello there. ', context_id: 'c1' },
    { text: 'How are you? ', context_id: 'c1' },
    { text: '', context_id: 'c1', flush: true },
    { context_id: 'c1', close_context: true },
  ]);
  assert.deepEqual(service.violations, []);
});

test('every chunk tells when its characters are heard, within its own audio', async () => {
  const service = await start();
  const { session } = open(service);

  const chunks = await listen(speak(session, pieces('Of course, I can help.')).speech);

  assert.equal(told(chunks), 'Of course, I can help. ');
  for (const { audio, alignment } of chunks) {
    assert.ok(alignment);
    const sumMs = alignment.durationMs.reduce((sum, ms) => sum + ms, 0);
    assert.equal(sumMs, durationMs(audio));
    assert.equal(alignment.startMs[0], 0);
  }
});

test('the first piece is heard before the text is complete', async () => {
  const service = await start();
  const { session } = open(service);
  const { text, write, end } = writable();
  const { chunks } = speak(session, text);

  write('One moment.');
  const first = await chunks.next();
  write('Here it is.');
  end();

  assert.equal(heard([first.value, ...(await rest(chunks))]), 'One moment. Here it is. ');
});

test('a text without words makes no context and no sound', async () => {
  const service = await start();
  const { session } = open(service);

  const { speech } = speak(session, pieces('', ' \n'));

  assert.deepEqual(await listen(speech), []);
  assert.equal(speech.charactersSent(), 0);
  assert.deepEqual((await service.socket(1)).messages, []);
});

test('a cancelled reply falls silent at once, and nothing of it is heard in the next one', async () => {
  const service = await start({ finishes: false });
  const { session } = open(service);
  const socket = await service.socket(1);
  const first = speak(session, pieces('This is a long answer that nobody wants.'));
  await first.chunks.next();

  first.cancel.abort();
  const after = await first.chunks.next();
  await service.until('the close', () => socket.messages.some(({ close_context }) => close_context));
  const second = speak(session, pieces('Yes?'));
  await service.until('the second', () => socket.textOf('c2') === 'Yes? ');
  socket.speak('c1', 'still speaking');
  socket.final('c1');
  await service.until('its close', () => socket.messages.filter((m) => m['close_context']).length === 2);
  socket.final('c2');

  assert.equal(after.done, true);
  assert.equal(heard(await rest(second.chunks)), 'Yes? ');
  assert.equal(first.speech.charactersSent(), 'This is a long answer that nobody wants. '.length);
  assert.deepEqual(service.violations, []);
});

test('a reply cancelled before it had a text costs the vendor nothing', async () => {
  const service = await start();
  const { session } = open(service);
  const socket = await service.socket(1);
  const { text, write } = writable();
  const { speech, cancel, chunks } = speak(session, text);

  cancel.abort();
  write('Too late.');
  const ended = await chunks.next();
  const next = await listen(speak(session, pieces('Next.')).speech);

  assert.equal(ended.done, true);
  assert.equal(speech.charactersSent(), 0);
  assert.equal(heard(next), 'Next. ');
  assert.deepEqual(socket.contextIds(), ['c1']);
});

test('a consumer that breaks off cancels the reply', async () => {
  const service = await start({ finishes: false });
  const { session } = open(service);
  const socket = await service.socket(1);
  const { text, write } = writable();
  const { speech } = speak(session, text);
  write('Hello.');

  for await (const _ of speech.chunks) break;

  await service.until('the close', () => socket.messages.some(({ close_context }) => close_context));
});

test('thirty replies cancelled in a row never hold more than five contexts, and the next one is heard', async () => {
  const service = await start({ finishes: false });
  const { session } = open(service, { clock: createManualClock() });
  const socket = await service.socket(1);
  let closes = 0;

  for (let n = 1; n <= 30; n += 1) {
    const { cancel, speech } = speak(session, pieces(`Answer ${n}.`));
    await service.until('its text', () => socket.textOf(`c${n}`) !== '');
    cancel.abort();
    closes += 1;
    await service.until(
      'its close',
      () => socket.messages.filter((m) => m['close_context']).length === closes,
    );
    assert.ok(speech.charactersSent() > 0);
    // Each final comes four replies late.
    if (n > 4) socket.final(`c${n - 4}`);
  }
  service.set({});
  const last = await listen(speak(session, pieces('Here I am.')).speech);

  assert.equal(heard(last), 'Here I am. ');
  assert.equal(service.contextsOpenMax(), 5);
  assert.equal(service.sockets.length, 1);
  assert.deepEqual(service.violations, []);
});

test('when five cancelled contexts never become final the reply is spoken on a fresh socket', async () => {
  const clock = createManualClock();
  const service = await start({ finishes: false });
  const { session } = open(service, { clock });
  const socket = await service.socket(1);
  for (let n = 1; n <= 5; n += 1) {
    const { cancel } = speak(session, pieces('No.'));
    await service.until('its text', () => socket.textOf(`c${n}`) !== '');
    cancel.abort();
  }
  await service.until('all closed', () => socket.messages.filter((m) => m['close_context']).length === 5);
  service.set({});
  const { chunks } = speak(session, pieces('At last.'));
  await nextTurn();

  clock.advance(300);
  clock.advance(100);

  assert.equal(heard(await rest(chunks)), 'At last. ');
  assert.equal(service.sockets.length, 2);
  assert.deepEqual(service.violations, []);
});

test('a reply waits for a cancelled context to be final when all five are taken', async () => {
  const service = await start({ finishes: false });
  const { session } = open(service, { clock: createManualClock() });
  const socket = await service.socket(1);
  for (let n = 1; n <= 5; n += 1) {
    const { cancel } = speak(session, pieces('No.'));
    await service.until('its text', () => socket.textOf(`c${n}`) !== '');
    cancel.abort();
  }
  const { chunks } = speak(session, pieces('At last.'));
  await service.until('all closed', () => socket.messages.filter((m) => m['close_context']).length === 5);

  service.set({});
  socket.final('c3');

  assert.equal(heard(await rest(chunks)), 'At last. ');
  assert.equal(service.sockets.length, 1);
  assert.deepEqual(service.violations, []);
});

test('a socket lost before any audio costs the caller nothing but a moment', async () => {
  const service = await start({ speaks: false });
  const telemetry = recordingTelemetry();
  const { session } = open(service, { telemetry });
  const first = await service.socket(1);
  const { speech } = speak(session, pieces('Good morning.'));
  await service.until('the text', () => first.textOf('c1') !== '');

  service.set({});
  first.cut();
  const chunks = await listen(speech);

  assert.equal(heard(chunks), 'Good morning. ');
  assert.equal(told(chunks), 'Good morning. ');
  assert.equal(speech.charactersSent(), 2 * 'Good morning. '.length);
  assert.deepEqual(service.sockets[1]?.contextIds(), ['c2']);
  assert.deepEqual(telemetry.metrics, ['TtsErrors']);
});

test('a socket lost in the middle is resumed at the word that was cut, and each character is told once', async () => {
  const service = await start({ speaks: false });
  const { session } = open(service);
  const first = await service.socket(1);
  const { chunks } = speak(session, pieces('I can help you. ', 'Please wait.'));
  await service.until('the text', () => first.messages.some(({ flush }) => flush));
  first.speak('c1', ' I can he');
  const before = await chunks.next();

  service.set({});
  first.cut();
  const after = await rest(chunks);

  assert.equal(heard(after), 'help you. Please wait. ');
  assert.equal(told([before.value, ...after]), 'I can help you. Please wait. ');
  assert.deepEqual(service.violations, []);
});

test('a socket lost in the middle of audio that nobody can place is a failure', async () => {
  const service = await start({ speaks: false, aligns: false });
  const { session } = open(service);
  const first = await service.socket(1);
  const { chunks } = speak(session, pieces('I can help you.'));
  await service.until('the text', () => first.textOf('c1') !== '');
  first.speak('c1', 'I can he');
  await chunks.next();

  first.cut();

  await assert.rejects(rest(chunks), failsWith('unavailable', 'close-1006'));
});

for (const [how, lose] of [
  ['cut', (socket: SpeechSocket) => socket.cut()],
  ['refused', (socket: SpeechSocket) => socket.fail('quota_exceeded')],
] as const)
  test(`a socket ${how} after the last word ends the reply as it should`, async () => {
    const service = await start({ speaks: false, finishes: false });
    const { session } = open(service);
    const first = await service.socket(1);
    const { speech, chunks } = speak(session, pieces('That is all.'));
    await service.until('the text', () => first.messages.some(({ flush }) => flush));
    first.speak('c1', 'That is all');
    await chunks.next();

    lose(first);

    assert.deepEqual(await rest(chunks), []);
    assert.equal(speech.charactersSent(), 'That is all. '.length);
  });

test('a long answer survives several losses, but not any number of them', async () => {
  const service = await start({ speaks: false });
  const { session } = open(service);
  const { chunks } = speak(session, pieces('one two three four five six.'));
  const heardWords: string[] = [];

  for (const [n, word] of ['one', 'two', 'three', 'four'].entries()) {
    const socket = await service.socket(n + 1);
    await service.until('the text', () => socket.textOf(`c${n + 1}`) !== '');
    socket.speak(`c${n + 1}`, word);
    heardWords.push(heard([(await chunks.next()).value]));
    socket.cut();
  }

  await assert.rejects(chunks.next(), failsWith('unavailable', 'close-1006'));
  assert.deepEqual(heardWords, ['one', 'two', 'three', 'four']);
});

test('a call that loses its socket now and then goes on for as long as it lasts', async () => {
  const service = await start();
  const { session } = open(service);

  for (let n = 1; n <= 6; n += 1) {
    assert.equal(heard(await listen(speak(session, pieces('Yes.')).speech)), 'Yes. ');
    const socket = await service.socket(n);
    socket.cut();
    await service.socket(n + 1);
  }
});

test('audio that brings no characters goes on with those before it', async () => {
  const service = await start({ speaks: false });
  const { session } = open(service);
  const first = await service.socket(1);
  const { chunks } = speak(session, pieces('I can help you.'));
  await service.until('the text', () => first.textOf('c1') !== '');
  first.speak('c1', 'I can ');
  await chunks.next();
  first.send({ audio: Buffer.alloc(80, 'x').toString('base64'), contextId: 'c1', alignment: null });
  await chunks.next();

  service.set({});
  first.cut();

  assert.equal(heard(await rest(chunks)), 'help you. ');
});

test('many cancelled replies that the service is slow to end do not use up its patience', async () => {
  const clock = createManualClock();
  const service = await start({ finishes: false });
  const { session } = open(service, { clock });
  let contexts = 0;

  for (let socketNumber = 1; socketNumber <= 5; socketNumber += 1) {
    const socket = await service.socket(socketNumber);
    for (let n = 1; n <= 5; n += 1) {
      contexts += 1;
      const id = `c${contexts}`;
      const { cancel } = speak(session, pieces('No.'));
      await service.until('its text', () => socket.textOf(id) !== '');
      cancel.abort();
    }
    const waiting = speak(session, pieces('Wait.'));
    await nextTurn();
    clock.advance(300);
    clock.advance(100);
    waiting.cancel.abort();
  }
  service.set({});

  assert.equal(heard(await listen(speak(session, pieces('Here.')).speech)), 'Here. ');
  assert.equal(service.sockets.length, 6);
  assert.deepEqual(service.violations, []);
});

test('a reply that keeps losing its socket is given up', async () => {
  const service = await start({ speaks: false });
  const { session } = open(service);
  const { speech } = speak(session, pieces('Hello there.'));
  const cutAll = async () => {
    for (let n = 1; n <= 3; n += 1) {
      const socket = await service.socket(n);
      await service.until('the text', () => socket.textOf(`c${n}`) !== '');
      socket.cut();
    }
  };

  const [failed] = await Promise.allSettled([listen(speech), cutAll()]);

  assert.equal(failed.status, 'rejected');
  failsWith('unavailable', 'close-1006')(failed.reason);
});

test('no audio in time is a failure, and the next reply is spoken on another socket', async () => {
  const clock = createManualClock();
  const service = await start({ speaks: false });
  const { session } = open(service, { clock });
  const first = await service.socket(1);
  const { chunks } = speak(session, pieces('Hello?'));
  await service.until('the text', () => first.textOf('c1') !== '');
  const failed = assert.rejects(rest(chunks), failsWith('timeout', 'first-audio'));

  clock.advance(2_499);
  service.set({});
  clock.advance(1);
  clock.advance(100);

  await failed;
  assert.equal(heard(await listen(speak(session, pieces('Sorry.')).speech)), 'Sorry. ');
  assert.equal(service.sockets.length, 2);
});

test('audio that stops in the middle of a sentence is a failure', async () => {
  const clock = createManualClock();
  const service = await start({ speaks: false });
  const { session } = open(service, { clock });
  const socket = await service.socket(1);
  const { chunks } = speak(session, pieces('I can help you.'));
  await service.until('the text', () => socket.textOf('c1') !== '');
  socket.speak('c1', 'I can ');
  await chunks.next();

  const failed = assert.rejects(rest(chunks), failsWith('timeout', 'chunk-gap'));
  clock.advance(3_000);

  await failed;
});

test('a model that thinks in the middle of a reply is no failure of the speech service', async () => {
  const clock = createManualClock();
  const service = await start();
  const { session } = open(service, { clock });
  const { text, write, end } = writable();
  const { chunks } = speak(session, text);
  write('Let me look.');
  assert.equal(heard([(await chunks.next()).value, (await chunks.next()).value]), 'Let me look. ');

  clock.advance(20_000);
  write('Found it.');
  end();

  assert.equal(heard(await rest(chunks)), 'Found it. ');
});

test('an error of the service is repaired on another socket when that can help', async () => {
  const service = await start({ speaks: false });
  const { session } = open(service);
  const first = await service.socket(1);
  const { speech } = speak(session, pieces('Hello.'));
  await service.until('the text', () => first.textOf('c1') !== '');

  service.set({});
  first.fail('something_went_wrong');

  assert.equal(heard(await listen(speech)), 'Hello. ');
});

for (const [code, failure] of [
  ['quota_exceeded', 'refused'],
  ['voice_not_found', 'invalid-request'],
] as const) {
  test(`${code} fails the reply at once as ${failure}`, async () => {
    const service = await start({ speaks: false });
    const { session } = open(service);
    const socket = await service.socket(1);
    const { speech } = speak(session, pieces('Hello.'));
    await service.until('the text', () => socket.textOf('c1') !== '');

    socket.fail(code);

    await assert.rejects(listen(speech), failsWith(failure, code));
    assert.equal(service.attempts(), 1);
  });
}

test('what the vendor says in a failure is never taken for a code', async () => {
  const service = await start({ speaks: false });
  const telemetry = recordingTelemetry();
  const { session } = open(service, { telemetry });
  const socket = await service.socket(1);
  const { speech } = speak(session, pieces('Hello.'));
  await service.until('the text', () => socket.textOf('c1') !== '');

  service.set({});
  socket.fail('You said: my name is Ann');
  await listen(speech);

  assert.deepEqual(
    telemetry.lines.map((line) => ('code' in line ? line.code : undefined)),
    ['unrecognised'],
  );
});

test('a refused key is tried once for each reply and no more', async () => {
  const service = await start();
  const { session } = open(service, { apiKey: 'another-key' });
  await service.until('the first attempt', () => service.attempts() === 1);

  await assert.rejects(listen(speak(session, pieces('Hello.')).speech), failsWith('refused', 'http-401'));
  await assert.rejects(listen(speak(session, pieces('Hello.')).speech), failsWith('refused', 'http-401'));

  assert.ok(service.attempts() <= 3);
});

test('a service that is away fails the reply after a few attempts, and is found again when it is back', async () => {
  const service = await start({ refuseWith: 503 });
  const { session } = open(service);
  await assert.rejects(listen(speak(session, pieces('Hello.')).speech), failsWith('unavailable', 'http-503'));

  service.set({});

  assert.equal(heard(await listen(speak(session, pieces('Hello again.')).speech)), 'Hello again. ');
  assert.equal(service.attempts(), 4);
});

test('a long pause of the model keeps its own context alive and makes no other', async () => {
  const clock = createManualClock();
  const service = await start();
  const { session } = open(service, { clock });
  const socket = await service.socket(1);
  const { text, write, end } = writable();
  const { chunks } = speak(session, text);
  write('One moment.');
  await chunks.next();

  clock.advance(100_000);
  await service.until('keep-alives', () => socket.messages.length === 5);
  write('Done.');
  end();
  await rest(chunks);

  assert.deepEqual(socket.messages.slice(2, 5), Array(3).fill({ text: '', context_id: 'c1' }));
  assert.deepEqual(service.violations, []);
});

test('a socket that nobody used for two minutes is replaced, and nothing is sent that could make a context', async () => {
  const clock = createManualClock();
  const service = await start();
  const telemetry = recordingTelemetry();
  const { session } = open(service, { clock, telemetry });
  await listen(speak(session, pieces('Hello.')).speech);
  const socket = await service.socket(1);
  const sent = socket.messages.length;

  clock.advance(120_000);
  await service.socket(2);
  await service.until('the close', socket.isClosed);

  assert.deepEqual(socket.messages.slice(sent), [{ close_socket: true }]);
  assert.equal(heard(await listen(speak(session, pieces('Still here.')).speech)), 'Still here. ');
  assert.deepEqual(telemetry.lines, []);
});

test('a reply of which nothing was spoken is a failure, not silence', async () => {
  const service = await start({ speaks: false, finishes: true });
  const { session } = open(service);

  await assert.rejects(listen(speak(session, pieces('Hello.')).speech), failsWith('unavailable', 'no-audio'));
});

test('a reply that only consists of signs may be silent', async () => {
  const service = await start({ speaks: false, finishes: true });
  const { session } = open(service);

  assert.deepEqual(await listen(speak(session, pieces('…')).speech), []);
});

test('a text that fails ends the reply with its own error', async () => {
  const service = await start();
  const { session } = open(service);
  const failure = new Error('the model failed');
  async function* failing() {
    yield 'I think ';
    throw failure;
  }

  await assert.rejects(listen(speak(session, failing()).speech), failure);
  assert.equal(heard(await listen(speak(session, pieces('Sorry.')).speech)), 'Sorry. ');
});

test('a reply can begin while another is being cancelled', async () => {
  const service = await start();
  const { session } = open(service);
  const slow = writable();
  const first = speak(session, slow.text);
  slow.write('First.');
  await first.chunks.next();

  const second = speak(session, pieces('Second.'));
  first.cancel.abort();

  assert.equal(heard(await listen(second.speech)), 'Second. ');
  assert.deepEqual(await rest(first.chunks), []);
});

test('at the end of the call the socket is closed politely and every reply ends', async () => {
  const service = await start({ speaks: false });
  const { session, end } = open(service);
  const socket = await service.socket(1);
  const { speech, chunks } = speak(session, pieces('Good bye.'));
  await service.until('the text', () => socket.textOf('c1') !== '');
  const waiting = rest(chunks);

  end.abort();
  await session.close();

  assert.deepEqual(await waiting, []);
  assert.deepEqual(socket.messages.at(-1), { close_socket: true });
  assert.equal(speech.charactersSent(), 10);
  assert.deepEqual(await listen(speak(session, pieces('Nobody hears this.')).speech), []);
});

test('a session of a call that is over is never opened', async () => {
  const service = await start();
  const { apiKey, url: baseUrl } = service;
  const textToSpeech = createElevenLabsTextToSpeech({ apiKey, baseUrl, clock: impatientClock });

  const session = textToSpeech.open({ callSid, voice: 'v', signal: AbortSignal.abort() });
  await session.close();

  assert.equal(service.attempts(), 0);
});

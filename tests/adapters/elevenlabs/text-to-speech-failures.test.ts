import assert from 'node:assert/strict';
import { afterEach, describe, test } from 'node:test';
import { createManualClock } from './clocks.ts';
import {
  cleanUp,
  failsWith,
  heard,
  listen,
  open,
  pieces,
  rest,
  speak,
  start,
  told,
} from './speech-session.ts';
import type { SpeechSocket } from './strict-speech.ts';
import { recordingTelemetry } from './telemetry.ts';

describe('A speech service that fails', () => {
  afterEach(cleanUp);

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
    await assert.rejects(
      listen(speak(session, pieces('Hello.')).speech),
      failsWith('unavailable', 'http-503'),
    );

    service.set({});

    assert.equal(heard(await listen(speak(session, pieces('Hello again.')).speech)), 'Hello again. ');
    assert.equal(service.attempts(), 4);
  });

  test('a reply of which nothing was spoken is a failure, not silence', async () => {
    const service = await start({ speaks: false, finishes: true });
    const { session } = open(service);

    await assert.rejects(
      listen(speak(session, pieces('Hello.')).speech),
      failsWith('unavailable', 'no-audio'),
    );
  });
});

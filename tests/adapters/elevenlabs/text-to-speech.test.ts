import assert from 'node:assert/strict';
import { afterEach, describe, test } from 'node:test';
import { createElevenLabsTextToSpeech } from '#adapters/elevenlabs/text-to-speech.ts';
import { durationMs } from '#core/audio/mulaw.ts';
import { createManualClock, impatientClock } from './clocks.ts';
import {
  callSid,
  cleanUp,
  heard,
  listen,
  open,
  pieces,
  rest,
  speak,
  start,
  told,
  writable,
} from './speech-session.ts';
import { recordingTelemetry } from './telemetry.ts';

describe('A reply that is spoken', () => {
  afterEach(cleanUp);

  test('a caller hears the pieces in order, and the socket was open before there was anything to say', async () => {
    const service = await start();
    const { session } = open(service, {
      voiceSettings: { stability: 0.4, similarityBoost: 0.8, speed: 1.1 },
    });
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
});

import assert from 'node:assert/strict';
import { afterEach, describe, test } from 'node:test';
import { createElevenLabsSpeechToText } from '#adapters/elevenlabs/speech-to-text.ts';
import { createManualClock, impatientClock } from './clocks.ts';
import {
  callSid,
  chunkMs,
  cleanUp,
  failureOf,
  heardMs,
  open,
  start,
  writeFrames,
} from './recogniser-session.ts';
import { spoken } from './strict-recogniser.ts';
import { recordingTelemetry } from './telemetry.ts';

describe('A recogniser that fails', () => {
  afterEach(cleanUp);

  test('a lost connection costs no word: the audio since the last commit is sent again, with its context', async () => {
    const recogniser = await start();
    const { session, transcript } = open(recogniser);
    writeFrames(session, spoken('A', 400));
    session.commit();
    await transcript.nextOf('committed');
    writeFrames(session, spoken('B', 400));
    await recogniser.until('B heard', () => heardMs(recogniser.connections[0]) === 800);

    recogniser.connections[0]?.cut();
    const interrupted = await transcript.nextOf('interrupted');
    writeFrames(session, spoken('C', 250));
    session.commit();
    const committed = await transcript.nextOf('committed');

    assert.deepEqual(failureOf(interrupted.error), { failure: 'unavailable', code: 'close-1006' });
    assert.equal(committed.text, 'B400 C250');
    assert.equal(transcript.events.filter(({ type }) => type === 'ready').length, 2);
    assert.deepEqual(
      recogniser.connections[1]?.chunks.map(({ previousText }) => previousText).filter(Boolean),
      ['A400'],
    );
    assert.equal(session.audioSentMs(), 400 + 400 + 400 + 250);
    assert.deepEqual(recogniser.violations, []);
  });

  test('a commit that was on its way when the connection was lost is answered on the next one', async () => {
    const recogniser = await start({ answersCommits: false });
    const { session, transcript } = open(recogniser);
    writeFrames(session, spoken('A', 400));
    session.commit();
    writeFrames(session, spoken('B', 400));
    const first = await recogniser.connection(1);
    await recogniser.until('all heard', () => heardMs(first) === 800);

    recogniser.set({});
    first.cut();
    const committed = await transcript.nextOf('committed');
    session.commit();

    assert.equal(committed.text, 'A400');
    assert.equal((await transcript.nextOf('committed')).text, 'B400');
  });

  test('a session that came to its time limit goes on in a new one', async () => {
    const recogniser = await start();
    const telemetry = recordingTelemetry();
    const { session, transcript } = open(recogniser, { adapter: { telemetry } });
    await transcript.nextOf('ready');
    writeFrames(session, spoken('A', 400));

    recogniser.connections[0]?.fail('session_time_limit_exceeded');
    await transcript.nextOf('interrupted');
    session.commit();

    assert.equal((await transcript.nextOf('committed')).text, 'A400');
    // Whoever reads the events tells of the interruption.
    assert.deepEqual(telemetry.lines, []);
  });

  test('a throttled commit is tried once more with silence, then on a new connection', async () => {
    const recogniser = await start({ answersCommits: false });
    const { session, transcript } = open(recogniser);
    const first = await recogniser.connection(1);
    const commits = () => first.chunks.filter(({ commit }) => commit).length;
    writeFrames(session, spoken('A', 400));
    session.commit();

    await recogniser.until('the commit', () => commits() === 1);
    first.send({ message_type: 'commit_throttled', error: 'too soon' });
    await recogniser.until('the second commit', () => commits() === 2);
    recogniser.set({});
    first.send({ message_type: 'commit_throttled', error: 'too soon' });

    assert.equal((await transcript.nextOf('committed')).text, 'A400');
    assert.deepEqual(chunkMs(first).slice(-3), [0, 320, 0]);
    assert.equal(recogniser.connections.length, 2);
  });

  test('a commit that is never answered is repeated on a new connection and then fails as a timeout', async () => {
    const clock = createManualClock();
    const recogniser = await start({ answersCommits: false });
    const { session, transcript } = open(recogniser, { adapter: { clock } });
    writeFrames(session, spoken('A', 400));
    session.commit();
    const first = await recogniser.connection(1);
    await recogniser.until('the commit', () => first.chunks.at(-1)?.commit === true);

    clock.advance(2_500);
    clock.advance(100);
    const second = await recogniser.connection(2);
    await recogniser.until('the first closed', first.isClosed);
    await recogniser.until('the commit again', () => second.chunks.at(-1)?.commit === true);
    clock.advance(2_500);

    await assert.rejects(transcript.rest(), (error) => {
      assert.deepEqual(failureOf(error), { failure: 'timeout', code: 'commit-timeout' });
      return true;
    });
    assert.equal(clock.timersSet(), 0);
  });

  test('a connection that breaks at every commit is given up', async () => {
    const recogniser = await start({ answersCommits: false });
    const { session, transcript } = open(recogniser);
    writeFrames(session, spoken('A', 400));
    session.commit();
    const breakAtCommits = async () => {
      for (let n = 1; n <= 3; n += 1) {
        const connection = await recogniser.connection(n);
        await recogniser.until('the commit', () => connection.chunks.at(-1)?.commit === true);
        connection.cut();
      }
    };

    const [failed] = await Promise.allSettled([transcript.rest(), breakAtCommits()]);

    assert.equal(failed.status, 'rejected');
    assert.deepEqual(failureOf(failed.reason), { failure: 'unavailable', code: 'close-1006' });
    assert.equal(recogniser.attempts(), 3);
  });

  test('a key that is refused is not tried again', async () => {
    const recogniser = await start();
    const { transcript } = open(recogniser, { adapter: { apiKey: 'another-key' } });

    await assert.rejects(transcript.rest(), (error) => {
      assert.deepEqual(failureOf(error), { failure: 'refused', code: 'http-401' });
      return true;
    });
    assert.equal(recogniser.attempts(), 1);
  });

  for (const [code, failure] of [
    ['auth_error', 'refused'],
    ['quota_exceeded', 'refused'],
    ['unaccepted_terms', 'refused'],
    ['input_error', 'invalid-request'],
    ['invalid_request', 'invalid-request'],
    ['chunk_size_exceeded', 'invalid-request'],
  ] as const) {
    test(`${code} ends the session as ${failure}, with no further attempt`, async () => {
      const recogniser = await start();
      const { transcript } = open(recogniser);
      await transcript.nextOf('ready');

      recogniser.connections[0]?.fail(code);

      await assert.rejects(transcript.rest(), (error) => {
        assert.deepEqual(failureOf(error), { failure, code });
        return true;
      });
      assert.equal(recogniser.attempts(), 1);
    });
  }

  for (const [code, failure] of [
    ['rate_limited', 'overloaded'],
    ['resource_exhausted', 'overloaded'],
    ['queue_overflow', 'overloaded'],
    ['transcriber_error', 'unavailable'],
    ['error', 'unavailable'],
  ] as const) {
    test(`${code} is an interruption (${failure}) that is repaired`, async () => {
      const recogniser = await start();
      const { transcript } = open(recogniser);
      await transcript.nextOf('ready');

      recogniser.connections[0]?.fail(code);

      const { error } = await transcript.nextOf('interrupted');
      assert.deepEqual(failureOf(error), { failure, code });
      assert.deepEqual(await transcript.next(), { type: 'ready' });
    });
  }

  test('a service that is away is given up after three attempts', async () => {
    const recogniser = await start({ refuseWith: 503 });
    const telemetry = recordingTelemetry();
    const { transcript } = open(recogniser, { adapter: { telemetry } });

    await assert.rejects(transcript.rest(), (error) => {
      assert.deepEqual(failureOf(error), { failure: 'unavailable', code: 'http-503' });
      return true;
    });
    assert.equal(recogniser.attempts(), 3);
    assert.deepEqual(transcript.events, []);
    const line = {
      level: 'warn',
      msg: 'provider.failed',
      callSid,
      provider: 'elevenlabs-stt',
      failure: 'unavailable',
      code: 'http-503',
      retryable: true,
    };
    // The third one is thrown: whoever reads the events tells it.
    assert.deepEqual(telemetry.lines, [line, line]);
    assert.deepEqual(telemetry.metrics, ['SttErrors', 'SttErrors']);
  });

  test('settings that the service closes the socket for are not tried again', async () => {
    const recogniser = await start({ startsSessions: false });
    const { transcript } = open(recogniser);
    const connection = await recogniser.connection(1);

    connection.close(1008);

    await assert.rejects(transcript.rest(), (error) => {
      assert.deepEqual(failureOf(error), { failure: 'invalid-request', code: 'close-1008' });
      return true;
    });
  });

  test('a session that never starts is a timeout', async () => {
    const clock = createManualClock();
    const recogniser = await start({ startsSessions: false });
    const { transcript } = open(recogniser, { adapter: { clock } });
    const rest = transcript.rest();

    for (let n = 1; n <= 3; n += 1) {
      await recogniser.connection(n);
      clock.advance(3_000);
      clock.advance(1_000);
    }

    await assert.rejects(rest, (error) => {
      assert.deepEqual(failureOf(error), { failure: 'timeout', code: 'session-start-timeout' });
      return true;
    });
  });

  test('a key or an address that can never work is refused when the adapter is made, without repeating the key', () => {
    const make = (options: { apiKey?: string; baseUrl?: string }) => () =>
      createElevenLabsSpeechToText({ apiKey: 'key', clock: impatientClock, ...options });

    assert.throws(make({ apiKey: 'se cret\n' }), (error: Error) => !error.message.includes('cret'));
    assert.throws(make({ baseUrl: 'ftp://api.elevenlabs.io' }), TypeError);
  });
});

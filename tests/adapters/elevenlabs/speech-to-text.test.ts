import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import {
  createElevenLabsSpeechToText,
  type ElevenLabsSpeechToTextOptions,
} from '#adapters/elevenlabs/speech-to-text.ts';
import { silence } from '#core/audio/mulaw.ts';
import { isProviderError } from '#core/errors.ts';
import { callSidSchema } from '#core/ids.ts';
import type { SpeechToTextOptions, SpeechToTextSession } from '#core/ports/speech-to-text.ts';
import { createManualClock, impatientClock } from './clocks.ts';
import {
  type RecogniserConnection,
  type StrictRecogniser,
  type StrictRecogniserOptions,
  spoken,
  startStrictRecogniser,
} from './strict-recogniser.ts';
import { recordingTelemetry } from './telemetry.ts';
import { readTranscript } from './transcript-reader.ts';

const callSid = callSidSchema.parse(`CA${'0'.repeat(32)}`);
const cleanups: (() => unknown)[] = [];

afterEach(async () => {
  for (const clean of cleanups.splice(0).reverse()) await clean();
});

async function start(options: StrictRecogniserOptions = {}): Promise<StrictRecogniser> {
  const recogniser = await startStrictRecogniser(options);
  cleanups.push(() => recogniser.close());
  return recogniser;
}

interface OpenOptions {
  readonly adapter?: Partial<ElevenLabsSpeechToTextOptions>;
  readonly session?: Partial<SpeechToTextOptions>;
}

function open(recogniser: StrictRecogniser, { adapter, session }: OpenOptions = {}) {
  const { apiKey, url: baseUrl } = recogniser;
  const speechToText = createElevenLabsSpeechToText({ apiKey, baseUrl, clock: impatientClock, ...adapter });
  const end = new AbortController();
  const opened = speechToText.open({ callSid, languageCode: 'en', signal: end.signal, ...session });
  cleanups.push(() => opened.close());
  return { session: opened, transcript: readTranscript(opened), end };
}

/** As the phone side delivers it: 20 ms at a time. */
function writeFrames(session: SpeechToTextSession, audio: Uint8Array) {
  for (let at = 0; at < audio.length; at += 160) session.write(audio.subarray(at, at + 160));
}

const failureOf = (error: unknown) => {
  assert.ok(isProviderError(error), String(error));
  assert.equal(error.provider, 'elevenlabs-stt');
  return { failure: error.failure, code: error.code };
};

const chunkMs = (connection: { chunks: readonly { ms: number }[] }) => connection.chunks.map(({ ms }) => ms);

const heardMs = (connection: RecogniserConnection | undefined) =>
  (connection?.chunks ?? []).reduce((sum, { ms }) => sum + ms, 0);

test('what a caller says before the session is ready is recognised from its first word', async () => {
  const recogniser = await start({ startsSessions: false });
  const { session, transcript } = open(recogniser);
  writeFrames(session, spoken('A', 200));
  writeFrames(session, spoken('B', 200));
  session.commit();
  const connection = await recogniser.connection(1);

  connection.send({ message_type: 'session_started', session_id: 's', config: {} });

  assert.deepEqual(await transcript.next(), { type: 'ready' });
  assert.deepEqual(await transcript.nextOf('committed'), { type: 'committed', text: 'A200 B200' });
  assert.deepEqual(recogniser.violations, []);
});

test('words are told while they are spoken, each time all of those not yet committed', async () => {
  const recogniser = await start();
  const { session, transcript } = open(recogniser);
  await transcript.nextOf('ready');

  writeFrames(session, spoken('A', 200));
  writeFrames(session, silence(200));
  session.commit();
  await transcript.nextOf('committed');

  assert.deepEqual(transcript.events, [
    { type: 'ready' },
    { type: 'interim', text: 'A100' },
    { type: 'interim', text: 'A200' },
    { type: 'committed', text: 'A200' },
  ]);
});

test('frames are gathered into chunks of 100 ms, and a commit takes what is left with it', async () => {
  const recogniser = await start();
  const { session, transcript } = open(recogniser);
  await transcript.nextOf('ready');

  writeFrames(session, spoken('A', 360));
  session.commit();
  await transcript.nextOf('committed');

  const [connection] = recogniser.connections;
  assert.deepEqual(
    connection?.chunks.map(({ ms, commit }) => ({ ms, commit })),
    [...[100, 100, 100, 60].map((ms) => ({ ms, commit: false })), { ms: 0, commit: true }],
  );
  assert.equal(session.audioSentMs(), 360);
  assert.deepEqual(recogniser.violations, []);
});

test('every setting goes into the query, and terms that would end the session are left out', async () => {
  const recogniser = await start();
  const keyterms = ['Mediator', 'a term of more than twenty characters', ...Array(60).fill('Smith')];
  const telemetry = recordingTelemetry();
  const { transcript } = open(recogniser, {
    adapter: { commitStrategy: 'vad', vadSilenceThresholdSecs: 0.5, telemetry },
    session: { keyterms, languageCode: 'en-US' },
  });

  await transcript.nextOf('ready');

  const query = recogniser.connections[0]?.query;
  assert.equal(query?.get('commit_strategy'), 'vad');
  assert.equal(query?.get('vad_silence_threshold_secs'), '0.5');
  assert.equal(query?.get('language_code'), 'en');
  assert.equal(query?.getAll('keyterms').length, 50);
  assert.equal(query?.getAll('keyterms')[0], 'Mediator');
  assert.deepEqual(telemetry.lines, [{ level: 'warn', msg: 'recogniser.keyterms-dropped', dropped: 12 }]);
});

test('a word too short for a commit is filled up with silence and still recognised', async () => {
  const recogniser = await start();
  const { session, transcript } = open(recogniser);
  await transcript.nextOf('ready');

  writeFrames(session, spoken('N', 120));
  session.commit();

  assert.deepEqual(await transcript.nextOf('committed'), { type: 'committed', text: 'N120' });
  assert.deepEqual(recogniser.violations, []);
  assert.equal(session.audioSentMs(), 320);
});

test('a commit with nothing new is answered at once with no words', async () => {
  const recogniser = await start();
  const { session, transcript } = open(recogniser);
  session.commit();
  await transcript.nextOf('ready');
  writeFrames(session, spoken('A', 400));

  session.commit();
  session.commit();

  assert.deepEqual(await transcript.nextOf('committed'), { type: 'committed', text: 'A400' });
  assert.deepEqual(await transcript.next(), { type: 'committed', text: '' });
  assert.equal(transcript.events[0]?.type, 'committed');
  assert.deepEqual(recogniser.violations, []);
});

test('each commit gets its own words, also when the next comes before the answer', async () => {
  const recogniser = await start();
  const { session, transcript } = open(recogniser);
  writeFrames(session, spoken('A', 400));
  session.commit();
  writeFrames(session, spoken('B', 400));
  session.commit();

  const first = await transcript.nextOf('committed');
  const second = await transcript.nextOf('committed');

  assert.deepEqual([first.text, second.text], ['A400', 'B400']);
});

test('messages of unknown kinds, unreadable ones and repeated commits with timestamps change nothing', async () => {
  const recogniser = await start({ answersCommits: false, sendsPartials: false });
  const { session, transcript } = open(recogniser);
  await transcript.nextOf('ready');
  const connection = await recogniser.connection(1);
  writeFrames(session, spoken('A', 400));
  session.commit();
  await recogniser.until('the commit', () => connection.chunks.at(-1)?.commit === true);

  connection.send({ message_type: 'committed_transcript_with_timestamps', text: 'A', words: [] });
  connection.send({ message_type: 'toString' });
  connection.send({ nonsense: true });
  connection.send({ message_type: 'partial_transcript', text: 5 });
  connection.send({ message_type: 'warning', warning: 'w' });
  connection.send({ message_type: 'session_started', session_id: 'again', config: {} });
  connection.send({ message_type: 'committed_transcript', text: 'A' });
  connection.send({ message_type: 'committed_transcript_with_timestamps', text: 'A', words: [] });
  connection.send({ message_type: 'partial_transcript', text: 'B' });
  connection.send({ message_type: 'partial_transcript', text: ' B ' });
  connection.send({ message_type: 'partial_transcript', text: 'C' });

  await transcript.nextOf('interim');
  await transcript.nextOf('interim');
  assert.deepEqual(transcript.events, [
    { type: 'ready' },
    { type: 'committed', text: 'A' },
    { type: 'interim', text: 'B' },
    { type: 'interim', text: 'C' },
  ]);
});

test('words that the recogniser commits by itself are part of the answer to the next commit', async () => {
  const recogniser = await start({ answersCommits: false, sendsPartials: false });
  const { session, transcript } = open(recogniser);
  await transcript.nextOf('ready');
  const connection = await recogniser.connection(1);

  writeFrames(session, spoken('A', 400));
  connection.send({ message_type: 'committed_transcript', text: 'A long story' });
  assert.deepEqual(await transcript.next(), { type: 'interim', text: 'A long story' });
  connection.send({ message_type: 'partial_transcript', text: 'goes' });
  assert.deepEqual(await transcript.next(), { type: 'interim', text: 'A long story goes' });
  writeFrames(session, spoken('B', 400));
  session.commit();
  await recogniser.until('the commit', () => connection.chunks.at(-1)?.commit === true);
  connection.send({ message_type: 'committed_transcript', text: 'goes on.' });

  assert.deepEqual(await transcript.next(), { type: 'committed', text: 'A long story goes on.' });
});

test('a commit soon after one that the recogniser made by itself is not refused', async () => {
  const recogniser = await start({ sendsPartials: false });
  const { session, transcript } = open(recogniser);
  const connection = await recogniser.connection(1);
  writeFrames(session, spoken('A', 400));
  await recogniser.until('A heard', () => heardMs(connection) === 400);
  connection.commitByItself();
  await transcript.nextOf('interim');

  writeFrames(session, spoken('B', 100));
  session.commit();

  assert.equal((await transcript.nextOf('committed')).text, 'A400 B100');
  assert.deepEqual(recogniser.violations, []);
});

test('with vad the words committed by the recogniser are committed for us too', async () => {
  const recogniser = await start({ sendsPartials: false });
  const { session, transcript } = open(recogniser, { adapter: { commitStrategy: 'vad' } });
  await transcript.nextOf('ready');
  writeFrames(session, spoken('A', 400));

  recogniser.connections[0]?.send({ message_type: 'committed_transcript', text: 'Yes.' });

  assert.deepEqual(await transcript.next(), { type: 'committed', text: 'Yes.' });
});

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

test('a commit in which the recogniser finds no speech is answered with no words', async () => {
  const recogniser = await start({ answersCommits: false });
  const { session, transcript } = open(recogniser);
  const connection = await recogniser.connection(1);
  writeFrames(session, silence(400));
  session.commit();
  await recogniser.until('the commit', () => connection.chunks.at(-1)?.commit === true);

  connection.send({ message_type: 'insufficient_audio_activity', error: 'nothing said' });

  assert.deepEqual(await transcript.nextOf('committed'), { type: 'committed', text: '' });
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

test('an idle session is kept open with a little silence every five seconds', async () => {
  const clock = createManualClock();
  const recogniser = await start();
  const { session, transcript } = open(recogniser, { adapter: { clock } });
  await transcript.nextOf('ready');
  const connection = await recogniser.connection(1);
  writeFrames(session, spoken('A', 60));

  clock.advance(5_000);
  await recogniser.until('what was left', () => connection.chunks.length === 1);
  clock.advance(4_999);
  assert.equal(session.audioSentMs(), 60);
  clock.advance(5_001);
  await recogniser.until('silence twice', () => connection.chunks.length === 3);

  assert.deepEqual(chunkMs(connection), [60, 100, 100]);
  assert.equal(session.audioSentMs(), 260);
});

test('audio is kept for thirty seconds while there is no connection', async () => {
  const recogniser = await start({ startsSessions: false });
  const { session, transcript } = open(recogniser);
  writeFrames(session, spoken('A', 5_000));
  writeFrames(session, spoken('B', 29_000));
  session.commit();

  (await recogniser.connection(1)).send({ message_type: 'session_started' });

  assert.equal((await transcript.nextOf('committed')).text, 'A1000 B29000');
  assert.ok(chunkMs(await recogniser.connection(1)).every((ms) => ms <= 250));
});

test('while the caller says nothing only ten seconds are kept to be sent again', async () => {
  const recogniser = await start();
  const { session, transcript } = open(recogniser);
  await transcript.nextOf('ready');
  const first = await recogniser.connection(1);
  writeFrames(session, silence(20_000));
  await recogniser.until('all heard', () => heardMs(first) === 20_000);

  first.cut();
  const second = await recogniser.connection(2);
  await recogniser.until('the rest again', () => heardMs(second) >= 10_000);

  assert.equal(session.audioSentMs(), 30_000);
});

test('an aborted session closes its socket, ends its events and takes nothing more', async () => {
  const clock = createManualClock();
  const recogniser = await start();
  const { session, transcript, end } = open(recogniser, { adapter: { clock } });
  await transcript.nextOf('ready');
  const connection = await recogniser.connection(1);
  writeFrames(session, spoken('A', 200));

  end.abort();
  session.write(spoken('B', 200));
  session.commit();

  const rest = await transcript.rest();
  assert.ok(rest.every(({ type }) => type === 'interim'));
  await recogniser.until('the close', connection.isClosed);
  assert.equal(clock.timersSet(), 0);
  assert.equal(session.audioSentMs(), 200);
  await session.close();
});

test('a session aborted while it connects ends quietly', async () => {
  const recogniser = await start({ startsSessions: false });
  const { session, transcript, end } = open(recogniser);

  end.abort();

  assert.deepEqual(await transcript.rest(), []);
  await session.close();
});

test('a session of a call that is over is never opened', async () => {
  const recogniser = await start();
  const { session, transcript } = open(recogniser, { session: { signal: AbortSignal.abort() } });

  session.write(spoken('A', 100));
  session.commit();

  assert.deepEqual(await transcript.rest(), []);
  await session.close();
  assert.equal(recogniser.attempts(), 0);
});

test('a consumer that breaks off ends the session', async () => {
  const recogniser = await start();
  const { session } = open(recogniser);

  for await (const event of session.events) if (event.type === 'ready') break;

  await recogniser.until('the close', () => recogniser.connections[0]?.isClosed() ?? false);
});

test('a key or an address that can never work is refused when the adapter is made, without repeating the key', () => {
  const make = (options: { apiKey?: string; baseUrl?: string }) => () =>
    createElevenLabsSpeechToText({ apiKey: 'key', clock: impatientClock, ...options });

  assert.throws(make({ apiKey: 'se cret\n' }), (error: Error) => !error.message.includes('cret'));
  assert.throws(make({ baseUrl: 'ftp://api.elevenlabs.io' }), TypeError);
});

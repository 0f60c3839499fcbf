import assert from 'node:assert/strict';
import { afterEach, describe, test } from 'node:test';
import { silence } from '#core/audio/mulaw.ts';
import { cleanUp, heardMs, open, start, writeFrames } from './recogniser-session.ts';
import { spoken } from './strict-recogniser.ts';
import { recordingTelemetry } from './telemetry.ts';

describe('What a caller says', () => {
  afterEach(cleanUp);

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
});

import assert from 'node:assert/strict';
import { afterEach, describe, test } from 'node:test';
import { silence } from '#core/audio/mulaw.ts';
import { createManualClock } from './clocks.ts';
import { chunkMs, cleanUp, heardMs, open, start, writeFrames } from './recogniser-session.ts';
import { spoken } from './strict-recogniser.ts';

describe('A session of a recogniser', () => {
  afterEach(cleanUp);

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
});

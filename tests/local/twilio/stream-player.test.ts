import assert from 'node:assert/strict';
import { beforeEach, describe, test } from 'node:test';
import { silence } from '#core/audio/mulaw.ts';
import { createStreamPlayer, type StreamPlayer } from '#local/twilio/stream-player.ts';

const audio = (byte: number, bytes: number) => new Uint8Array(bytes).fill(byte);

describe('what a stream plays', () => {
  let marks: string[];
  let player: StreamPlayer;

  beforeEach(() => {
    marks = [];
    player = createStreamPlayer((name) => marks.push(name));
  });

  test('comes in frames of 20 ms, in order, whatever the pieces were, and silence when there is nothing', () => {
    player.media(audio(1, 100));
    player.media(audio(2, 250));

    const heard = [player.nextFrame(), player.nextFrame(), player.nextFrame(), player.nextFrame()];

    const expected = [...audio(1, 100), ...audio(2, 250), ...silence(20)].slice(0, 480);
    assert.deepEqual([...Buffer.concat(heard)].slice(0, 350), expected.slice(0, 350));
    assert.deepEqual(heard[3], silence(20));
    assert.equal(player.playedMs(), 350 / 8);
  });

  test('returns a mark only when the last of the audio before it has sounded', () => {
    player.media(audio(1, 200));
    player.mark('end');

    player.nextFrame();
    player.nextFrame();
    const whileSounding = [...marks];
    player.nextFrame();

    assert.deepEqual(whileSounding, []);
    assert.deepEqual(marks, ['end']);
  });

  test('returns a mark at once when nothing waits and nothing sounds', () => {
    player.mark('first');
    player.mark('second');

    assert.deepEqual(marks, ['first', 'second']);
  });

  test('does not return a mark while the last frame still sounds, although nothing waits', () => {
    player.media(audio(1, 160));
    player.nextFrame();
    player.mark('end');

    const whileSounding = [...marks];
    player.nextFrame();

    assert.deepEqual(whileSounding, []);
    assert.deepEqual(marks, ['end']);
  });

  test('returns marks between two pieces in their order, each in its time', () => {
    player.media(audio(1, 160));
    player.mark('one');
    player.media(audio(2, 80));
    player.mark('two');
    player.media(audio(3, 200));
    player.mark('three');

    const seen = Array.from({ length: 5 }, () => {
      player.nextFrame();
      return [...marks];
    });

    assert.deepEqual(seen, [[], ['one'], ['one', 'two'], ['one', 'two', 'three'], ['one', 'two', 'three']]);
  });

  test('is dropped by a clear, which returns every pending mark at once', () => {
    player.media(audio(1, 1600));
    player.mark('one');
    player.media(audio(2, 1600));
    player.mark('two');
    player.nextFrame();

    const droppedMs = player.clear();

    assert.deepEqual(marks, ['one', 'two']);
    assert.equal(droppedMs, 380);
    assert.deepEqual(player.nextFrame(), silence(20));
    assert.equal(player.playedMs(), 20);
    assert.equal(player.waitingMs(), 0);
  });

  test('goes on after a clear with what comes then', () => {
    player.media(audio(1, 1600));
    player.clear();
    player.media(audio(2, 160));
    player.mark('new');

    assert.deepEqual(player.nextFrame(), audio(2, 160));
    assert.deepEqual(marks, []);
  });
});

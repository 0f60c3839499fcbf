/** What the caller hears of a turn, and what is known of it, on a virtual clock. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { durationMs } from '#core/audio/mulaw.ts';
import { turnId } from '#core/ids.ts';
import { createPlayback, type Playback } from '#media-service/playback.ts';
import { characterMs, spell } from '#tests/support/spelled-audio.ts';
import { createVirtualClock } from '#tests/support/virtual-clock.ts';
import { createVirtualPhone } from '#tests/support/virtual-phone.ts';

const leadMs = 300;
const sliceMs = 100;
const turn = turnId(1);
const text = 'We will look at your papers together and then call the court on Monday. ';

function setUp() {
  const clock = createVirtualClock();
  const sentMs: number[] = [];
  const started: string[] = [];
  const ended: { answer: string; interrupted: boolean }[] = [];
  let playback: Playback | undefined;
  const phone = createVirtualPhone(clock, {
    media: () => undefined,
    mark: (name) => playback?.onMark(name),
  });
  playback = createPlayback({
    clock,
    leadMs,
    stream: {
      ...phone.stream,
      play(audio) {
        sentMs.push(durationMs(audio));
        phone.stream.play(audio);
      },
    },
    listener: {
      onStarted: (_turn, kind) => void started.push(kind),
      onEnded: (_turn, { answer }, interrupted) => void ended.push({ answer, interrupted }),
    },
  });
  const sentTotalMs = () => sentMs.reduce((sum, ms) => sum + ms, 0);
  return { clock, phone, playback, started, ended, sentTotalMs };
}

function say(playback: Playback, words: string): void {
  const track = playback.add(turn);
  track.addText(words, 'answer');
  track.push(spell(words), 'answer');
  track.complete();
}

const wordsIn = (heard: string) => heard.split(' ').filter((word) => word !== '').length;

describe('playback', () => {
  test('never sends more than its lead and one slice ahead of the ear', async () => {
    const { clock, playback, sentTotalMs, phone } = setUp();
    say(playback, text);

    for (let atMs = 0; atMs < 4_000; atMs += 50) {
      assert.ok(sentTotalMs() <= clock.nowMs() + leadMs + sliceMs, `at ${atMs} ms: ${sentTotalMs()} ms sent`);
      await clock.advance(50);
    }
    assert.ok(phone.isPlaying());
  });

  test('tells once that a turn began, and at its end that every word was heard', async () => {
    const { clock, playback, started, ended, phone } = setUp();
    say(playback, text);
    await clock.advance(text.length * characterMs + 500);

    assert.deepEqual(started, ['answer']);
    assert.deepEqual(ended, [{ answer: text.trim(), interrupted: false }]);
    assert.equal(phone.heard(), text.trim());
    assert.equal(playback.remainingMs(), 0);
  });

  test('goes on after a hold at the beginning of the word where it stopped', async () => {
    const { clock, playback, ended, phone } = setUp();
    say(playback, text);
    await clock.advance(16 * characterMs);
    playback.hold();
    await clock.advance(1_000);
    const silentAt = phone.lastSoundAtMs();
    playback.resume();
    await clock.advance(text.length * characterMs + 1_500);

    assert.ok(silentAt <= 16 * characterMs + 20);
    assert.match(phone.heard(), /^We will look at ?(?:y?o?u?r? ?)?your papers together/);
    assert.deepEqual(ended, [{ answer: text.trim(), interrupted: false }]);
  });

  test('plays nothing of a prepared turn before it is admitted', async () => {
    const { clock, playback, phone } = setUp();
    const track = playback.prepare(turn);
    track.push(spell('Hello. '), 'answer');
    track.complete();
    await clock.advance(1_000);
    const before = phone.heard();
    playback.admit(track);
    await clock.advance(1_000);

    assert.equal(before, '');
    assert.equal(phone.heard(), 'Hello.');
  });

  test('knows to a word what was heard, wherever it is cut', async () => {
    for (let cut = 0; cut < 500; cut += 1) {
      const { clock, playback, ended, phone } = setUp();
      say(playback, text);
      await clock.advance((cut * 7_919) % (text.length * characterMs));
      playback.silence();
      await clock.advance(100);

      const told = ended[0]?.answer ?? '';
      assert.ok(text.startsWith(told), `“${told}” was not said`);
      assert.ok(Math.abs(wordsIn(told) - wordsIn(phone.heard())) <= 1, `“${told}” but “${phone.heard()}”`);
    }
  });
});

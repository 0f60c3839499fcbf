import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { createWebRtcVad, type WebRtcVad } from '#adapters/webrtc-vad/voice-activity.ts';
import { decodeMulaw, encodeMulaw, frameMs, sampleRateHz } from '#core/audio/mulaw.ts';
import type { VoiceActivityDetector } from '#core/ports/voice-activity.ts';
import { createSynthesiser, type Synthesiser } from '#local/speech/synthesiser.ts';

const frameSamples = (sampleRateHz * frameMs) / 1000;
const samplesOf = (ms: number) => (sampleRateHz * ms) / 1000;
const silenceOf = (ms: number) => new Int16Array(samplesOf(ms));
const amplitude = (dbfs: number) => 32_768 * 10 ** (dbfs / 20);

/** Hiss of this loudness, the same every time. */
function hissOf(ms: number, dbfs: number): Int16Array {
  let seed = 1;
  const chance = () => {
    seed = (seed * 1_103_515_245 + 12_345) >>> 0;
    return seed / 2 ** 31 - 1;
  };
  // Three uniform values add up to a variance of one.
  return Int16Array.from({ length: samplesOf(ms) }, () => (chance() + chance() + chance()) * amplitude(dbfs));
}

/** A drawn-out "aah": the harmonics of a voice at 120 Hz, the strongest, at this loudness, around 700 Hz. */
function vowelOf(ms: number, dbfs: number): Int16Array {
  const harmonics = Array.from({ length: 25 }, (_, n) => (n + 1) * 120);
  return Int16Array.from({ length: samplesOf(ms) }, (_, i) =>
    harmonics.reduce((sum, hz) => {
      const strength = 1 / (1 + ((hz - 700) / 300) ** 2);
      return sum + strength * amplitude(dbfs) * Math.sin((2 * Math.PI * hz * i) / sampleRateHz);
    }, 0),
  );
}

const join = (...parts: readonly Int16Array[]) => Int16Array.from(parts.flatMap((part) => [...part]));
const mix = (a: Int16Array, b: Int16Array) => a.map((sample, i) => sample + (b[i] ?? 0));
const quieter = (samples: Int16Array, db: number) => samples.map((sample) => sample * 10 ** (-db / 20));

/** The verdict on each frame of audio that went through a telephone line. */
function verdicts(detector: VoiceActivityDetector, samples: Int16Array): boolean[] {
  const heard = decodeMulaw(encodeMulaw(samples));
  const frames = Math.floor(heard.length / frameSamples);
  return Array.from({ length: frames }, (_, n) =>
    detector.process(heard.subarray(n * frameSamples, (n + 1) * frameSamples)),
  );
}

/** Milliseconds of speech in `[fromMs, toMs)`. */
const speechMs = (frames: readonly boolean[], fromMs = 0, toMs = Number.POSITIVE_INFINITY) =>
  frames.slice(fromMs / frameMs, toMs / frameMs).filter(Boolean).length * frameMs;

describe('createWebRtcVad', () => {
  let vad: WebRtcVad;
  let synthesiser: Synthesiser;

  before(async () => {
    [vad, synthesiser] = await Promise.all([createWebRtcVad(), createSynthesiser()]);
  });
  after(() => synthesiser.close());

  const hear = (samples: Int16Array) => {
    const detector = vad.open();
    const frames = verdicts(detector, samples);
    detector.close();
    return frames;
  };
  const say = async (text: string) => decodeMulaw((await synthesiser.speak(text)).audio);

  describe('where nobody speaks', () => {
    it('hears no speech in silence', () => {
      assert.equal(speechMs(hear(silenceOf(3_000))), 0);
    });

    for (const dbfs of [-60, -45, -36]) {
      it(`hears no speech in the hiss of a line at ${dbfs} dBFS, not even at its start`, () => {
        assert.equal(speechMs(hear(hissOf(3_000, dbfs))), 0);
      });
    }

    it('does not take a noise that begins in the middle of a call for an interruption', () => {
      const frames = hear(join(silenceOf(1_000), hissOf(6_000, -32)));

      assert.ok(speechMs(frames) < 200);
    });

    it('has learned within three seconds a noise that begins in the middle of a call', () => {
      const frames = hear(join(silenceOf(1_000), hissOf(6_000, -32)));

      assert.equal(speechMs(frames, 4_000), 0);
    });

    it('does not take a click for a word', () => {
      const frames = hear(join(silenceOf(1_000), hissOf(10, -10), silenceOf(1_000)));

      assert.ok(speechMs(frames) <= 40);
    });
  });

  describe('where somebody speaks', () => {
    for (const [where, noiseDbfs, quieterDb] of [
      ['on a clean line', -80, 0],
      ['in a noisy room', -45, 0],
      ['softly', -60, 12],
    ] as const) {
      it(`hears the words and the pauses between them, ${where}`, async () => {
        const [first, second] = await Promise.all([
          say('When is my next hearing?'),
          say('On Monday, please.'),
        ]);
        const words = join(silenceOf(1_000), first, silenceOf(400), second, silenceOf(600));
        const samples = mix(
          quieter(words, quieterDb),
          hissOf((words.length / sampleRateHz) * 1_000, noiseDbfs),
        );

        const frames = hear(samples);

        const endOfFirst = 1_000 + (first.length / sampleRateHz) * 1_000;
        const endOfSecond = endOfFirst + 400 + (second.length / sampleRateHz) * 1_000;
        assert.equal(speechMs(frames, 0, 980), 0, 'silent before');
        assert.ok(speechMs(frames, 1_000, 1_160) >= 40, 'begins soon');
        assert.ok(
          speechMs(frames, 1_000, endOfFirst) >= 0.55 * (endOfFirst - 1_000),
          'hears the first sentence',
        );
        assert.ok(speechMs(frames, endOfFirst + 60, endOfFirst + 380) === 0, 'hears the pause');
        assert.ok(
          speechMs(frames, endOfFirst + 400, endOfSecond) >= 0.55 * (endOfSecond - endOfFirst - 400),
          'hears the second sentence',
        );
        assert.equal(speechMs(frames, endOfSecond + 60), 0, 'silent after');
      });
    }

    it('goes on hearing a soft word that is drawn out', () => {
      const frames = hear(join(silenceOf(1_000), vowelOf(2_000, -36), silenceOf(500)));

      assert.ok(speechMs(frames, 1_000, 3_000) >= 1_900);
      assert.ok(speechMs(frames, 3_060) === 0);
    });

    it('hears somebody who speaks from the first moment on', async () => {
      const frames = hear(await say('Hello, is anybody there?'));

      assert.ok(speechMs(frames, 0, 200) >= 100);
    });
  });

  describe('many calls in one process', () => {
    it('do not hear each other', async () => {
      const words = await say('When is my next hearing?');
      const alone = hear(words);
      const others = Array.from({ length: 300 }, () => vad.open());
      const mine = vad.open();
      const noise = hissOf(frameMs, -20);

      const together = Array.from({ length: Math.floor(words.length / frameSamples) }, (_, n) => {
        for (const other of others) other.process(noise);
        return verdicts(mine, words.subarray(n * frameSamples, (n + 1) * frameSamples))[0];
      });

      for (const detector of [mine, ...others]) detector.close();
      assert.deepEqual(together, alone);
    });

    it('leave nothing to the calls that come after them', async () => {
      const words = await say('On Monday, please.');
      const before = hear(words);
      hear(hissOf(4_000, -20));

      assert.deepEqual(hear(words), before);
    });
  });

  describe('a closed detector', () => {
    it('hears nothing, and may be closed again while others go on', async () => {
      const words = await say('When is my next hearing?');
      const [closed, open] = [vad.open(), vad.open()];
      closed.close();
      closed.close();

      assert.equal(speechMs(verdicts(closed, words)), 0);
      assert.ok(speechMs(verdicts(open, words)) > 0);
      open.close();
    });
  });

  it('takes a frame of another length for no speech', async () => {
    const words = await say('When is my next hearing?');
    const detector = vad.open();

    assert.equal(detector.process(words), false);
    assert.equal(detector.process(new Int16Array(0)), false);
    detector.close();
  });
});

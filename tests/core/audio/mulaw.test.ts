import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import alawmulaw from 'alawmulaw';
import { decodeMulaw, durationMs, encodeMulaw, frameBytes, silence, silenceByte } from '#core/audio/mulaw.ts';

const codes = Uint8Array.from({ length: 256 }, (_, code) => code);

describe('µ-law', () => {
  const checkValues = [
    [0, 0xff],
    [8, 0xfe],
    [-4, 0x7e],
    [100, 0xf2],
    [1000, 0xce],
    [-1000, 0x4e],
    [32767, 0x80],
    [-32768, 0x00],
  ] as const;
  for (const [sample, code] of checkValues)
    test(`writes ${sample} as ${code.toString(16)}`, () => {
      assert.equal(encodeMulaw(Int16Array.of(sample))[0], code);
    });

  test('reads d5 as 716', () => {
    assert.equal(decodeMulaw(Uint8Array.of(0xd5))[0], 716);
  });

  test('every code survives decoding and encoding, but negative zero becomes zero', () => {
    const expected = codes.map((code) => (code === 0x7f ? 0xff : code));

    assert.deepEqual(encodeMulaw(decodeMulaw(codes)), expected);
  });

  test('decodes every code as the reference implementation does', () => {
    const expected = Int16Array.from(codes, (code) => alawmulaw.mulaw.decodeSample(code));

    assert.deepEqual(decodeMulaw(codes), expected);
  });

  test('no sample is further from its decoded code than half a step of its segment', () => {
    for (let sample = -32124; sample <= 32124; sample += 1) {
      const [decoded = 0] = decodeMulaw(encodeMulaw(Int16Array.of(sample)));

      assert.ok(Math.abs(decoded - sample) <= (Math.abs(sample) + 132) / 32, `${sample} became ${decoded}`);
    }
  });

  test('silence is ff for as long as asked, never full-scale noise', () => {
    const quiet = silence(20);

    assert.equal(quiet.length, frameBytes);
    assert.ok(quiet.every((byte) => byte === silenceByte));
    assert.equal(decodeMulaw(quiet)[0], 0);
    assert.equal(durationMs(quiet), 20);
  });
});

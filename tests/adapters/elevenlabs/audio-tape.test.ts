import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createAudioTape } from '#adapters/elevenlabs/audio-tape.ts';

/** A byte that tells its position, with a period that no block has. */
const byteAt = (position: number) => position % 251;
const stretch = (from: number, to: number) =>
  Uint8Array.from({ length: to - from }, (_, index) => byteAt(from + index));

test('whatever was written and not dropped can be read again, across any pieces', () => {
  const tape = createAudioTape();
  let written = 0;

  for (const length of [160, 1, 7_839, 8_000, 20_001, 160, 3]) {
    tape.append(stretch(written, written + length));
    written += length;
    tape.dropBefore(written - 15_000);
    const from = tape.start();
    assert.equal(tape.end(), written);
    assert.equal(from, Math.max(0, written - 15_000));
    assert.deepEqual(tape.read(from, written), stretch(from, written));
    assert.deepEqual(tape.read(written - 1, written), stretch(written - 1, written));
  }
});

test('dropping goes neither back nor beyond the end', () => {
  const tape = createAudioTape();
  tape.append(stretch(0, 10_000));

  tape.dropBefore(5_000);
  tape.dropBefore(-3);
  const afterBack = tape.start();
  tape.dropBefore(50_000);
  tape.append(stretch(10_000, 10_160));

  assert.equal(afterBack, 5_000);
  assert.equal(tape.start(), 10_000);
  assert.deepEqual(tape.read(10_000, 10_160), stretch(10_000, 10_160));
});

test('what is written is copied: a reused buffer does not change it', () => {
  const tape = createAudioTape();
  const buffer = Uint8Array.of(1, 2, 3);
  tape.append(buffer);

  buffer.fill(9);

  assert.deepEqual(tape.read(0, 3), Uint8Array.of(1, 2, 3));
});

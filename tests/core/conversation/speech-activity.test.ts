import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  createSpeechActivityTracker,
  defaultSpeechActivity,
  type SpeechActivity,
} from '#core/conversation/speech-activity.ts';

const frameMs = 20;

/** `s` is a frame of speech, `.` one of silence; each 20 ms, the first one ends at 20 ms. */
function track(frames: string): readonly SpeechActivity[] {
  const tracker = createSpeechActivityTracker(defaultSpeechActivity);
  return [...frames].flatMap((frame, i) => tracker.frame(frame === 's', frameMs, (i + 1) * frameMs) ?? []);
}

describe('speech activity', () => {
  test('a click is not speech', () => {
    assert.deepEqual(track('ss........ss........'), []);
  });

  test('speech begins with its third frame and is sustained after 200 ms', () => {
    assert.deepEqual(track('s'.repeat(20)), [
      { type: 'started', atMs: 60 },
      { type: 'sustained', atMs: 200 },
    ]);
  });

  test('speech ends after 160 ms of silence, dated back to its last frame', () => {
    assert.deepEqual(track(`ssss${'.'.repeat(20)}`), [
      { type: 'started', atMs: 60 },
      { type: 'stopped', atMs: 240, lastSpeechAtMs: 80 },
    ]);
  });

  test('the closure of a consonant does not end speech', () => {
    assert.deepEqual(
      track('ssss.......ssssss').map(({ type }) => type),
      ['started', 'sustained'],
    );
  });

  test('a new beginning after an end is told again, and sustained anew', () => {
    assert.deepEqual(
      track(`${'s'.repeat(10)}${'.'.repeat(8)}${'s'.repeat(10)}`).map(({ type }) => type),
      ['started', 'sustained', 'stopped', 'started', 'sustained'],
    );
  });

  test('clicks with long silences between them never add up to speech', () => {
    assert.deepEqual(track('s........'.repeat(50)), []);
  });
});

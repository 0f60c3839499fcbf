import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { MediaStreamListener } from '#core/ports/media-stream.ts';
import { createFrameCount } from '#media-service/frame-count.ts';
import { watchVitals } from '#media-service/vitals.ts';
import { createRecordingTelemetry } from '#tests/support/scripted-ports.ts';
import { createVirtualClock } from '#tests/support/virtual-clock.ts';

const frame = new Uint8Array(160);

function listener(heard: Uint8Array[]): MediaStreamListener {
  return {
    onStart: () => undefined,
    onMedia: (audio) => void heard.push(audio),
    onMark: () => undefined,
    onDtmf: () => undefined,
    onEnd: () => undefined,
  };
}

function start() {
  const clock = createVirtualClock();
  const telemetry = createRecordingTelemetry();
  const frames = createFrameCount(telemetry);
  let calls = 0;
  const setCalls = (count: number) => {
    calls = count;
  };
  const vitals = watchVitals({ activeCalls: () => calls, frames, clock, telemetry });
  return { clock, telemetry, frames, vitals, setCalls };
}

describe('A media task', () => {
  test('tells at once and every half minute how many calls it has', async () => {
    const { clock, telemetry, vitals, setCalls } = start();

    setCalls(3);
    await clock.advance(30_000);
    setCalls(7);
    await clock.advance(30_000);
    vitals.stop();

    assert.deepEqual(telemetry.metrics('ActiveCalls'), [0, 3, 7]);
  });

  test('tells how far its loop was behind, never a negative delay', async () => {
    const { clock, telemetry, vitals } = start();

    await clock.advance(30_000);
    vitals.stop();

    const delays = telemetry.metrics('EventLoopDelayMs');
    assert.equal(delays.length, 2);
    assert.ok(delays.every((ms) => ms >= 0));
  });

  test('is silent when it was stopped', async () => {
    const { clock, telemetry, vitals } = start();

    vitals.stop();
    await clock.advance(120_000);

    assert.equal(telemetry.metrics('ActiveCalls').length, 1);
  });
});

describe('Frames of all calls', () => {
  test('reach their listeners and are counted once, each since the last time', async () => {
    const { clock, telemetry, frames, vitals } = start();
    const heard: Uint8Array[] = [];
    const first = frames.counting(listener(heard));
    const second = frames.counting(listener(heard));

    first.onMedia(frame);
    second.onMedia(frame);
    await clock.advance(30_000);
    first.onMedia(frame);
    await clock.advance(60_000);
    vitals.stop();

    assert.equal(heard.length, 3);
    assert.deepEqual(telemetry.metrics('FramesReceived'), [2, 1]);
  });

  test('that cannot be used are counted; a listener of ours that threw is worth a line', () => {
    const { telemetry, frames, vitals } = start();

    frames.noteProblem('not-json');
    frames.noteProblem('listener-failed');
    vitals.stop();

    assert.deepEqual(telemetry.metrics('FrameErrors'), [1, 1]);
    assert.deepEqual(
      telemetry.lines.map(({ msg }) => msg),
      ['stream.listener-failed'],
    );
  });
});

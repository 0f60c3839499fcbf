import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { drawWaterfall } from '#local/caller/waterfall.ts';

const latencies = { endOfUtteranceDelayMs: 450, ttftMs: 400, ttfbMs: 75, responseLatencyMs: 700 };

describe('the waterfall of an answer', () => {
  test('shows the endpoint, the model and the speech on one scale', () => {
    const lines = drawWaterfall(latencies);

    assert.deepEqual(
      lines.map((line) => line.replace(/[·█]+/, '').replace(/\s+/g, ' ')),
      ['endpoint 0–450 ms', 'model 225–625 ms', 'speech 625–700 ms'],
    );
    const bars = lines.map((line) => /[·█]+/.exec(line)?.[0] ?? '');
    assert.deepEqual(
      bars.map((bar) => [bar.length, bar.indexOf('█'), bar.lastIndexOf('█') + 1]),
      [
        [48, 0, 31],
        [48, 15, 43],
        [48, 43, 48],
      ],
    );
  });

  test('shows nothing when a stage is not known or tools came between', () => {
    assert.deepEqual(drawWaterfall({ responseLatencyMs: 700 }), []);
    assert.deepEqual(drawWaterfall({ ...latencies, toolMs: 300 }), []);
  });
});

/** What callers are promised, on a few calls of the benchmark: the full figures are in docs/benchmarks. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { measureBargeIns } from '../../benchmarks/conversation/barge-ins.ts';
import { measurePatience } from '../../benchmarks/conversation/hesitations.ts';
import { measureLatency } from '../../benchmarks/conversation/latency.ts';
import { measureSilences } from '../../benchmarks/conversation/silence.ts';
import { drawChart } from '../../benchmarks/support/chart.ts';
import { percentile, shareOf } from '../../benchmarks/support/statistics.ts';

describe('a caller', () => {
  test('who interrupts is remembered to have heard what was played, and hears silence within a quarter of a second', async () => {
    const { interruptions } = await measureBargeIns(40, 1);

    const stops = interruptions.flatMap(({ stoppedAfterMs }) => stoppedAfterMs ?? []);
    assert.ok(interruptions.length >= 10 && stops.length >= 10);
    assert.deepEqual(
      interruptions.filter(({ wordsOff }) => wordsOff > 1),
      [],
    );
    assert.ok(Math.max(...stops) <= 250);
  });

  test('who only says "mm-hm", or coughs, hears the answer to its end and no word more than twice', async () => {
    const { sounds } = await measureBargeIns(40, 2);

    assert.ok(sounds.length >= 10);
    assert.ok(shareOf(sounds, ({ resumed, wordsOff }) => resumed && wordsOff <= 1) >= 0.9);
  });

  test('who hesitates in the middle of a sentence is let finish', async () => {
    const { splitShare } = await measurePatience({}, { utterances: 40, pauseMs: 900 });

    assert.ok(splitShare <= 0.05);
  });

  test('is never left in silence for three seconds, whatever fails', async () => {
    const silences = await measureSilences(30);

    assert.ok(silences.length >= 100);
    assert.deepEqual(
      silences.filter(({ longestMs }) => longestMs > 3_000),
      [],
    );
  });

  test('is answered sooner when replies are begun before the words are final', async () => {
    const [ahead, afterwards] = [await measureLatency(20, 3, 100), await measureLatency(20, 0, 100)];

    assert.equal(ahead.latenciesMs.length, 20);
    assert.ok(percentile(ahead.latenciesMs, 0.5) + 200 < percentile(afterwards.latenciesMs, 0.5));
  });
});

describe('the figures', () => {
  test('are the smallest value that a share of all does not exceed', () => {
    assert.deepEqual(
      [0, 0.5, 0.95, 1].map((share) => percentile([3, 1, 2, 4], share)),
      [1, 2, 4, 4],
    );
  });

  test('are drawn to scale', () => {
    const svg = drawChart({
      title: 'a < b',
      xLabel: 'x',
      yLabel: 'y',
      series: [
        {
          name: 's',
          points: [
            [0, 0],
            [10, 5],
          ],
        },
      ],
    });

    assert.match(svg, /<path d="M64\.0 344\.0L696\.0 48\.0"/);
    assert.ok(svg.includes('a &lt; b'));
  });
});

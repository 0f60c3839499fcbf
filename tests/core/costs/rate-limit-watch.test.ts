import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRateLimitWatch } from '#core/costs/rate-limit-watch.ts';
import type { AlertStore } from '#core/ports/budget-store.ts';
import type { RateLimitReading } from '#core/ports/language-model.ts';
import type { Telemetry } from '#core/ports/telemetry.ts';
import { createInMemoryAlertStore } from '#tests/support/budgets.ts';
import { createVirtualClock } from '#tests/support/virtual-clock.ts';

const reading = (usedPart: number, fields: Partial<RateLimitReading> = {}): RateLimitReading => ({
  model: 'claude-haiku-5-5',
  kind: 'output-tokens',
  limit: 800_000,
  remaining: 800_000 * (1 - usedPart),
  ...fields,
});

function watching(alerts: AlertStore = createInMemoryAlertStore()) {
  const clock = createVirtualClock();
  const lines: object[] = [];
  const failures: unknown[] = [];
  const telemetry: Telemetry = {
    emit: (_level, line) => lines.push(line),
    log: () => undefined,
    metric: () => undefined,
    flush: () => undefined,
  };
  const process = () =>
    createRateLimitWatch({ alerts, clock, telemetry, onFailure: (error) => failures.push(error) });
  // All writes are promises without timers: one turn of the loop lets them settle.
  const settled = () => new Promise<void>((resolve) => setImmediate(resolve));
  return { alerts, clock, lines, failures, process, settled };
}

test('a limit that is nearly used warns at 80 and is critical at 95 percent, once for all processes', async () => {
  const { alerts, lines, process, settled } = watching();
  const [one, other] = [process(), process()];

  for (const part of [0.5, 0.85, 0.9]) one.observe(reading(part));
  await settled();
  other.observe(reading(1));
  one.observe(reading(0.97));
  await settled();

  assert.deepEqual(
    (await alerts.alerts())
      .toSorted((a, b) => (a.threshold ?? 0) - (b.threshold ?? 0))
      .map(({ subject, threshold, severity, unit }) => [subject, threshold, severity, unit]),
    [
      ['anthropic-output-tokens#claude-haiku-5-5', 0.8, 'warning', 'tokens'],
      ['anthropic-output-tokens#claude-haiku-5-5', 0.95, 'critical', 'tokens'],
    ],
  );
  assert.equal(lines.length, 2);
});

test('its alert closes when there is room again, and is not told a second time that day', async () => {
  const { alerts, clock, lines, process, settled } = watching();
  const watch = process();

  watch.observe(reading(0.82));
  watch.observe(reading(0.4));
  await settled();
  const [closed] = await alerts.alerts();
  watch.observe(reading(0.82));
  await settled();
  const linesOfToday = lines.length;
  await clock.advance(24 * 3_600_000);
  watch.observe(reading(0.82));
  await settled();

  assert.ok(closed?.resolvedAt);
  assert.equal(linesOfToday, 1);
  assert.equal(lines.length, 2, 'the next day tells it again');
});

test('each model and each kind of limit has its own', async () => {
  const { alerts, process, settled } = watching();
  const watch = process();

  watch.observe(reading(0.9));
  watch.observe(reading(0.1, { kind: 'requests' }));
  watch.observe(reading(0.1, { model: 'claude-haiku-4-5' }));
  await settled();

  assert.ok((await alerts.alerts()).every(({ resolvedAt }) => resolvedAt === undefined));
});

test('a store that is away disturbs nobody', async () => {
  const away = async (): Promise<never> => {
    throw new Error('away');
  };
  const { failures, process, settled } = watching({ raise: away, alerts: away, resolve: away });
  const watch = process();

  watch.observe(reading(0.9));
  watch.observe(reading(0.1));
  await settled();

  assert.equal(failures.length, 2);
});

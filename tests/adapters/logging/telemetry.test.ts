import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import { createTelemetry, type TelemetryOptions } from '#adapters/logging/telemetry.ts';
import { callSidSchema } from '#core/ids.ts';
import { createManualClock, type ManualClock } from '../anthropic/manual-clock.ts';

const callSid = callSidSchema.parse(`CA${'0'.repeat(32)}`);

describe('createTelemetry', () => {
  let lines: string[];
  let clock: ManualClock;

  const open = (options: Partial<TelemetryOptions> = {}) =>
    createTelemetry({
      service: 'media',
      stage: 'dev',
      version: '1.2.3',
      minLevel: 'info',
      write: (line) => void lines.push(line),
      clock,
      ...options,
    });
  const parsed = () => lines.map((line) => JSON.parse(line));

  beforeEach(() => {
    lines = [];
    clock = createManualClock();
  });

  describe('lines', () => {
    it('are JSON with level and message first, then who speaks and since when', () => {
      open().log('info', { msg: 'media.listening', port: 8080 });

      assert.deepEqual(lines, [
        '{"level":"info","msg":"media.listening","time":"1970-01-01T00:00:00.000Z","service":"media","stage":"dev","version":"1.2.3","port":8080}',
      ]);
    });

    it('of the contract keep every field they have, whatever we add', () => {
      open().emit('warn', {
        msg: 'cost.alert',
        reason: 'unknown-price',
        service: 'anthropic',
        model: 'claude-x',
      });

      assert.partialDeepStrictEqual(parsed()[0], {
        msg: 'cost.alert',
        service: 'anthropic',
        model: 'claude-x',
      });
    });

    it('below the wanted level are left out, except those of the contract', () => {
      const telemetry = open({ minLevel: 'error' });

      telemetry.log('warn', { msg: 'a.b' });
      telemetry.log('error', { msg: 'c.d' });
      telemetry.emit('info', { msg: 'limit.hit', limit: 'calls' });

      assert.deepEqual(
        parsed().map(({ msg }) => msg),
        ['c.d', 'limit.hit'],
      );
    });

    it('mask a full number that somebody forgot, at any depth', () => {
      open().log('info', {
        msg: 'a.b',
        to: '+15551234567',
        text: 'from +442079460958, to client',
        offset: '+0100',
        masked: '+1******4567',
        ...({ nested: { list: ['+15551234567'] } } as object),
      });

      assert.partialDeepStrictEqual(parsed()[0], {
        to: '+1******4567',
        text: 'from +********0958, to client',
        offset: '+0100',
        masked: '+1******4567',
        nested: { list: ['+1******4567'] },
      });
    });

    it('that cannot be written as JSON still say which line it was', () => {
      const circle: Record<string, unknown> = {};
      circle['self'] = circle;

      open().log('error', { msg: 'a.b', ...({ circle } as object) });

      assert.partialDeepStrictEqual(parsed()[0], { level: 'error', msg: 'a.b', unwritable: true });
    });

    it('that cannot be delivered disturb nobody', () => {
      const telemetry = open({
        write: () => {
          throw new Error('EPIPE');
        },
      });

      telemetry.log('error', { msg: 'a.b' });
      telemetry.emit('info', { msg: 'limit.hit', limit: 'calls', callSid });
      telemetry.metric('TtftMs', 1);
      telemetry.flush();

      assert.deepEqual(lines, []);
    });
  });

  describe('metrics', () => {
    it('are told in one embedded event, by service and stage only', () => {
      const telemetry = open();

      telemetry.metric('TtftMs', 400);
      telemetry.metric('TtftMs', 420);
      telemetry.metric('CallsStarted', 1);
      telemetry.flush();

      assert.deepEqual(parsed(), [
        {
          level: 'info',
          msg: 'metrics',
          time: '1970-01-01T00:00:00.000Z',
          service: 'media',
          stage: 'dev',
          version: '1.2.3',
          _aws: {
            Timestamp: 0,
            CloudWatchMetrics: [
              {
                Namespace: 'VoiceCenter',
                Dimensions: [['service', 'stage']],
                Metrics: [
                  { Name: 'TtftMs', Unit: 'Milliseconds' },
                  { Name: 'CallsStarted', Unit: 'Count' },
                ],
              },
            ],
          },
          TtftMs: [400, 420],
          CallsStarted: 1,
        },
      ]);
    });

    it('add up counts, and keep the latest value of a gauge', () => {
      const telemetry = open();

      for (const value of [3, 5, 4]) {
        telemetry.metric('ActiveCalls', value);
        telemetry.metric('FrameErrors', value);
      }
      telemetry.flush();

      assert.partialDeepStrictEqual(parsed()[0], { ActiveCalls: 4, FrameErrors: 12 });
    });

    it('do not wait longer than half a minute', () => {
      open().metric('TtftMs', 400);

      clock.advance(29_000);
      const early = lines.length;
      clock.advance(1_000);

      assert.equal(early, 0);
      assert.partialDeepStrictEqual(parsed()[0], { TtftMs: 400 });
      assert.equal(clock.timersSet(), 0);
    });

    it('are told at once when an event can hold no more values of one of them', () => {
      const telemetry = open();

      for (let value = 0; value < 250; value += 1) telemetry.metric('TtftMs', value);
      telemetry.flush();

      assert.deepEqual(
        parsed().map((event) => event.TtftMs.length),
        [100, 100, 50],
      );
      assert.equal(clock.timersSet(), 0);
    });

    it('that are no numbers are left out', () => {
      const telemetry = open();

      telemetry.metric('TtftMs', Number.NaN);
      telemetry.metric('TtftMs', Number.POSITIVE_INFINITY);
      telemetry.flush();

      assert.deepEqual(lines, []);
    });

    it('are written whatever the level of lines is', () => {
      const telemetry = open({ minLevel: 'error' });

      telemetry.metric('CallsFailed', 1);
      telemetry.flush();

      assert.partialDeepStrictEqual(parsed()[0], { CallsFailed: 1 });
    });
  });

  describe('on a terminal', () => {
    it('lines are short and readable, and metrics are spared', () => {
      const telemetry = open({ pretty: true });

      telemetry.emit('warn', { msg: 'limit.hit', limit: 'calls per hour', callSid });
      telemetry.log('info', { msg: 'a.b', to: '+15551234567', count: 2, nothing: undefined });
      telemetry.metric('TtftMs', 400);
      telemetry.flush();

      assert.deepEqual(lines, [
        `00:00:00.000 WARN  limit.hit limit="calls per hour" callSid=${callSid}`,
        '00:00:00.000 INFO  a.b to=+1******4567 count=2',
      ]);
    });

    it('lines have colours only where they are understood', () => {
      open({ pretty: true, colours: true }).log('error', { msg: 'a.b' });

      assert.ok(lines[0]?.includes('\u001b[31mERROR\u001b[0m'));
    });
  });
});

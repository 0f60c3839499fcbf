import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { systemClock } from '#adapters/system-clock/clock.ts';
import { startStrictToolServer } from './strict-tool-server.ts';
import { isAboutNoCall, tool, useToolServer } from './tool-session.ts';

describe('createMcpTools', () => {
  const { on, open, openWith, run, names } = useToolServer();

  describe('listing', () => {
    it('does not hold up the start: there are no tools until they are listed', async () => {
      on.server.tools = [tool('find_form')];

      open();

      assert.deepEqual(names(), []);
      await on.tools.listed();
      assert.deepEqual(on.tools.definitions(), [
        {
          name: 'find_form',
          description: 'What find_form does',
          inputSchema: { type: 'object', properties: { county: { type: 'string' } } },
        },
      ]);
    });

    it('reads every page', async () => {
      on.server.pageSize = 2;

      await openWith(tool('e'), tool('d'), tool('c'), tool('b'), tool('a'));

      assert.deepEqual(names(), ['a', 'b', 'c', 'd', 'e']);
    });

    it('gives up on a server that pages without end, and offers nothing', async () => {
      on.server.pageSize = 0;
      on.server.tools = [tool('a')];
      open();

      await on.clock.nextTimer();
      while (on.telemetry.lines.length === 0) await on.clock.nextTimer();

      assert.deepEqual(names(), []);
      assert.partialDeepStrictEqual(on.telemetry.lines[0], { failure: 'protocol', code: 'list-pages' });
    });

    it('takes answers as event streams as well', async () => {
      on.server.streamed = true;

      await openWith(tool('find_form'));

      assert.deepEqual(await run('find_form'), { status: 'ok', content: 'done' });
    });

    it('asks again when the server says that its tools have changed', async () => {
      const listening = on.server.next('GET');
      await openWith(tool('find_form'));
      await listening;
      on.server.tools = [tool('find_form'), tool('save_note')];
      const listed = on.clock.nextTimer();

      on.server.notifyToolsChanged();
      await listed;
      await on.clock.nextTimer();

      assert.deepEqual(names(), ['find_form', 'save_note']);
    });

    it('asks again when the tools changed while they were being listed', async () => {
      on.server.silentOn = 'tools/list';
      const [listening, asked] = [on.server.next('GET'), on.server.next('tools/list')];
      open();
      await Promise.all([listening, asked]);
      on.server.notifyToolsChanged();
      on.server.release();
      await on.tools.listed();
      on.server.tools = [tool('save_note')];

      while (names().length === 0) await on.clock.nextTimer();

      assert.deepEqual(names(), ['save_note']);
    });

    it('asks again from time to time, for notifications can be lost', async () => {
      await openWith(tool('find_form'));
      on.server.tools = [tool('save_note')];

      on.clock.advance(5 * 60_000);
      await on.clock.nextTimer();

      assert.deepEqual(names(), ['save_note']);
    });

    it('sends its token', async () => {
      await on.server.close();
      on.server = await startStrictToolServer({ token: 'secret' });
      on.server.tools = [tool('find_form')];

      await open({ token: 'secret' }).listed();

      assert.deepEqual(names(), ['find_form']);
    });
  });

  describe('a server that is away', () => {
    it('at the start is tried again, and its tools appear when it comes', async () => {
      await on.server.stop();
      open();
      await on.clock.nextTimer();
      assert.deepEqual(names(), []);
      assert.partialDeepStrictEqual(on.telemetry.lines[0], {
        level: 'warn',
        msg: 'provider.failed',
        provider: 'mcp',
        failure: 'unavailable',
      });
      await on.server.reopen();
      on.server.tools = [tool('find_form')];

      on.clock.advance(500);
      await on.tools.listed();

      assert.deepEqual(names(), ['find_form']);
    });

    it('is reported once, however often it is tried', async () => {
      await on.server.stop();
      open();
      await on.clock.nextTimer();

      for (const delayMs of [500, 1_000, 2_000, 4_000]) {
        const tried = on.clock.nextTimer();
        on.clock.advance(delayMs);
        await tried;
        await on.clock.nextTimer();
      }

      assert.equal(on.telemetry.lines.length, 1);
      assert.deepEqual(on.telemetry.metrics, ['ToolErrors']);
    });

    it('in the middle of the day takes its tools with it until it is back', async () => {
      await openWith(tool('find_form'));
      await on.server.stop();

      const result = await run('find_form');
      while (!on.telemetry.lines.some(isAboutNoCall)) await on.clock.nextTimer();

      assert.partialDeepStrictEqual(result, { status: 'failed', code: 'connection' });
      assert.deepEqual(names(), []);
      assert.partialDeepStrictEqual(await run('find_form'), { status: 'failed', code: 'unavailable' });
      await on.server.reopen();
      const listed = on.server.next('tools/list');
      on.clock.advance(500);
      await listed;
      assert.partialDeepStrictEqual(await run('find_form'), { status: 'ok' });
    });

    it('by its gateway counts as away, by a failure of its own does not', async () => {
      await openWith(tool('find_form'));

      on.server.answer({ status: 500 });
      const own = await run('find_form');
      const namesAfterOwn = names();
      on.server.answer({ status: 503 });
      const gateway = await run('find_form');

      assert.partialDeepStrictEqual(own, { status: 'failed', code: 'http-500' });
      assert.deepEqual(namesAfterOwn, ['find_form']);
      assert.partialDeepStrictEqual(gateway, { status: 'failed', code: 'http-503' });
      assert.deepEqual(names(), []);
    });

    it('that takes requests and says nothing is given up, at the start', async () => {
      on.server.silentOn = 'initialize';
      const asked = on.server.next('initialize');
      open();
      await asked;

      const retryPlanned = on.clock.nextTimer();
      on.clock.advance(10_000);
      await retryPlanned;

      assert.partialDeepStrictEqual(on.telemetry.lines[0], { failure: 'timeout', code: 'connect' });
    });
  });

  describe('closing', () => {
    it('ends the session', async () => {
      await openWith(tool('find_form'));

      await on.tools.close();

      assert.equal(on.server.received.at(-1), 'DELETE');
      assert.deepEqual(names(), []);
      assert.partialDeepStrictEqual(await run('find_form'), { status: 'failed', code: 'unavailable' });
    });

    it('does not wait for a server that says nothing', async () => {
      await openWith(tool('find_form'));
      await on.server.stop();

      const closed = on.tools.close();
      on.clock.advance(1_000);

      await closed;
    });

    it('while connecting gives up the attempt', async () => {
      on.server.silentOn = 'initialize';
      const asked = on.server.next('initialize');
      open({ clock: systemClock });
      await asked;

      await on.tools.close();

      await on.tools.listed();
    });
  });
});

import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { createMcpTools, type McpTools, type McpToolsOptions } from '#adapters/mcp/tools.ts';
import { systemClock } from '#adapters/system-clock/clock.ts';
import { callSidSchema } from '#core/ids.ts';
import type { ToolResult } from '#core/ports/tools.ts';
import { createManualClock, type ManualClock } from '../anthropic/manual-clock.ts';
import { recordingTelemetry } from '../elevenlabs/telemetry.ts';
import { type StrictToolServer, startStrictToolServer, type ToolAnswer } from './strict-tool-server.ts';

const callSid = callSidSchema.parse(`CA${'0'.repeat(32)}`);
const never = new AbortController().signal;
const tool = (name: string, more: object = {}) => ({
  name,
  description: `What ${name} does`,
  inputSchema: { type: 'object', properties: { county: { type: 'string' } } },
  ...more,
});
const say = (text: string): ToolAnswer => ({ result: { content: [{ type: 'text', text }] } });

/** A failure to connect: the others happen in a call and say in which. */
const isAboutNoCall = (line: object) => 'provider' in line && !('callSid' in line);

describe('createMcpTools', () => {
  let server: StrictToolServer;
  let tools: McpTools;
  let clock: ManualClock;
  let telemetry: ReturnType<typeof recordingTelemetry>;

  const open = (options: Partial<McpToolsOptions> = {}) => {
    tools = createMcpTools({
      url: server.url,
      clientName: 'voice-center',
      clientVersion: '1.0.0',
      timeoutMs: 4_000,
      clock,
      telemetry,
      ...options,
    });
    return tools;
  };
  const openWith = async (...listed: object[]) => {
    server.tools = listed;
    await open().listed();
  };
  const run = (name: string, signal = never): Promise<ToolResult> =>
    tools.run({ id: 'toolu_1', name, input: { county: 'Kent' } }, { callSid, signal });
  const names = () => tools.definitions().map((definition) => definition.name);

  beforeEach(async () => {
    server = await startStrictToolServer();
    clock = createManualClock();
    telemetry = recordingTelemetry();
  });
  afterEach(async () => {
    const closed = tools.close();
    clock.advance(2_000);
    await closed;
    await server.close();
    assert.deepEqual(server.breaches, []);
    assert.equal(clock.timersSet(), 0);
  });

  describe('listing', () => {
    it('does not hold up the start: there are no tools until they are listed', async () => {
      server.tools = [tool('find_form')];

      open();

      assert.deepEqual(names(), []);
      await tools.listed();
      assert.deepEqual(tools.definitions(), [
        {
          name: 'find_form',
          description: 'What find_form does',
          inputSchema: { type: 'object', properties: { county: { type: 'string' } } },
        },
      ]);
    });

    it('reads every page', async () => {
      server.pageSize = 2;

      await openWith(tool('e'), tool('d'), tool('c'), tool('b'), tool('a'));

      assert.deepEqual(names(), ['a', 'b', 'c', 'd', 'e']);
    });

    it('gives up on a server that pages without end, and offers nothing', async () => {
      server.pageSize = 0;
      server.tools = [tool('a')];
      open();

      await clock.nextTimer();
      while (telemetry.lines.length === 0) await clock.nextTimer();

      assert.deepEqual(names(), []);
      assert.partialDeepStrictEqual(telemetry.lines[0], { failure: 'protocol', code: 'list-pages' });
    });

    it('takes answers as event streams as well', async () => {
      server.streamed = true;

      await openWith(tool('find_form'));

      assert.deepEqual(await run('find_form'), { status: 'ok', content: 'done' });
    });

    it('asks again when the server says that its tools have changed', async () => {
      const listening = server.next('GET');
      await openWith(tool('find_form'));
      await listening;
      server.tools = [tool('find_form'), tool('save_note')];
      const listed = clock.nextTimer();

      server.notifyToolsChanged();
      await listed;
      await clock.nextTimer();

      assert.deepEqual(names(), ['find_form', 'save_note']);
    });

    it('asks again when the tools changed while they were being listed', async () => {
      server.silentOn = 'tools/list';
      const [listening, asked] = [server.next('GET'), server.next('tools/list')];
      open();
      await Promise.all([listening, asked]);
      server.notifyToolsChanged();
      server.release();
      await tools.listed();
      server.tools = [tool('save_note')];

      while (names().length === 0) await clock.nextTimer();

      assert.deepEqual(names(), ['save_note']);
    });

    it('asks again from time to time, for notifications can be lost', async () => {
      await openWith(tool('find_form'));
      server.tools = [tool('save_note')];

      clock.advance(5 * 60_000);
      await clock.nextTimer();

      assert.deepEqual(names(), ['save_note']);
    });

    it('sends its token', async () => {
      await server.close();
      server = await startStrictToolServer({ token: 'secret' });
      server.tools = [tool('find_form')];

      await open({ token: 'secret' }).listed();

      assert.deepEqual(names(), ['find_form']);
    });
  });

  describe('a server that is away', () => {
    it('at the start is tried again, and its tools appear when it comes', async () => {
      await server.stop();
      open();
      await clock.nextTimer();
      assert.deepEqual(names(), []);
      assert.partialDeepStrictEqual(telemetry.lines[0], {
        level: 'warn',
        msg: 'provider.failed',
        provider: 'mcp',
        failure: 'unavailable',
      });
      await server.reopen();
      server.tools = [tool('find_form')];

      clock.advance(500);
      await tools.listed();

      assert.deepEqual(names(), ['find_form']);
    });

    it('is reported once, however often it is tried', async () => {
      await server.stop();
      open();
      await clock.nextTimer();

      for (const delayMs of [500, 1_000, 2_000, 4_000]) {
        const tried = clock.nextTimer();
        clock.advance(delayMs);
        await tried;
        await clock.nextTimer();
      }

      assert.equal(telemetry.lines.length, 1);
      assert.deepEqual(telemetry.metrics, ['ToolErrors']);
    });

    it('in the middle of the day takes its tools with it until it is back', async () => {
      await openWith(tool('find_form'));
      await server.stop();

      const result = await run('find_form');
      while (!telemetry.lines.some(isAboutNoCall)) await clock.nextTimer();

      assert.partialDeepStrictEqual(result, { status: 'failed', code: 'connection' });
      assert.deepEqual(names(), []);
      assert.partialDeepStrictEqual(await run('find_form'), { status: 'failed', code: 'unavailable' });
      await server.reopen();
      const listed = server.next('tools/list');
      clock.advance(500);
      await listed;
      assert.partialDeepStrictEqual(await run('find_form'), { status: 'ok' });
    });

    it('by its gateway counts as away, by a failure of its own does not', async () => {
      await openWith(tool('find_form'));

      server.answer({ status: 500 });
      const own = await run('find_form');
      const namesAfterOwn = names();
      server.answer({ status: 503 });
      const gateway = await run('find_form');

      assert.partialDeepStrictEqual(own, { status: 'failed', code: 'http-500' });
      assert.deepEqual(namesAfterOwn, ['find_form']);
      assert.partialDeepStrictEqual(gateway, { status: 'failed', code: 'http-503' });
      assert.deepEqual(names(), []);
    });

    it('that takes requests and says nothing is given up, at the start', async () => {
      server.silentOn = 'initialize';
      const asked = server.next('initialize');
      open();
      await asked;

      const retryPlanned = clock.nextTimer();
      clock.advance(10_000);
      await retryPlanned;

      assert.partialDeepStrictEqual(telemetry.lines[0], { failure: 'timeout', code: 'connect' });
    });
  });

  describe('a call', () => {
    it('goes to the server under its own name, with the input of the model', async () => {
      await openWith(tool('case.next_hearing'));

      await run('case_next_hearing');

      assert.deepEqual(server.calls, [{ name: 'case.next_hearing', arguments: { county: 'Kent' } }]);
    });

    it('of a tool that does not exist is a failure for the model, not for us', async () => {
      await openWith(tool('find_form'));

      assert.partialDeepStrictEqual(await run('no_such_tool'), { status: 'failed', code: 'unknown-tool' });
      assert.deepEqual(server.calls, []);
    });

    it('that fails in the tool gives the model its reason', async () => {
      await openWith(tool('find_form'));
      server.answer({ result: { content: [{ type: 'text', text: 'No such county.' }], isError: true } });

      assert.deepEqual(await run('find_form'), {
        status: 'failed',
        code: 'tool-error',
        content: 'No such county.',
      });
    });

    it('refused by the protocol is a failure with its code, and its message goes nowhere', async () => {
      await openWith(tool('find_form'));
      server.answer({ error: { code: -32602, message: 'Bad county Kent' } });

      const result = await run('find_form');

      assert.partialDeepStrictEqual(result, { status: 'failed', code: 'rpc-32602' });
      assert.doesNotMatch(JSON.stringify([result, telemetry.lines]), /Kent/);
      assert.partialDeepStrictEqual(telemetry.lines.at(-1), { msg: 'provider.failed', callSid });
    });

    it('whose socket is lost is a failure', async () => {
      await openWith(tool('find_form'));
      server.answer('cut');

      assert.partialDeepStrictEqual(await run('find_form'), { status: 'failed', code: 'connection' });
    });

    it('with an unreadable answer is a failure', async () => {
      await openWith(tool('find_form'));
      server.answer({ result: { content: 'not a list' } });

      assert.partialDeepStrictEqual(await run('find_form'), { status: 'failed', code: 'unreadable' });
    });

    it('that takes too long ends in time, and the server is told', async () => {
      await openWith(tool('find_form'));
      const called = server.next('tools/call');
      const cancelled = server.next('notifications/cancelled');
      server.answer('never');
      const result = run('find_form');
      await called;

      clock.advance(4_000);

      assert.deepEqual(await result, { status: 'timed-out', afterMs: 4_000 });
      await cancelled;
    });

    it('that takes too long makes us ask whether the server is still there', async () => {
      await openWith(tool('find_form'));
      const called = server.next('tools/call');
      server.answer('never');
      const result = run('find_form');
      await called;
      const asked = server.next('tools/list');

      clock.advance(4_000);

      await result;
      await asked;
      await clock.nextTimer();
    });

    it('cancelled by the caller is told apart from one that took too long, and the server is told', async () => {
      await openWith(tool('find_form'));
      const called = server.next('tools/call');
      const cancelled = server.next('notifications/cancelled');
      server.answer('never');
      const turn = new AbortController();
      const result = run('find_form', turn.signal);
      await called;

      turn.abort();

      assert.deepEqual(await result, { status: 'cancelled' });
      await cancelled;
    });

    it('cancelled beforehand is not made', async () => {
      await openWith(tool('find_form'));

      assert.deepEqual(await run('find_form', AbortSignal.abort()), { status: 'cancelled' });
      assert.deepEqual(server.calls, []);
    });

    it('that was answered is not cancelled when its turn is, later', async () => {
      await openWith(tool('find_form'));
      const turn = new AbortController();
      await run('find_form', turn.signal);

      turn.abort();
      await run('find_form');

      assert.ok(!server.received.includes('notifications/cancelled'));
    });
  });

  describe('an expired session', () => {
    it('is renewed, and a tool that may be repeated is asked again', async () => {
      await openWith(tool('next_hearing', { annotations: { readOnlyHint: true } }));
      server.expireSessions();
      server.answer(say('On Monday.'));

      assert.deepEqual(await run('next_hearing'), { status: 'ok', content: 'On Monday.' });
      assert.equal(server.calls.length, 1);
    });

    it('is renewed, and a tool that may not be repeated is left to the model', async () => {
      await openWith(tool('save_note'));
      server.expireSessions();

      assert.partialDeepStrictEqual(await run('save_note'), { status: 'failed', code: 'session-expired' });
      assert.deepEqual(server.calls, []);
      assert.partialDeepStrictEqual(await run('save_note'), { status: 'ok' });
    });

    it('is renewed once for calls that meet it together', async () => {
      await openWith(tool('next_hearing', { annotations: { idempotentHint: true } }));
      server.expireSessions();

      const results = await Promise.all([run('next_hearing'), run('next_hearing'), run('next_hearing')]);

      assert.deepEqual(
        results.map((result) => result.status),
        ['ok', 'ok', 'ok'],
      );
      assert.equal(server.received.filter((method) => method === 'initialize').length, 2);
    });

    it('does not let a caller wait longer than any other call', async () => {
      await openWith(tool('next_hearing', { annotations: { readOnlyHint: true } }));
      server.expireSessions();
      server.silentOn = 'initialize';
      const renewing = server.next('initialize');
      const result = run('next_hearing');
      await renewing;

      clock.advance(4_000);

      assert.deepEqual(await result, { status: 'timed-out', afterMs: 4_000 });
    });
  });

  describe('closing', () => {
    it('ends the session', async () => {
      await openWith(tool('find_form'));

      await tools.close();

      assert.equal(server.received.at(-1), 'DELETE');
      assert.deepEqual(names(), []);
      assert.partialDeepStrictEqual(await run('find_form'), { status: 'failed', code: 'unavailable' });
    });

    it('does not wait for a server that says nothing', async () => {
      await openWith(tool('find_form'));
      await server.stop();

      const closed = tools.close();
      clock.advance(1_000);

      await closed;
    });

    it('while connecting gives up the attempt', async () => {
      server.silentOn = 'initialize';
      const asked = server.next('initialize');
      open({ clock: systemClock });
      await asked;

      await tools.close();

      await tools.listed();
    });
  });
});

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { callSid, say, tool, useToolServer } from './tool-session.ts';

describe('createMcpTools', () => {
  const { on, openWith, run } = useToolServer();

  describe('a call', () => {
    it('goes to the server under its own name, with the input of the model', async () => {
      await openWith(tool('case.next_hearing'));

      await run('case_next_hearing');

      assert.deepEqual(on.server.calls, [{ name: 'case.next_hearing', arguments: { county: 'Kent' } }]);
    });

    it('of a tool that does not exist is a failure for the model, not for us', async () => {
      await openWith(tool('find_form'));

      assert.partialDeepStrictEqual(await run('no_such_tool'), { status: 'failed', code: 'unknown-tool' });
      assert.deepEqual(on.server.calls, []);
    });

    it('that fails in the tool gives the model its reason', async () => {
      await openWith(tool('find_form'));
      on.server.answer({ result: { content: [{ type: 'text', text: 'No such county.' }], isError: true } });

      assert.deepEqual(await run('find_form'), {
        status: 'failed',
        code: 'tool-error',
        content: 'No such county.',
      });
    });

    it('refused by the protocol is a failure with its code, and its message goes nowhere', async () => {
      await openWith(tool('find_form'));
      on.server.answer({ error: { code: -32602, message: 'Bad county Kent' } });

      const result = await run('find_form');

      assert.partialDeepStrictEqual(result, { status: 'failed', code: 'rpc-32602' });
      assert.doesNotMatch(JSON.stringify([result, on.telemetry.lines]), /Kent/);
      assert.partialDeepStrictEqual(on.telemetry.lines.at(-1), { msg: 'provider.failed', callSid });
    });

    it('whose socket is lost is a failure', async () => {
      await openWith(tool('find_form'));
      on.server.answer('cut');

      assert.partialDeepStrictEqual(await run('find_form'), { status: 'failed', code: 'connection' });
    });

    it('with an unreadable answer is a failure', async () => {
      await openWith(tool('find_form'));
      on.server.answer({ result: { content: 'not a list' } });

      assert.partialDeepStrictEqual(await run('find_form'), { status: 'failed', code: 'unreadable' });
    });

    it('that takes too long ends in time, and the server is told', async () => {
      await openWith(tool('find_form'));
      const called = on.server.next('tools/call');
      const cancelled = on.server.next('notifications/cancelled');
      on.server.answer('never');
      const result = run('find_form');
      await called;

      on.clock.advance(4_000);

      assert.deepEqual(await result, { status: 'timed-out', afterMs: 4_000 });
      await cancelled;
    });

    it('that takes too long makes us ask whether the server is still there', async () => {
      await openWith(tool('find_form'));
      const called = on.server.next('tools/call');
      on.server.answer('never');
      const result = run('find_form');
      await called;
      const asked = on.server.next('tools/list');

      on.clock.advance(4_000);

      await result;
      await asked;
      await on.clock.nextTimer();
    });

    it('cancelled by the caller is told apart from one that took too long, and the server is told', async () => {
      await openWith(tool('find_form'));
      const called = on.server.next('tools/call');
      const cancelled = on.server.next('notifications/cancelled');
      on.server.answer('never');
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
      assert.deepEqual(on.server.calls, []);
    });

    it('that was answered is not cancelled when its turn is, later', async () => {
      await openWith(tool('find_form'));
      const turn = new AbortController();
      await run('find_form', turn.signal);

      turn.abort();
      await run('find_form');

      assert.ok(!on.server.received.includes('notifications/cancelled'));
    });
  });

  describe('an expired session', () => {
    it('is renewed, and a tool that may be repeated is asked again', async () => {
      await openWith(tool('next_hearing', { annotations: { readOnlyHint: true } }));
      on.server.expireSessions();
      on.server.answer(say('On Monday.'));

      assert.deepEqual(await run('next_hearing'), { status: 'ok', content: 'On Monday.' });
      assert.equal(on.server.calls.length, 1);
    });

    it('is renewed, and a tool that may not be repeated is left to the model', async () => {
      await openWith(tool('save_note'));
      on.server.expireSessions();

      assert.partialDeepStrictEqual(await run('save_note'), { status: 'failed', code: 'session-expired' });
      assert.deepEqual(on.server.calls, []);
      assert.partialDeepStrictEqual(await run('save_note'), { status: 'ok' });
    });

    it('is renewed once for calls that meet it together', async () => {
      await openWith(tool('next_hearing', { annotations: { idempotentHint: true } }));
      on.server.expireSessions();

      const results = await Promise.all([run('next_hearing'), run('next_hearing'), run('next_hearing')]);

      assert.deepEqual(
        results.map((result) => result.status),
        ['ok', 'ok', 'ok'],
      );
      assert.equal(on.server.received.filter((method) => method === 'initialize').length, 2);
    });

    it('does not let a caller wait longer than any other call', async () => {
      await openWith(tool('next_hearing', { annotations: { readOnlyHint: true } }));
      on.server.expireSessions();
      on.server.silentOn = 'initialize';
      const renewing = on.server.next('initialize');
      const result = run('next_hearing');
      await renewing;

      on.clock.advance(4_000);

      assert.deepEqual(await result, { status: 'timed-out', afterMs: 4_000 });
    });
  });
});

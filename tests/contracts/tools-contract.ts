import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { callSidSchema } from '#core/ids.ts';
import type { Tools } from '#core/ports/tools.ts';

/** What the server does with the next call. */
export type ToolBehaviour = 'fails' | 'never-answers' | 'is-broken' | 'loses-socket';

/** Tools of a server behind a network, with what a test needs to know of it. */
export interface ToolsSubject {
  readonly tools: Tools;
  /** The same tools, listed already, with a time limit short enough to be waited for. The test closes them. */
  openImpatient(): Promise<Tools>;
  /** Resolves when the tools are there. */
  listed(): Promise<void>;
  /** Names as the model knows them, each with an input that the server takes. */
  readonly reading: { readonly name: string; readonly input: Readonly<Record<string, string>> };
  readonly writing: { readonly name: string; readonly input: Readonly<Record<string, string>> };
  next(behaviour: ToolBehaviour): void;
  /** Resolves when a call arrives at the server, counted from now. */
  nextCall(): Promise<void>;
  /** Resolves when the server is told that a call is of no interest any more, counted from now. */
  nextCancellation(): Promise<void>;
  /** The server forgets who we are, as after its restart. */
  forgetSessions(): void;
  /** Calls that tools of the server carried out. */
  callsRun(): number;
  violations(): readonly unknown[];
  close(): Promise<void>;
}

const callSid = callSidSchema.parse(`CA${'5'.repeat(32)}`);
const never = new AbortController().signal;
/** Names that the Messages API surely takes. */
const acceptedName = /^[a-zA-Z0-9_-]{1,64}$/;

/** What tools must do for the turn that waits for them. */
export function describeToolsContract(name: string, makeSubject: () => Promise<ToolsSubject>): void {
  describe(`${name} keep the contract of tools`, () => {
    let subject: ToolsSubject;

    beforeEach(async () => {
      subject = await makeSubject();
    });
    afterEach(async () => {
      await subject.tools.close();
      const violations = subject.violations();
      await subject.close();
      assert.deepEqual(violations, []);
    });

    const run = (which: 'reading' | 'writing' = 'reading', signal = never, tools = subject.tools) =>
      tools.run({ id: 'toolu_1', ...subject[which] }, { callSid, signal });

    test('are none at first, and are there when they were listed, in the same order every time', async () => {
      const atFirst = subject.tools.definitions();
      await subject.listed();

      assert.deepEqual(atFirst, []);
      const names = subject.tools.definitions().map((definition) => definition.name);
      assert.ok(names.includes(subject.reading.name) && names.includes(subject.writing.name));
      assert.deepEqual(names, names.toSorted());
      assert.deepEqual(subject.tools.definitions(), subject.tools.definitions());
    });

    test('have names, schemas and descriptions that a model may be given', async () => {
      await subject.listed();

      for (const definition of subject.tools.definitions()) {
        assert.match(definition.name, acceptedName);
        assert.equal(definition.inputSchema['type'], 'object');
        assert.notEqual(definition.description, '');
      }
    });

    test('answer in words', async () => {
      await subject.listed();

      const result = await run();

      assert.equal(result.status, 'ok');
      assert.ok('content' in result && result.content !== '');
      assert.equal(subject.callsRun(), 1);
    });

    test('may be called several at once', async () => {
      await subject.listed();

      const results = await Promise.all([run('reading'), run('writing'), run('reading')]);

      assert.deepEqual(
        results.map(({ status }) => status),
        ['ok', 'ok', 'ok'],
      );
    });

    test('that do not exist are a failure', async () => {
      await subject.listed();

      const result = await subject.tools.run(
        { id: 'toolu_1', name: 'no_such_tool', input: {} },
        { callSid, signal: never },
      );

      assert.partialDeepStrictEqual(result, { status: 'failed', code: 'unknown-tool' });
    });

    test('that fail give the model their reason', async () => {
      await subject.listed();
      subject.next('fails');

      const result = await run();

      assert.partialDeepStrictEqual(result, { status: 'failed', code: 'tool-error' });
      assert.ok('content' in result && result.content !== '');
    });

    for (const behaviour of ['is-broken', 'loses-socket'] as const) {
      test(`whose server ${behaviour.replace('-', ' ')} fail without throwing, and work again afterwards`, async () => {
        await subject.listed();
        subject.next(behaviour);

        const failed = await run();

        assert.equal(failed.status, 'failed');
        assert.equal((await run()).status, 'ok');
      });
    }

    test('that take too long end in time, and the server is told', async () => {
      const impatient = await subject.openImpatient();
      const cancelled = subject.nextCancellation();
      subject.next('never-answers');

      const result = await run('reading', never, impatient);

      assert.equal(result.status, 'timed-out');
      assert.ok('afterMs' in result && result.afterMs > 0);
      await cancelled;
      await impatient.close();
    });

    test('that are cancelled say so and nothing else, and the server is told', async () => {
      await subject.listed();
      const [arrived, cancelled] = [subject.nextCall(), subject.nextCancellation()];
      const turn = new AbortController();
      subject.next('never-answers');
      const result = run('reading', turn.signal);
      await arrived;

      turn.abort();

      assert.deepEqual(await result, { status: 'cancelled' });
      await cancelled;
    });

    test('that are cancelled beforehand are not run', async () => {
      await subject.listed();

      assert.deepEqual(await run('writing', AbortSignal.abort()), { status: 'cancelled' });
      assert.equal(subject.callsRun(), 0);
    });

    test('that only read are asked again when the server has forgotten us', async () => {
      await subject.listed();
      subject.forgetSessions();

      assert.equal((await run('reading')).status, 'ok');
      assert.equal(subject.callsRun(), 1);
    });

    test('that write are not repeated when the server has forgotten us, but may be called again', async () => {
      await subject.listed();
      subject.forgetSessions();

      assert.partialDeepStrictEqual(await run('writing'), { status: 'failed', code: 'session-expired' });
      assert.equal(subject.callsRun(), 0);
      assert.equal((await run('writing')).status, 'ok');
    });

    test('that were closed are none, and fail without throwing', async () => {
      await subject.listed();
      await subject.tools.close();

      assert.deepEqual(subject.tools.definitions(), []);
      assert.equal((await run()).status, 'failed');
      await subject.tools.close();
    });
  });
}

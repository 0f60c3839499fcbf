import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { CancelledError, ProviderError } from '#core/errors.ts';
import type { JsonObject } from '#core/json.ts';
import type {
  AssistantBlock,
  LanguageModel,
  ModelMessage,
  ReplyPart,
  ReplyRequest,
} from '#core/ports/language-model.ts';

/** What the service does with a request. Texts are sent in these pieces before whatever else happens. */
export type Behaviour =
  | { readonly kind: 'says'; readonly pieces: readonly string[] }
  | { readonly kind: 'calls-tool'; readonly name: string; readonly input: JsonObject }
  | { readonly kind: 'overloaded' }
  | { readonly kind: 'fails-midway'; readonly pieces: readonly string[] }
  | { readonly kind: 'ends-early'; readonly pieces: readonly string[] }
  | { readonly kind: 'loses-socket'; readonly pieces: readonly string[] }
  | { readonly kind: 'goes-quiet'; readonly pieces: readonly string[] }
  | { readonly kind: 'never-begins' };

/** A language model behind a network, with what a test needs to know of it. */
export interface LanguageModelSubject {
  readonly languageModel: LanguageModel;
  /** The same, with time limits short enough to be waited for. */
  readonly impatient: LanguageModel;
  /** The same service, with a key that it does not accept. */
  readonly refused: LanguageModel;
  /** An id the service knows. */
  readonly model: string;
  /** What the next request meets. */
  next(behaviour: Behaviour): void;
  /** Requests the service has received. */
  requests(): number;
  /** Resolves when no request is open any more on the side of the service. */
  idle(): Promise<void>;
  /** Mistakes of ours that the service noticed. */
  violations(): readonly unknown[];
  close(): Promise<void>;
}

const never = new AbortController().signal;

const caller = (text: string): ModelMessage => ({ role: 'caller', text });
const assistant = (...blocks: AssistantBlock[]): ModelMessage => ({ role: 'assistant', blocks });
const said = (text: string): AssistantBlock => ({ type: 'text', text });
const called = (id: string): AssistantBlock => ({
  type: 'tool-call',
  call: { id, name: 'find_form', input: { county: 'Kent' } },
});
const result = (callId: string) => ({ callId, content: 'Form 12', failed: false });

const spoken = (parts: readonly ReplyPart[]) =>
  parts.map((part) => (part.type === 'text-delta' ? part.text : '')).join('');

/** What every language model must do for its callers. */
export function describeLanguageModelContract(
  name: string,
  makeSubject: () => Promise<LanguageModelSubject>,
): void {
  describe(`${name} keeps the contract of a language model`, () => {
    let subject: LanguageModelSubject;

    beforeEach(async () => {
      subject = await makeSubject();
    });
    afterEach(async () => {
      await subject.idle();
      const violations = subject.violations();
      await subject.close();
      assert.deepEqual(violations, []);
    });

    const requestOf = (...messages: ModelMessage[]): ReplyRequest => ({
      model: subject.model,
      maxTokens: 400,
      system: [
        { text: 'You answer the phone of a family court.', cached: true },
        { text: 'Today is Monday.', cached: false },
      ],
      tools: [
        {
          name: 'find_form',
          description: 'Finds a court form',
          inputSchema: { type: 'object', properties: { county: { type: 'string' } } },
        },
      ],
      messages,
    });

    const replyTo = async (
      behaviour: Behaviour,
      request = requestOf(caller('Hello?')),
      onPart: (part: ReplyPart) => void = () => undefined,
      { signal = never, languageModel = subject.languageModel } = {},
    ): Promise<ReplyPart[]> => {
      subject.next(behaviour);
      const parts: ReplyPart[] = [];
      for await (const part of languageModel.reply(request, { signal })) {
        parts.push(part);
        onPart(part);
      }
      return parts;
    };

    const failureOf = async (
      behaviour: Behaviour,
      languageModel = subject.languageModel,
    ): Promise<{ readonly error: ProviderError; readonly heard: string }> => {
      const heard: ReplyPart[] = [];
      const error = await replyTo(behaviour, undefined, (part) => heard.push(part), { languageModel }).then(
        () => assert.fail('the reply should have failed'),
        (cause: unknown) => cause,
      );
      assert.ok(error instanceof ProviderError, String(error));
      assert.ok(!heard.some((part) => part.type === 'end' || part.type === 'tool-call'));
      return { error, heard: spoken(heard) };
    };

    test('a reply comes in pieces, and its end holds all of it', async () => {
      const parts = await replyTo({ kind: 'says', pieces: ['Good ', 'morning.'] });

      assert.equal(spoken(parts), 'Good morning.');
      assert.deepEqual(parts.at(-1), { type: 'end', stopReason: 'end', blocks: [said('Good morning.')] });
    });

    test('what a reply used is told when its prompt was counted and at its end', async () => {
      const parts = await replyTo({ kind: 'says', pieces: ['Good ', 'morning.'] });

      const usages = parts.filter((part) => part.type === 'usage');
      assert.deepEqual(
        usages.map((part) => part.final),
        [false, true],
      );
      assert.equal(parts[0], usages[0]);
      const [counted, final] = usages.map(({ usage: { outputTokens: _, ...prompt } }) => prompt);
      assert.deepEqual(final, counted);
      assert.ok((usages[1]?.usage.outputTokens ?? 0) > 0);
    });

    test('a tool call comes whole, and its result may be sent back', async () => {
      const asked = requestOf(caller('Which form do I need?'));
      const parts = await replyTo(
        { kind: 'calls-tool', name: 'find_form', input: { county: 'Kent' } },
        asked,
      );

      const end = parts.at(-1);
      assert.equal(end?.type, 'end');
      assert.equal(end.stopReason, 'tool-calls');
      const call = parts.find((part) => part.type === 'tool-call')?.call;
      assert.deepEqual(
        { name: call?.name, input: call?.input },
        { name: 'find_form', input: { county: 'Kent' } },
      );
      const answered = await replyTo(
        { kind: 'says', pieces: ['Form 12.'] },
        requestOf(...asked.messages, assistant(...end.blocks), {
          role: 'tool-results',
          results: [result(call?.id ?? '')],
        }),
      );
      assert.equal(spoken(answered), 'Form 12.');
    });

    for (const [what, ...messages] of [
      ['begins with the greeting', assistant(said('Hello, Anna speaking.')), caller('Hi.')],
      ['has nothing in it'],
      ['ends with the assistant', caller('Hi.'), assistant(said('Hello.'))],
      ['has a reply nobody heard', caller('I need'), assistant(said('')), caller('some help.')],
      [
        'has a call nobody ran',
        caller('Form?'),
        assistant(called('toolu_a'), called('toolu_b')),
        caller('Hello?'),
      ],
      [
        'has results after later words and without their calls',
        caller('Form?'),
        assistant(said('One moment.'), called('toolu_a')),
        caller('Are you there?'),
        { role: 'tool-results', results: [result('toolu_z'), result('toolu_a')] },
      ],
    ] satisfies [string, ...ModelMessage[]][]) {
      test(`a history that ${what} is answered all the same`, async () => {
        const parts = await replyTo({ kind: 'says', pieces: ['Yes.'] }, requestOf(...messages));

        assert.equal(spoken(parts), 'Yes.');
      });
    }

    test('two replies at once do not mix', async () => {
      subject.next({ kind: 'says', pieces: ['One.'] });
      const both = [spokenBy(subject.languageModel), spokenBy(subject.languageModel)];
      subject.next({ kind: 'says', pieces: ['Two.'] });

      assert.deepEqual((await Promise.all(both)).sort(), ['One.', 'Two.']);
    });

    const spokenBy = async (languageModel: LanguageModel) => {
      const parts: ReplyPart[] = [];
      for await (const part of languageModel.reply(requestOf(caller('Hi.')), { signal: never }))
        parts.push(part);
      return spoken(parts);
    };

    test('a reply cancelled in its middle ends at once, and so does its request', async () => {
      const turn = new AbortController();
      const heard: ReplyPart[] = [];

      const reply = replyTo(
        { kind: 'goes-quiet', pieces: ['I was about to'] },
        undefined,
        (part) => {
          heard.push(part);
          if (spoken(heard) === 'I was about to') setImmediate(() => turn.abort());
        },
        { signal: turn.signal },
      );

      await assert.rejects(reply, CancelledError);
      assert.equal(spoken(heard), 'I was about to');
      await subject.idle();
    });

    test('a reply cancelled beforehand is never asked for', async () => {
      const reply = async () => {
        for await (const _ of subject.languageModel.reply(requestOf(caller('Hi.')), {
          signal: AbortSignal.abort(),
        }))
          assert.fail('nothing can come');
      };

      await assert.rejects(reply, CancelledError);
      assert.equal(subject.requests(), 0);
    });

    test('a key that is not accepted is no matter for another attempt', async () => {
      const reply = async () => {
        for await (const _ of subject.refused.reply(requestOf(caller('Hi.')), { signal: never }))
          assert.fail('nothing can come');
      };

      await assert.rejects(reply, { name: 'ProviderError', failure: 'refused', retryable: false });
    });

    test('an overloaded service is asked once, and may be asked again', async () => {
      const { error } = await failureOf({ kind: 'overloaded' });

      assert.deepEqual([error.failure, error.retryable, subject.requests()], ['overloaded', true, 1]);
    });

    test('a reply that fails midway keeps what was said and is a failure', async () => {
      const { error, heard } = await failureOf({ kind: 'fails-midway', pieces: ['So ', 'far'] });

      assert.deepEqual([error.failure, error.retryable, heard], ['overloaded', true, 'So far']);
    });

    for (const kind of ['ends-early', 'loses-socket'] as const) {
      test(`a reply whose service ${kind.replace('-', ' ')} does not pass for a whole one`, async () => {
        const { error } = await failureOf({ kind, pieces: ['Half of'] });

        assert.deepEqual([error.failure, error.retryable], ['unavailable', true]);
      });
    }

    test('a reply that goes quiet is given up in time, and its request closed', async () => {
      const { error, heard } = await failureOf(
        { kind: 'goes-quiet', pieces: ['Half of'] },
        subject.impatient,
      );

      assert.deepEqual([error.failure, heard], ['timeout', 'Half of']);
      await subject.idle();
    });

    test('a reply that never begins is given up in time, and its request closed', async () => {
      const { error } = await failureOf({ kind: 'never-begins' }, subject.impatient);

      assert.equal(error.failure, 'timeout');
      await subject.idle();
    });
  });
}

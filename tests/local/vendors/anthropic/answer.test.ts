import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { answerTo } from '#local/vendors/anthropic/answer.ts';
import { type MessagesRequest, requestSchema } from '#local/vendors/anthropic/request.ts';
import { createCourtTools } from '#local/vendors/mcp/court-tools.ts';

const tool = (name: string, description: string, input_schema: object = { type: 'object' }) => ({
  name,
  description,
  input_schema,
});
/** As an adapter offers them: dots are not allowed in names. */
const tools = [
  ...createCourtTools().map(({ name, description, inputSchema }) =>
    tool(name.replaceAll('.', '_'), description, inputSchema),
  ),
  tool('end_call', 'Ends the phone call after your goodbye has been heard.'),
  tool('transfer_call', 'Connects the caller to a person.'),
];

const said = (content: unknown, offered: object[] = tools): MessagesRequest =>
  requestSchema.parse({
    model: 'claude-haiku-5-5',
    max_tokens: 200,
    messages: [{ role: 'user', content }],
    ...(offered.length > 0 ? { tools: offered } : {}),
  });
const toolFor = (words: string) => answerTo(said(words)).toolCalls?.[0]?.name;

describe('the built-in answers of the simulated model', () => {
  it('are the same for the same words, reflect them, and ask one question', () => {
    const first = answerTo(said('I am worried about the weekend with the children'));
    const second = answerTo(said('I am worried about the weekend with the children'));

    assert.deepEqual(first, second);
    assert.match(first.text ?? '', /children/);
    assert.equal(first.text?.match(/\?/g)?.length, 1);
  });

  it('greet who greets', () => {
    assert.match(answerTo(said('Hi there.')).text ?? '', /^Hello/);
  });

  for (const words of [
    'I want to kill myself',
    'he is hurting me right now',
    "I don't want to live anymore",
    'she has a gun',
  ]) {
    it(`name 911 and 988 at "${words}", whatever tools there are`, () => {
      const answer = answerTo(said(words));

      assert.match(answer.text ?? '', /911/);
      assert.match(answer.text ?? '', /988/);
      assert.equal(answer.toolCalls, undefined);
    });
  }

  for (const [words, name] of [
    ['When is my next hearing?', 'case_next_hearing'],
    ['Can you tell me the parenting schedule for this week', 'case_parenting_schedule'],
    ['Which form do I need to change the order?', 'court_find_form'],
    ['Is there some support near me?', 'resources_find_support'],
    ['Please save a note that I called', 'notes_save'],
    ['I would like to speak to a real person', 'transfer_call'],
    ['That is all, goodbye', 'end_call'],
  ] as const) {
    it(`use ${name} at "${words}"`, () => {
      assert.equal(toolFor(words), name);
    });
  }

  it('use no tool that is not offered, and none at words that ask for nothing', () => {
    const unoffered = answerTo(said('When is my next hearing?', []));
    const unasked = answerTo(said('The hearing went badly yesterday'));

    assert.equal(unoffered.toolCalls, undefined);
    assert.equal(unasked.toolCalls, undefined);
  });

  it('give a tool what it must be given', () => {
    const [call] = answerTo(said('Please save a note that I called')).toolCalls ?? [];

    assert.equal(call?.input['note'], 'Please save a note that I called');
  });

  it('tell what a tool found, and are sorry when it failed', () => {
    const result = { type: 'tool_result', tool_use_id: 'toolu_1', content: 'Tuesday at nine' };

    const found = answerTo(said([result]));
    const failed = answerTo(said([{ ...result, is_error: true }]));

    assert.match(found.text ?? '', /Tuesday at nine/);
    assert.doesNotMatch(failed.text ?? '', /Tuesday/);
  });
});

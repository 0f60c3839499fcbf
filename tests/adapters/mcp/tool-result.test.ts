import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { callResultSchema, toolResult } from '#adapters/mcp/tool-result.ts';

const resultOf = (value: unknown) => toolResult(callResultSchema.parse(value));
const contentOf = (value: unknown) => {
  const result = resultOf(value);
  assert.equal(result.status, 'ok');
  return result.status === 'ok' ? result.content : '';
};
const text = (words: string) => ({ type: 'text', text: words });

describe('toolResult', () => {
  it('joins texts in order', () => {
    assert.equal(contentOf({ content: [text('One.'), text('Two.')] }), 'One.\nTwo.');
  });

  it('describes what cannot be read out in words', () => {
    const content = [
      text('See:'),
      { type: 'image', data: 'AAAA', mimeType: 'image/png' },
      { type: 'audio', data: 'AAAA' },
      { type: 'resource_link', uri: 'https://example.org/form', name: 'Form 12' },
      { type: 'resource', resource: { uri: 'file:///a', text: 'Inside.' } },
      { type: 'resource', resource: { uri: 'file:///b', blob: 'AAAA' } },
      { type: 'smell' },
    ];

    assert.deepEqual(contentOf({ content }).split('\n'), [
      'See:',
      '[image, image/png: not shown]',
      '[audio: not shown]',
      '[link: Form 12 <https://example.org/form>]',
      'Inside.',
      '[resource file:///b: not shown]',
      '[something that cannot be shown]',
    ]);
  });

  it('gives structured content as JSON', () => {
    assert.equal(contentOf({ structuredContent: { day: 'Monday' } }), '{"day":"Monday"}');
  });

  it('gives structured content once when a text repeats it', () => {
    const repeated = contentOf({
      content: [text('{ "room": 4, "day": "Monday" }')],
      structuredContent: { day: 'Monday', room: 4 },
    });
    const added = contentOf({ content: [text('On Monday.')], structuredContent: { day: 'Monday' } });

    assert.equal(repeated, '{ "room": 4, "day": "Monday" }');
    assert.equal(added, 'On Monday.\n{"day":"Monday"}');
  });

  it('is never longer than its limit, and says when it was cut', () => {
    const content = contentOf({ content: [text('x'.repeat(50_000))] });

    assert.equal(content.length, 8_000);
    assert.ok(content.endsWith('[The rest was cut.]'));
  });

  it('is a failure with the reason when the tool says that it failed', () => {
    assert.deepEqual(resultOf({ content: [text('No such case.')], isError: true }), {
      status: 'failed',
      code: 'tool-error',
      content: 'No such case.',
    });
  });

  it('is a failure with some words when the tool failed without any', () => {
    assert.deepEqual(resultOf({ content: [], isError: true }), {
      status: 'failed',
      code: 'tool-error',
      content: 'The tool failed and gave no reason.',
    });
  });
});

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  FilterPatternError,
  filteredValue,
  matchesCondition,
  parseFilterPattern,
} from '#lib/monitoring/filter-pattern.ts';

const matches = (pattern: string, line: unknown) => matchesCondition(parseFilterPattern(pattern), line);

describe('A filter pattern', () => {
  const cases: readonly (readonly [string, unknown, boolean])[] = [
    ['{ $.msg = "call.ended" }', { msg: 'call.ended' }, true],
    ['{ $.msg = "call.ended" }', { msg: 'call.ended.late' }, false],
    ['{ $.msg = "call.ended" }', { msg: 'callXended' }, false],
    ['{ $.msg = "call.ended" }', {}, false],
    ['{ $.msg = "call.ended" }', 'call.ended', false],
    ['{ $.msg = "call.*" }', { msg: 'call.ended' }, true],
    ['{ $.msg = "call.*" }', { msg: 'cost.call.summary' }, false],
    ['{ $.msg = "*.call.*" }', { msg: 'cost.call.summary' }, true],
    ['{ $.keyId = "*" }', { keyId: 'k1' }, true],
    ['{ $.keyId = "*" }', {}, false],
    ['{ $.status = "429" }', { status: '429' }, true],
    ['{ $.status = "429" }', { status: 429 }, false],
    ['{ $.status = 429 }', { status: 429 }, true],
    ['{ $.status = 429 }', { status: '429' }, false],
    ['{ $.costUsd >= 0 }', { costUsd: 0 }, true],
    ['{ $.costUsd >= 0 }', { costUsd: null }, false],
    ['{ $.costUsd > 0.25 }', { costUsd: 0.25 }, false],
    ['{ $.costUsd > 0.25 }', { costUsd: 0.2501 }, true],
    ['{ $.n < -1 }', { n: -2 }, true],
    ['{ $.n <= 5 }', { n: 5 }, true],
    ['{ $.callSid NOT EXISTS }', { msg: 'x' }, true],
    ['{ $.callSid NOT EXISTS }', { callSid: 'CA' }, false],
    ['{ $.retryable IS TRUE }', { retryable: true }, true],
    ['{ $.retryable IS TRUE }', { retryable: 'true' }, false],
    ['{ $.retryable IS FALSE }', { retryable: false }, true],
    ['{ $.costUsd IS NULL }', { costUsd: null }, true],
    ['{ $.costUsd IS NULL }', {}, false],
    ['{ $.costByService.anthropic > 1 }', { costByService: { anthropic: 2 } }, true],
    ['{ ($.msg = "a") && ($.n >= 0) }', { msg: 'a', n: 1 }, true],
    ['{ ($.msg = "a") && ($.n >= 0) }', { msg: 'a' }, false],
    ['{ $.msg = "a" || $.msg = "b" }', { msg: 'b' }, true],
    ['{ $.n = 1 && ($.msg = "a" || $.msg = "b") }', { msg: 'b', n: 1 }, true],
    ['{ $.n = 1 && ($.msg = "a" || $.msg = "b") }', { msg: 'b', n: 2 }, false],
  ];

  for (const [pattern, line, expected] of cases)
    test(`${pattern} ${expected ? 'takes' : 'leaves'} ${JSON.stringify(line)}`, () => {
      const taken = matches(pattern, line);

      assert.equal(taken, expected);
    });

  const refused = [
    '',
    '{}',
    '$.msg = "a"',
    '{ $.msg = "a"',
    '{ $.msg = "a" } }',
    '{ $.msg = a }',
    "{ $.msg = 'a' }",
    '{ $.msg != "a" }',
    '{ $.msg > "a" }',
    '{ $.msg = %a% }',
    '{ $.list[0] = 1 }',
    '{ msg = "a" }',
    '{ $.msg NOT NULL }',
    '{ $.msg IS MAYBE }',
    '{ $.a = 1 && $.b = 2 || $.c = 3 }',
    '{ ($.a = 1 }',
    '{ $.a = 1 $.b = 2 }',
    '{ $.a = 1.2.3 }',
  ];

  for (const pattern of refused)
    test(`${pattern || 'of nothing'} is refused`, () => {
      assert.throws(() => parseFilterPattern(pattern), FilterPatternError);
    });
});

describe('A metric filter', () => {
  test('publishes one for each line, or the number that a field holds', () => {
    const line = { msg: 'cost.call.summary', estimatedCostUsd: 0.0342 };

    assert.equal(filteredValue({ pattern: '{ $.msg = "cost.*" }', value: '1' }, line), 1);
    assert.equal(
      filteredValue({ pattern: '{ $.msg = "cost.*" }', value: '$.estimatedCostUsd' }, line),
      0.0342,
    );
  });

  test('publishes nothing for other lines, and nothing that is no number', () => {
    const pattern = '{ $.msg = "cost.call.summary" }';

    assert.equal(filteredValue({ pattern, value: '1' }, { msg: 'call.ended' }), undefined);
    assert.equal(
      filteredValue({ pattern, value: '$.usd' }, { msg: 'cost.call.summary', usd: null }),
      undefined,
    );
    assert.equal(filteredValue({ pattern, value: '$.usd' }, { msg: 'cost.call.summary' }), undefined);
  });
});

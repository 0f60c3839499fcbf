import assert from 'node:assert/strict';
import { test } from 'node:test';
import { costOperations } from '#core/http/costs-operations.ts';

for (const [route, { answers }] of Object.entries(costOperations).filter(([name]) =>
  name.startsWith('GET /costs'),
))
  test(`The document shows an answer of ${route} as its schema has it`, () => {
    const { schema, example } = answers[200] ?? {};

    assert.ok(example);
    assert.deepEqual(schema?.parse(example), example);
  });

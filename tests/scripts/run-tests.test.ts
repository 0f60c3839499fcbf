import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { planTests } from '../../scripts/run-tests.ts';

const files = [
  'tests/local/b.test.ts',
  'tests/lib/d.test.ts',
  'tests/lambdas/e.test.ts',
  'tests/core/x/a.test.ts',
  'tests/contracts/c.test.ts',
  'tests/scenarios/stack.test.ts',
];

describe('npm test', () => {
  it('runs tests that disturb nobody in shared processes, those that wait beside them, and the others apart', () => {
    const plan = planTests(files, []);

    assert.deepEqual(plan.shared, [
      ['tests/core/x/a.test.ts', 'tests/lib/d.test.ts'],
      ['tests/lambdas/e.test.ts'],
    ]);
    assert.deepEqual(plan.isolated, ['tests/contracts/c.test.ts', 'tests/local/b.test.ts']);
    assert.deepEqual(plan.waiting, ['tests/scenarios/stack.test.ts']);
  });

  it('runs only files whose path contains a given part, and hands options to the runner', () => {
    const plan = planTests(files, ['./tests/local', '--test-name-pattern=x']);

    assert.deepEqual(plan.shared, []);
    assert.deepEqual(plan.isolated, ['tests/local/b.test.ts']);
    assert.deepEqual(plan.options, ['--test-name-pattern=x']);
  });
});

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { HttpProblem, type ProblemBody, problemBody, problemBodySchema } from '#core/http/problem.ts';

describe('A problem', () => {
  test('is written with its code, its message, its details and the id of the request', () => {
    const problem = new HttpProblem('payload_too_large', 'The body may have 10 bytes.', { maxBytes: 10 });

    assert.equal(problem.status, 413);
    assert.deepEqual(problemBody(problem, 'request-1'), {
      error: { code: 'payload_too_large', message: 'The body may have 10 bytes.', maxBytes: 10 },
      requestId: 'request-1',
    });
  });

  test('has the form that clients are promised, whatever its details are', () => {
    const details = { maxBytes: 10, reason: 'too long', fields: ['limit: too big'] };
    const body: ProblemBody = problemBody(new HttpProblem('bad_request', 'Wrong.', details), 'request-1');

    assert.deepEqual(problemBodySchema.parse(body), body);
  });
});

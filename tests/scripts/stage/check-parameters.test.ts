import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parameters } from '#lib/secrets/manifest.ts';
import { checkParameters, describeCheck, isBlocking } from '../../../scripts/stage/check-parameters.ts';

const now = new Date('2026-11-21T00:00:00Z');
const daysAgo = (days: number) => new Date(now.getTime() - days * 86_400_000);
const token = '0123456789abcdef0123456789abcdef';
const spec = parameters.filter(({ id }) => id === 'twilio_auth_token');
const optional = parameters.filter(({ id }) => id === 'mcp_token');
const name = '/cotrackpro/dev/voice/twilio_auth_token';
const stored = (value: string, days: number, isEncrypted = true) =>
  new Map([[name, { value, version: 3, changedAt: daysAgo(days), isEncrypted }]]);
const check = (found: ReturnType<typeof stored>) => {
  const [one] = checkParameters(spec, 'dev', found, now);
  assert.ok(one);
  return one;
};

describe('A parameter of a stage', () => {
  test('is good until its rotation is due, and then stale, which does not stop a deploy', () => {
    const good = check(stored(token, 180));
    const stale = check(stored(token, 181));

    assert.equal(good.finding.state, 'good');
    assert.equal(stale.finding.state, 'stale');
    assert.ok(!isBlocking(stale));
    assert.match(describeCheck(stale, 'dev'), /181 days old.*secondary token/);
  });

  test('that is missing, malformed or in clear stops a deploy', () => {
    const found = [check(new Map()), check(stored('half', 1)), check(stored(token, 1, false))];

    assert.deepEqual(
      found.map(({ finding }) => finding.state),
      ['missing', 'malformed', 'malformed'],
    );
    assert.ok(found.every(isBlocking));
    assert.doesNotMatch(found.map((one) => describeCheck(one, 'dev')).join(), /half/);
  });

  test('that is optional may be missing', () => {
    const [one] = checkParameters(optional, 'dev', new Map(), now);

    assert.equal(one?.finding.state, 'absent');
    assert.ok(one && !isBlocking(one));
  });
});

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parametersOf } from '#lib/secrets/manifest.ts';
import { type PlanInput, planFor, secretsVersionOf } from '../../../scripts/stage/deploy-plan.ts';

const input: PlanInput = {
  action: 'deploy',
  stage: 'dev',
  isTerminal: true,
  yes: false,
  secretsVersion: 'abc',
};
const commands = (given: Partial<PlanInput>) =>
  planFor({ ...input, ...given }).steps.map(({ command, argv }) => [command, ...argv].join(' '));

describe('A deploy', () => {
  test('checks the secrets, bundles, then deploys every stack of the stage', () => {
    assert.equal(planFor(input).checksSecrets, true);
    assert.deepEqual(commands({}), [
      'npm run --silent bundle',
      'cdk deploy --all --context stage=dev --context secretsVersion=abc --require-approval broadening',
    ]);
  });

  test('of prod is confirmed by its name, unless a workflow was approved', () => {
    assert.equal(planFor(input).confirm, undefined);
    assert.equal(planFor({ ...input, stage: 'prod' }).confirm, 'prod');
    assert.equal(planFor({ ...input, stage: 'prod', yes: true }).confirm, undefined);
  });

  test('asks cdk for nothing where nobody can answer', () => {
    assert.match(commands({ isTerminal: false })[1] ?? '', /--require-approval never$/);
  });

  test('replaces the tasks when a secret that they read has changed, and only then', () => {
    const specs = parametersOf('media');
    const versions = (id: string, version: number) => new Map([[`/cotrackpro/dev/voice/${id}`, version]]);
    const before = secretsVersionOf(specs, 'dev', versions('anthropic_api_key', 1));

    assert.notEqual(secretsVersionOf(specs, 'dev', versions('anthropic_api_key', 2)), before);
    assert.equal(
      secretsVersionOf(
        specs,
        'dev',
        new Map([...versions('anthropic_api_key', 1), ...versions('api_keys', 7)]),
      ),
      before,
    );
  });
});

describe('A comparison', () => {
  test('changes nothing, asks nothing and needs no secret', () => {
    const plan = planFor({ ...input, action: 'diff', stage: 'prod' });

    assert.deepEqual([plan.checksSecrets, plan.confirm], [false, undefined]);
    assert.ok(plan.steps.every(({ argv }) => !argv.includes('deploy')));
    assert.match(commands({ action: 'diff' })[1] ?? '', /--method template$/);
  });
});

describe('Taking a stage away', () => {
  test('is confirmed for every stage', () => {
    assert.equal(planFor({ ...input, action: 'destroy' }).confirm, 'dev');
  });
});

/** `npm run deploy`, `diff`, `drift` and `destroy`: a stage from this working copy to its account. */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline/promises';
import { listVersions } from '#adapters/ssm/list-versions.ts';
import { parameterPath, parametersOf } from '#lib/secrets/manifest.ts';
import { runCommand, UsageError } from '#local/command-line.ts';
import { checkStage } from './stage/check-stage.ts';
import {
  type Action,
  actions,
  type Plan,
  planFor,
  type Step,
  secretsVersionOf,
} from './stage/deploy-plan.ts';
import { openParameterStore, regionOf, stageOf, stageOptions } from './stage/stage-options.ts';

const help = `A stage, from this working copy to its AWS account.

  npm run deploy  -- --stage dev    checks the secrets, bundles the code, deploys the stacks
  npm run diff    -- --stage dev    what a deploy would change
  npm run drift   -- --stage dev    what somebody has changed by hand; exit code 1 when there is something
  npm run destroy -- --stage dev    takes the stacks away; protected data stays

  --region R   the stage's region; default: that of lib/settings
  --restart    deploy: replaces the media tasks, also where nothing has changed; their calls go on to their end
  --yes        asks nothing: for a workflow that somebody has approved

Credentials are those of the AWS CLI (AWS_PROFILE, SSO, or a role). Where they can be found: docs/first-deploy.md.
`;

/** Throws `UsageError` when somebody who should be asked cannot be, or says no. */
async function confirm(action: Action, word: string): Promise<void> {
  if (!process.stdin.isTTY)
    throw new UsageError(`To ${action} ${word} must be confirmed: run it in a terminal, or with --yes.`);
  const prompt = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answer = await prompt.question(`To ${action} the stage, type its name (${word}): `);
    if (answer.trim() !== word) throw new UsageError('Nothing was done.');
  } finally {
    prompt.close();
  }
}

/** Rejects when the command cannot be started; its own exit code else. */
function run({ title, command, argv }: Step): Promise<number> {
  process.stderr.write(`\n== ${title} ==\n`);
  const child = spawn(command, argv, { stdio: 'inherit' });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => resolve(code ?? 1));
  });
}

async function carryOut(plan: Plan): Promise<number> {
  for (const step of plan.steps) {
    const code = await run(step);
    if (code !== 0) return code;
  }
  return 0;
}

async function secretsVersion(stage: string, region: string): Promise<string> {
  const versions = await listVersions(openParameterStore(region, process.env), parameterPath(stage));
  return secretsVersionOf(parametersOf('media'), stage, versions);
}

await runCommand({
  help,
  options: {
    ...stageOptions,
    yes: { type: 'boolean', default: false },
    restart: { type: 'boolean', default: false },
  },
  actions,
  async run({ action, words, values: { yes, restart, ...options } }) {
    if (words.length > 0) throw new UsageError(`One thing at a time: ${action} --stage dev`);
    const stage = stageOf(options.stage);
    const region = regionOf(options.region, stage);
    const needsVersion = action === 'deploy' || action === 'diff';
    const version = needsVersion ? await secretsVersion(stage, region) : undefined;
    const isTerminal = process.stdin.isTTY === true;
    const known = restart ? `${version}-${Date.now().toString(36)}` : version;
    const plan = planFor({ action, stage, isTerminal, yes, secretsVersion: known });
    if (plan.checksSecrets && !(await checkStage(stage, region, process.env, (line) => console.log(line)))) {
      process.stderr.write(`Nothing was deployed: ${stage} would not start with these secrets.\n`);
      return 1;
    }
    if (plan.confirm !== undefined) await confirm(action, plan.confirm);
    return carryOut(plan);
  },
});

/** What `npm run deploy`, `diff`, `drift` and `destroy` do, as data: which commands, in which order, and what is asked before. */
import { createHash } from 'node:crypto';
import type { SecretSpec } from '#lib/secrets/manifest.ts';

export const actions = ['deploy', 'diff', 'drift', 'destroy'] as const;
export type Action = (typeof actions)[number];

export interface PlanInput {
  readonly action: Action;
  readonly stage: string;
  /** Somebody can answer questions. */
  readonly isTerminal: boolean;
  /** `--yes`: the question was answered elsewhere, by whoever approved the workflow. */
  readonly yes: boolean;
  /** Of the secrets that tasks read at their start; undefined when nobody knows. */
  readonly secretsVersion: string | undefined;
}

export interface Step {
  readonly title: string;
  readonly command: string;
  readonly argv: readonly string[];
}

export interface Plan {
  /** Ask the parameter store first, and stop when something is missing or malformed. */
  readonly checksSecrets: boolean;
  /** The person must type this; undefined when nothing is asked. */
  readonly confirm: string | undefined;
  readonly steps: readonly Step[];
}

/** Stages whose callers are real people. */
const guarded = new Set(['prod']);

/**
 * Tasks read their secrets when they start. Its change in the task's environment is what makes a deploy replace them.
 * @param versions by parameter name
 */
export function secretsVersionOf(
  specs: readonly SecretSpec[],
  stage: string,
  versions: ReadonlyMap<string, number>,
): string {
  const lines = specs.map((spec) => `${spec.id} ${versions.get(spec.parameterName(stage)) ?? 0}`).sort();
  return createHash('sha256').update(lines.join('\n')).digest('hex').slice(0, 12);
}

const bundle: Step = { title: 'Bundle the code', command: 'npm', argv: ['run', '--silent', 'bundle'] };

export function planFor(input: PlanInput): Plan {
  const { action, stage, isTerminal, yes, secretsVersion } = input;
  const version = secretsVersion === undefined ? [] : ['--context', `secretsVersion=${secretsVersion}`];
  const cdk = (title: string, ...argv: readonly string[]): Step => ({
    title,
    command: 'cdk',
    argv: [action, '--all', '--context', `stage=${stage}`, ...version, ...argv],
  });
  const asksAnyway = action === 'destroy' || (action === 'deploy' && guarded.has(stage));
  const confirm = asksAnyway && !yes ? stage : undefined;
  switch (action) {
    case 'deploy':
      return {
        checksSecrets: true,
        confirm,
        steps: [
          bundle,
          // Wider permissions are shown and asked for wherever there is somebody to ask.
          cdk(`Deploy ${stage}`, '--require-approval', isTerminal && !yes ? 'broadening' : 'never'),
        ],
      };
    case 'diff':
      // By template: a change set would need the permission to deploy.
      return {
        checksSecrets: false,
        confirm,
        steps: [bundle, cdk(`Compare ${stage}`, '--method', 'template')],
      };
    case 'drift':
      return { checksSecrets: false, confirm, steps: [bundle, cdk(`Look at ${stage}`, '--fail')] };
    case 'destroy':
      return { checksSecrets: false, confirm, steps: [bundle, cdk(`Destroy ${stage}`, '--force')] };
  }
}

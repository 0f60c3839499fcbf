/** What is wrong with the parameters of a stage; pure. */
import type { StoredParameter } from '#adapters/ssm/read-parameters.ts';
import type { SecretSpec } from '#lib/secrets/manifest.ts';

export type Finding =
  | { readonly state: 'good' }
  | { readonly state: 'missing' }
  /** Each problem says what to mend; never a part of the value. */
  | { readonly state: 'malformed'; readonly problems: readonly string[] }
  | { readonly state: 'stale'; readonly ageDays: number }
  /** Optional, and not there. */
  | { readonly state: 'absent' };

export interface Checked {
  readonly spec: SecretSpec;
  readonly name: string;
  readonly finding: Finding;
  /** 0 when it is not there. */
  readonly version: number;
}

const dayMs = 86_400_000;

export function problemsOf(spec: SecretSpec, value: string): readonly string[] {
  const parsed = spec.schema.safeParse(value);
  return parsed.success ? [] : [...new Set(parsed.error.issues.map(({ message }) => message))];
}

function examine(spec: SecretSpec, stored: StoredParameter | undefined, now: Date): Finding {
  if (stored === undefined) return { state: spec.optional ? 'absent' : 'missing' };
  const problems = [...problemsOf(spec, stored.value)];
  if (spec.type === 'SecureString' && !stored.isEncrypted) problems.push('is not stored as a SecureString');
  if (problems.length > 0) return { state: 'malformed', problems };
  const ageDays = Math.floor((now.getTime() - stored.changedAt.getTime()) / dayMs);
  const { everyDays } = spec.rotate;
  return everyDays !== null && ageDays > everyDays ? { state: 'stale', ageDays } : { state: 'good' };
}

export function checkParameters(
  specs: readonly SecretSpec[],
  stage: string,
  stored: ReadonlyMap<string, StoredParameter>,
  now: Date,
): readonly Checked[] {
  return specs.map((spec) => {
    const name = spec.parameterName(stage);
    const found = stored.get(name);
    return { spec, name, finding: examine(spec, found, now), version: found?.version ?? 0 };
  });
}

/** A deploy must not begin: a task or a function would not start. A stale value works. */
export const isBlocking = ({ finding }: Checked): boolean =>
  finding.state === 'missing' || finding.state === 'malformed';

export function describeCheck({ spec, name, finding, version }: Checked, stage: string): string {
  const mend =
    spec.type === 'String'
      ? `npm run phone-map -- edit --stage ${stage}`
      : `npm run secrets -- put --stage ${stage} ${spec.id}`;
  switch (finding.state) {
    case 'good':
      return `good       ${name} (version ${version})`;
    case 'absent':
      return `not set    ${name} (optional)`;
    case 'missing':
      return `MISSING    ${name}: ${mend}`;
    case 'malformed':
      return `MALFORMED  ${name} (version ${version}): ${finding.problems.join('; ')}. Mend: ${mend}`;
    case 'stale':
      return `stale      ${name}: ${finding.ageDays} days old, to be changed every ${spec.rotate.everyDays}. ${spec.rotate.how}`;
  }
}

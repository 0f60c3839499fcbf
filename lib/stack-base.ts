/** What every stack of a stage has: its place, its tags, its protection. */
import { Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { stackName } from './names.ts';
import type { StageSettings } from './settings/schema.ts';

/** Activate it as a cost-allocation tag once per account; budgets go by it. */
export const costTagKey = 'voice-center:stage';

export function stackProps(settings: StageSettings, part: Parameters<typeof stackName>[1]): StackProps {
  const { stage, account, region, isProtected } = settings;
  return {
    env: { account, region },
    stackName: stackName(stage, part),
    description: `Voice center, stage ${stage}: ${part}`,
    terminationProtection: isProtected,
    tags: { [costTagKey]: stage, 'voice-center:part': part },
  };
}

/** Zones by rule: to ask AWS for them, a synth would need credentials. */
export class ZonedStack extends Stack {
  private readonly zones: string[];

  constructor(scope: Construct, id: string, props: StackProps & { readonly zones: readonly string[] }) {
    super(scope, id, props);
    this.zones = [...props.zones];
  }

  override get availabilityZones(): string[] {
    return this.zones;
  }
}

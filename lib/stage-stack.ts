/** What every stack of a stage has in common: its name, its place, its tags, its protection. */
import { Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { StageSettings } from './settings/schema.ts';

export type StackPart = 'data' | 'media' | 'api' | 'monitoring';

/** The tag that cost allocation goes by. */
export const costTag = (stage: string) => ({ key: 'voice-center:stage', value: stage });

export const stackName = (stage: string, part: StackPart): string => `voice-${stage}-${part}`;

/** Two zones, named and not looked up: synthesis asks no account. */
export const zonesOf = (region: string): string[] => [`${region}a`, `${region}b`];

export const stackProps = (settings: StageSettings, part: StackPart, description: string) => ({
  stackName: stackName(settings.stage, part),
  env: { account: settings.account, region: settings.region },
  description,
  terminationProtection: settings.protectData,
  tags: { [costTag(settings.stage).key]: settings.stage, 'voice-center:part': part },
});

export class StageStack extends Stack {
  protected readonly settings: StageSettings;

  constructor(scope: Construct, settings: StageSettings, part: StackPart, description: string) {
    super(scope, stackName(settings.stage, part), stackProps(settings, part, description));
    this.settings = settings;
  }

  override get availabilityZones(): string[] {
    return zonesOf(this.settings?.region ?? this.region);
  }
}

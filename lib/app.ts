/** The app: settings of the stage that was asked for, its stacks, and everything that checks them. */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { App, Tags, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { createRulePack } from './rules/rule-pack.ts';
import { park, settingsOf } from './settings/index.ts';
import type { StageSettings } from './settings/schema.ts';
import { costTagKey } from './stack-base.ts';
import { type Bundles, makeStage } from './stage.ts';

const root = path.resolve(import.meta.dirname, '..');

export const builtBundles: Bundles = {
  functionsDir: path.join(root, 'dist', 'functions'),
  mediaDir: path.join(root, 'dist', 'media-service'),
};

export interface AppOptions {
  /** Instead of `--context`. */
  readonly settings?: StageSettings;
  readonly outdir?: string;
  readonly bundles?: Bundles;
  /** False in tests of single stacks: cdk-nag, our rules and CloudFormation's schemas take seconds. */
  readonly isChecked?: boolean;
}

/** Throws `SettingsError`, and an `Error` when the bundles have not been built. */
export function createApp(options: AppOptions = {}): App {
  const { bundles = builtBundles, isChecked = true, outdir } = options;
  const app = new App({
    ...(outdir === undefined ? {} : { outdir }),
    context: readContext(),
    analyticsReporting: false,
    treeMetadata: false,
    builtinCloudFormationValidation: isChecked,
  });
  const settings = options.settings ?? settingsFromContext(app);
  for (const folder of Object.values(bundles))
    if (!existsSync(folder)) throw new Error(`${folder} is not there: npm run bundle builds it.`);
  if (isChecked) Validations.of(app).addPlugins(new AwsSolutionsChecks(app), createRulePack());
  makeStage(app, settings, bundles, String(app.node.tryGetContext('version') ?? 'dev'));
  Tags.of(app).add(costTagKey, settings.stage);
  return app;
}

/** The feature flags stand in `cdk.json`; whoever synthesises without the CLI has them too. */
function readContext(): Record<string, unknown> {
  const file = JSON.parse(readFileSync(path.join(root, 'cdk.json'), 'utf8')) as {
    readonly context: Record<string, unknown>;
  };
  return file.context;
}

function settingsFromContext(app: App): StageSettings {
  const stage: unknown = app.node.tryGetContext('stage');
  if (typeof stage !== 'string') throw new Error('Say which stage: --context stage=dev');
  const settings = settingsOf(stage);
  return String(app.node.tryGetContext('parked')) === 'true' ? park(settings) : settings;
}

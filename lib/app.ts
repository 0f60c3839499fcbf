/** The CDK app of one stage, with everything that must hold before it may be deployed. */
import { createRequire } from 'node:module';
import { App, Tags, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { bundleContext } from './assets/bundle-dir.ts';
import { acknowledge } from './rules/acknowledgements.ts';
import { StageRules } from './rules/stage-rules.ts';
import { settingsOf } from './settings/index.ts';
import { makeStage, type Stage } from './stage.ts';
import { costTag } from './stage-stack.ts';

const flags = createRequire(import.meta.url)('aws-cdk-lib/recommended-feature-flags.json') as object;

export interface StageApp {
  readonly app: App;
  readonly stage: Stage;
}

/**
 * @param options.outdir where the templates go; default: where the CDK command wants them
 * @param options.validate false leaves the rule packs out, for tests that look at one thing
 * @param options.bundleDir what `npm run bundle` made; default: where it puts it
 * Throws `SettingsError`.
 */
export function createStageApp(
  stageName: string,
  options: { readonly outdir?: string; readonly validate?: boolean; readonly bundleDir?: string } = {},
): StageApp {
  const settings = settingsOf(stageName);
  const app = new App({
    ...(options.outdir === undefined ? {} : { outdir: options.outdir }),
    analyticsReporting: false,
    builtinCloudFormationValidation: options.validate !== false,
    postCliContext: {
      ...flags,
      ...(options.bundleDir === undefined ? {} : { [bundleContext]: options.bundleDir }),
    },
  });
  const stage = makeStage(app, settings);
  const { key, value } = costTag(settings.stage);
  Tags.of(app).add(key, value);
  if (options.validate !== false) {
    acknowledge(stage);
    Validations.of(app).addPlugins(new AwsSolutionsChecks(app), new StageRules());
  }
  return { app, stage };
}

/** What the CDK command runs: `cdk … --context stage=dev`. */
import { App } from 'aws-cdk-lib';
import { createStageApp } from '#lib/app.ts';
import { stageNames } from '#lib/settings/index.ts';

const stage: unknown = new App().node.tryGetContext('stage');
if (typeof stage !== 'string' || !stageNames.includes(stage)) {
  process.stderr.write(`Say which stage: --context stage=<${stageNames.join('|')}>\n`);
  process.exitCode = 1;
} else {
  createStageApp(stage).app.synth();
}

/**
 * The CDK app of what GitHub needs to deploy, once per account:
 * `cdk deploy --app "node_modules/.bin/node bin/delivery.ts" --context repository=owner/name --context stages=dev,test`
 */
import { App } from 'aws-cdk-lib';
import { DeliveryStack } from '#lib/delivery/delivery-stack.ts';

const app = new App();
const repository: unknown = app.node.tryGetContext('repository');
const stages: unknown = app.node.tryGetContext('stages');
if (typeof repository !== 'string' || !/^[\w.-]+\/[\w.-]+$/.test(repository) || typeof stages !== 'string')
  throw new Error(
    'Say whose workflows may deploy what: --context repository=owner/name --context stages=dev,test',
  );
new DeliveryStack(app, 'voice-delivery', { repository, stages: stages.split(',') });
app.synth();

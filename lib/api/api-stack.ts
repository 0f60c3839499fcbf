/** Requests and jobs. Holds no state. */
import { Duration, Stack } from 'aws-cdk-lib';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { acknowledge } from '../acknowledged.ts';
import { type DeadLetters, queueName } from '../names.ts';
import type { StageSettings } from '../settings/schema.ts';
import { stackProps } from '../stack-base.ts';
import { functions as specs } from './functions.ts';
import { makeHttpApi } from './http-api.ts';
import { makeFunction } from './make-function.ts';
import { makeSchedules } from './schedules.ts';

export interface ApiProps {
  readonly settings: StageSettings;
  readonly version: string;
  /** One folder a function, by its name. */
  readonly bundlesDir: string;
}

/** As long as SQS keeps anything. */
const deadLetterDays = 14;

export class ApiStack extends Stack {
  readonly httpApiId: string;
  readonly certificateArn: string;

  constructor(scope: Construct, id: string, { settings, version, bundlesDir }: ApiProps) {
    super(scope, id, stackProps(settings, 'api'));
    const { stage } = settings;
    const failedRuns = makeDeadLetterQueue(this, 'FailedJobs', stage, 'failed-jobs');
    const undelivered = makeDeadLetterQueue(this, 'FailedSchedules', stage, 'failed-schedules');
    const options = { settings, version, bundlesDir, failedRuns };
    const made = new Map<string, LambdaFunction>(
      specs.map((spec) => [spec.name, makeFunction(this, spec, options)]),
    );
    const { httpApiId, certificateArn } = makeHttpApi(this, { settings, functions: made });
    makeSchedules(this, { settings, specs, functions: made, undelivered });
    this.httpApiId = httpApiId;
    this.certificateArn = certificateArn;
  }
}

function makeDeadLetterQueue(scope: Construct, id: string, stage: string, what: DeadLetters): Queue {
  const queue = new Queue(scope, id, {
    queueName: queueName(stage, what),
    retentionPeriod: Duration.days(deadLetterDays),
    encryption: QueueEncryption.SQS_MANAGED,
    enforceSSL: true,
  });
  acknowledge(queue, 'isDeadLetterQueue');
  return queue;
}

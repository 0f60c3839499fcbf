/** What answers requests: the HTTP API, its functions, the jobs. Without state but undelivered events. */
import { Duration } from 'aws-cdk-lib';
import type { ScheduleGroup } from 'aws-cdk-lib/aws-scheduler';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import type { Tables } from '../data/data-stack.ts';
import type { StageSettings } from '../settings/schema.ts';
import { StageStack } from '../stage-stack.ts';
import { makeFunctions, type StageFunction } from './functions.ts';
import { type Api, makeHttpApi } from './http-api.ts';
import { makeSchedules } from './schedules.ts';

/** As long as a queue can: somebody has to see what was lost. */
const keepFailuresDays = 14;

export class ApiStack extends StageStack {
  readonly api: Api;
  readonly functions: ReadonlyMap<string, StageFunction>;
  readonly schedules: ScheduleGroup;
  readonly queues: Readonly<Record<'functions' | 'schedules', Queue>>;

  constructor(scope: Construct, settings: StageSettings, tables: Tables) {
    super(scope, settings, 'api', `Voice center ${settings.stage}: HTTP API, functions, schedules`);
    this.queues = { functions: this.makeQueue('Failed'), schedules: this.makeQueue('Undelivered') };
    this.functions = makeFunctions(this, { settings, tables, failures: this.queues.functions });
    this.api = makeHttpApi(this, settings, this.functions);
    this.schedules = makeSchedules(this, {
      settings,
      functions: this.functions,
      undelivered: this.queues.schedules,
    });
  }

  private makeQueue(id: string): Queue {
    return new Queue(this, id, {
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      retentionPeriod: Duration.days(keepFailuresDays),
    });
  }
}

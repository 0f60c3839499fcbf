/** Findings of the AWS Solutions rules that we accept, each with its reason, and as narrow as it can be said. */
import { type CfnElement, Stack, Validations } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { isJob } from '../api/function-table.ts';
import type { Stage } from '../stage.ts';

interface Finding {
  readonly id: string;
  readonly reason: string;
}

const finding = (rule: string, reason: string): Finding => ({
  id: `AwsSolutions::AwsSolutions-${rule}`,
  reason,
});

const logicalId = (construct: IConstruct): string =>
  Stack.of(construct).getLogicalId(construct.node.defaultChild as CfnElement);

const network: readonly Finding[] = [
  finding(
    'VPC7',
    'Flow logs cost more than this network: tasks are reached by the load balancer alone and log themselves.',
  ),
  finding(
    'EC23',
    'Twilio connects from many changing addresses: what is let in is decided by its signature and a one-time token.',
  ),
  finding(
    'ELB2',
    'The start and end of every stream stands in the log of the media service, with the call it belongs to.',
  ),
  finding(
    'ECS4',
    'What matters of a task (calls, loop delay, memory) is told by the service itself at a fraction of the cost.',
  ),
  finding(
    'ECS2',
    'The variables hold settings and names of tables; every secret comes by reference from the parameter store.',
  ),
];
const zones: Finding = {
  id: 'CloudFormation-Validate::W3010',
  reason: 'Zones are named so that synthesis asks no account; both exist in every region that stages use.',
};

function acknowledgeMedia({ media: stack }: Stage): void {
  Validations.of(stack).acknowledge(
    ...network,
    zones,
    finding(
      'IAM5[Resource::*]',
      'Signing in to the image registry (ecr:GetAuthorizationToken) knows no resource.',
    ),
    finding(
      `IAM5[Resource::arn:aws:ecs:${stack.region}:${stack.account}:task/<${logicalId(stack.media.cluster)}>/*]`,
      'A task protects itself, and its id is not known before it runs; the path holds it to this cluster.',
    ),
  );
}

function acknowledgeApi({ api: stack }: Stage): void {
  Validations.of(stack).acknowledge(
    finding(
      'APIG4',
      'Each function checks the signature of Twilio or the key of the client before anything else.',
    ),
    finding(
      'SQS3',
      'These queues are the dead-letter queues: of failed jobs, and of schedules that could not be delivered.',
    ),
    finding(
      'IAM5[Resource::*]',
      'Reading metrics (cloudwatch:GetMetricStatistics) knows no resource; only the functions that reconcile may.',
    ),
    ...[...stack.functions]
      .filter(([name]) => isJob(name))
      .map(([name, made]) =>
        finding(
          `IAM5[Resource::<${logicalId(made.function)}.Arn>:*]`,
          `The scheduler may start ${name} in any of its versions; there is one.`,
        ),
      ),
  );
}

function acknowledgeData({ data: stack }: Stage): void {
  Validations.of(stack).acknowledge(
    finding(
      'DDB3',
      'Where data is not protected (a stage for trying out) a table may be lost; elsewhere recovery is on.',
    ),
  );
}

export function acknowledge(stage: Stage): void {
  acknowledgeMedia(stage);
  acknowledgeApi(stage);
  acknowledgeData(stage);
}

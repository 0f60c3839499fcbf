/** Findings of cdk-nag that we accept, each with its reason, in one place. */
import { Validations } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

const accepted = {
  noBackups: {
    id: 'AwsSolutions-DDB3',
    reason:
      'Only a stage without protection, whose data may be lost: point-in-time recovery is paid by the gigabyte.',
  },
  namedZones: {
    id: 'CloudFormation-Validate::W3010',
    reason:
      'Zones by rule: to ask AWS for them, a synth would need credentials. Each region has an a and a b.',
  },
  noFlowLogs: {
    id: 'AwsSolutions-VPC7',
    reason:
      'Flow logs of media streams cost more than the stage ($0.50/GB) and would tell addresses only; each stream is logged by the service itself.',
  },
  noBalancerLogs: {
    id: 'AwsSolutions-ELB2',
    reason:
      'The load balancer forwards one path; the service logs every stream and every refusal on it. A bucket would be state outside the data stack.',
  },
  openToTheWorld: {
    id: 'AwsSolutions-EC23',
    reason:
      'Twilio streams from addresses it does not publish: port 443 is open, upgrades are signed and hold a one-time token.',
  },
  noInsights: {
    id: 'AwsSolutions-ECS4',
    reason:
      'Container Insights is billed per metric; the service writes the metrics that our alarms need itself.',
  },
  plainSettings: {
    id: 'AwsSolutions-ECS2',
    reason:
      'The variables in clear are names, addresses and limits. Secrets come by reference from the parameter store.',
  },
  checkedByHandlers: {
    id: 'AwsSolutions-APIG4',
    reason:
      'Handlers check the caller: a Twilio signature for webhooks, a bearer key with scopes for clients. Health is for anyone.',
  },
  isDeadLetterQueue: {
    id: 'AwsSolutions-SQS3',
    reason: 'It is itself where failed messages end up; an alarm watches it.',
  },
  ownTasks: {
    id: 'AwsSolutions-IAM5',
    reason: 'Ids of tasks are not known beforehand: protection is allowed on the tasks of this cluster only.',
  },
  logStreams: {
    id: 'AwsSolutions-IAM5',
    reason: 'The streams of one log group: Lambda names them anew for every environment.',
  },
  registryLogin: {
    id: 'AwsSolutions-IAM5[Resource::*]',
    reason: 'ecr:GetAuthorizationToken knows no resource (Service Authorization Reference, Amazon ECR).',
  },
} as const;

export type Accepted = keyof typeof accepted;

/** @param detail what the finding is about, where the rule tells: `Resource::arn…` */
export function acknowledge(construct: IConstruct, what: Accepted, detail?: string): void {
  const { id, reason } = accepted[what];
  Validations.of(construct).acknowledge({ id: detail === undefined ? id : `${id}[${detail}]`, reason });
}

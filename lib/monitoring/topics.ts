/** Where alarms go: a topic for people who are woken, one for people at work. */
import { Stack } from 'aws-cdk-lib';
import { Effect, PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import type { Construct } from 'constructs';
import type { Severity } from './alarms/spec.ts';
import type { MonitoringSettings } from './props.ts';

export type Topics = Readonly<Record<Severity, Topic>>;

const publishers = ['cloudwatch.amazonaws.com', 'budgets.amazonaws.com'] as const;

function makeTopic(scope: Construct, severity: Severity, { stage, alarmEmails }: MonitoringSettings): Topic {
  // Not encrypted with SNS's own key: CloudWatch may not use that one, and alarms hold no secret.
  const topic = new Topic(scope, severity === 'page' ? 'PageTopic' : 'TicketTopic', {
    displayName: `voice center ${stage}: ${severity}`,
    enforceSSL: true,
  });
  // A policy of our own takes the place of the default one, under which the account's alarms may publish.
  for (const service of publishers)
    topic.addToResourcePolicy(
      new PolicyStatement({
        sid: `Publish${service.split('.')[0]}`,
        effect: Effect.ALLOW,
        principals: [new ServicePrincipal(service)],
        actions: ['sns:Publish'],
        resources: [topic.topicArn],
        conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(scope).account } },
      }),
    );
  for (const address of alarmEmails[severity]) topic.addSubscription(new EmailSubscription(address));
  return topic;
}

export function makeTopics(scope: Construct, settings: MonitoringSettings): Topics {
  return { page: makeTopic(scope, 'page', settings), ticket: makeTopic(scope, 'ticket', settings) };
}

/** Limits of ECS, the load balancer and the network. */
import { listOf, numberOf, objectOf, outOfRange, propertyRule, type Rule } from './template.ts';

const attributeOf = (attributes: unknown, key: string): unknown =>
  listOf(attributes).find((attribute) => attribute['Key'] === key)?.['Value'];

/** Amazon EC2 API, `IpRange.Description`. */
const descriptionPattern = /^[a-zA-Z0-9 ._\-:/()#,@[\]+=&;{}!$*]{0,255}$/;

export const mediaRules: readonly Rule[] = [
  propertyRule(
    'fargate-stop-timeout',
    'Fargate kills after 120 s and refuses more (Amazon ECS API, ContainerDefinition.stopTimeout).',
    'AWS::ECS::TaskDefinition',
    ({ ContainerDefinitions }) =>
      listOf(ContainerDefinitions)
        .map(({ StopTimeout }) => outOfRange('StopTimeout', StopTimeout, 2, 120))
        .find((problem) => problem !== undefined),
  ),
  propertyRule(
    'balancer-idle-timeout',
    'An Application Load Balancer takes 1 to 4000 s (Elastic Load Balancing guide, "Load balancer attributes").',
    'AWS::ElasticLoadBalancingV2::LoadBalancer',
    ({ LoadBalancerAttributes }) =>
      outOfRange(
        'idle_timeout',
        attributeOf(LoadBalancerAttributes, 'idle_timeout.timeout_seconds'),
        1,
        4_000,
      ),
  ),
  propertyRule(
    'deregistration-delay',
    'A target group waits at most an hour (Elastic Load Balancing guide, "Target group attributes").',
    'AWS::ElasticLoadBalancingV2::TargetGroup',
    ({ TargetGroupAttributes }) =>
      outOfRange(
        'deregistration_delay',
        attributeOf(TargetGroupAttributes, 'deregistration_delay.timeout_seconds'),
        0,
        3_600,
      ),
  ),
  propertyRule(
    'health-check-timeout',
    'A check must time out before the next one starts (Elastic Load Balancing guide, "Health checks").',
    'AWS::ElasticLoadBalancingV2::TargetGroup',
    ({ HealthCheckTimeoutSeconds: timeout, HealthCheckIntervalSeconds: interval }) => {
      const [timeoutSecs, intervalSecs] = [numberOf(timeout) ?? 5, numberOf(interval) ?? 30];
      return timeoutSecs < intervalSecs ? undefined : `times out after ${timeoutSecs} s of ${intervalSecs} s`;
    },
  ),
  propertyRule(
    'balancer-name',
    'Names of load balancers have at most 32 characters (Elastic Load Balancing API).',
    'AWS::ElasticLoadBalancingV2::LoadBalancer',
    ({ Name }) =>
      typeof Name === 'string' && Name.length > 32 ? `the name has ${Name.length} characters` : undefined,
  ),
  propertyRule(
    'service-can-roll',
    'A service that may have neither fewer nor more tasks cannot be replaced (Amazon ECS API, deploymentConfiguration).',
    'AWS::ECS::Service',
    ({ DeploymentConfiguration }) => {
      const { MinimumHealthyPercent, MaximumPercent } = objectOf(DeploymentConfiguration);
      const isStuck =
        (numberOf(MinimumHealthyPercent) ?? 100) >= 100 && (numberOf(MaximumPercent) ?? 200) <= 100;
      return isStuck ? 'tasks can neither be added first nor removed first' : undefined;
    },
  ),
  propertyRule(
    'early-success-reachable',
    'HealthyPercent of early success must not be below MinimumHealthyPercent (Amazon ECS API).',
    'AWS::ECS::Service',
    ({ DeploymentConfiguration }) => {
      const { MinimumHealthyPercent, EarlySuccessCriteria } = objectOf(DeploymentConfiguration);
      const healthy = numberOf(objectOf(EarlySuccessCriteria)['HealthyPercent']);
      const least = numberOf(MinimumHealthyPercent) ?? 100;
      return healthy === undefined || healthy >= least ? undefined : `${healthy} is below ${least}`;
    },
  ),
  propertyRule(
    'group-description',
    'Descriptions of security groups know few characters (Amazon EC2 API, IpRange.Description).',
    'AWS::EC2::SecurityGroup',
    ({ GroupDescription, SecurityGroupIngress, SecurityGroupEgress }) =>
      [
        GroupDescription,
        ...[...listOf(SecurityGroupIngress), ...listOf(SecurityGroupEgress)].map(
          (rule) => rule['Description'],
        ),
      ]
        .filter((text) => typeof text === 'string' && !descriptionPattern.test(text))
        .map((text) => `"${String(text)}"`)[0],
  ),
];

/** What a stage costs in a month in which nobody calls, added up from its templates. */
import { at, listAt, numberAt, type Resource, type Template } from '../rules/rule.ts';
import { hoursPerMonth, idlePrices } from './idle-prices.ts';

type Properties = Readonly<Record<string, unknown>>;

/** Per hour, or per month, for one resource of a type; the load balancer, tasks and alarms are counted on their own. */
const fixed: Readonly<Record<string, number>> = {
  'AWS::EC2::NatGateway': (idlePrices.natGatewayHour + idlePrices.publicAddressHour) * hoursPerMonth,
  'AWS::CloudWatch::CompositeAlarm': idlePrices.compositeAlarmMonth,
  'AWS::CloudWatch::Dashboard': idlePrices.dashboardMonth,
  'AWS::SecretsManager::Secret': idlePrices.secretMonth,
  'AWS::KMS::Key': idlePrices.keyMonth,
};

/** Nobody pays for these while nothing happens, or for their being there. */
const free =
  /^AWS::(ApiGatewayV2|ApplicationAutoScaling|Budgets|CDK|CertificateManager|DynamoDB|IAM|Lambda|Logs|Route53|SNS|SQS|Scheduler)::|^AWS::EC2::(VPC|VPCGatewayAttachment|InternetGateway|Subnet|RouteTable|SubnetRouteTableAssociation|Route|SecurityGroup|SecurityGroupIngress|SecurityGroupEgress|EIP)$|^AWS::ECS::(Cluster|Service|TaskDefinition)$|^AWS::ElasticLoadBalancingV2::(Listener|ListenerRule|TargetGroup)$|^AWS::EC2::VPCEndpoint$/;

const of = (resources: readonly Resource[], type: string): readonly Properties[] =>
  resources.filter(({ Type }) => Type === type).map(({ Properties = {} }) => Properties);

function balancersUsd(resources: readonly Resource[]): number {
  return of(resources, 'AWS::ElasticLoadBalancingV2::LoadBalancer').reduce((sum, balancer) => {
    const addresses = listAt(balancer, 'Subnets').length * idlePrices.publicAddressHour;
    return sum + (idlePrices.balancerHour + addresses) * hoursPerMonth;
  }, 0);
}

function tasksUsd(resources: readonly Resource[], tasks: number): number {
  const [task] = of(resources, 'AWS::ECS::TaskDefinition');
  const [service] = of(resources, 'AWS::ECS::Service');
  if (task === undefined || service === undefined) return 0;
  const vcpu = (numberAt(task, 'Cpu') ?? 0) / 1024;
  const memoryGb = (numberAt(task, 'Memory') ?? 0) / 1024;
  const network = at(service, 'NetworkConfiguration', 'AwsvpcConfiguration', 'AssignPublicIp');
  const addressHour = network === 'ENABLED' ? idlePrices.publicAddressHour : 0;
  const hour = vcpu * idlePrices.fargateArmVcpuHour + memoryGb * idlePrices.fargateArmGbHour + addressHour;
  return tasks * hour * hoursPerMonth;
}

/** A metric query that is an expression is not billed; a band is, as two more. */
function alarmSeries(alarm: Properties): number {
  const queries = listAt(alarm, 'Metrics');
  if (queries.length === 0) return 1;
  const metrics = queries.filter((query) => at(query, 'MetricStat') !== undefined).length;
  return metrics + (JSON.stringify(queries).includes('ANOMALY_DETECTION_BAND') ? 2 : 0);
}

function alarmsUsd(resources: readonly Resource[]): number {
  const series = of(resources, 'AWS::CloudWatch::Alarm').map(alarmSeries);
  return series.reduce((sum, count) => sum + count, 0) * idlePrices.alarmSeriesMonth;
}

function endpointsUsd(resources: readonly Resource[]): number {
  const zones = of(resources, 'AWS::EC2::VPCEndpoint')
    .filter((endpoint) => at(endpoint, 'VpcEndpointType') === 'Interface')
    .map((endpoint) => listAt(endpoint, 'SubnetIds').length);
  return zones.reduce((sum, count) => sum + count, 0) * idlePrices.interfaceEndpointZoneHour * hoursPerMonth;
}

const counted = new Set(['AWS::CloudWatch::Alarm', 'AWS::ElasticLoadBalancingV2::LoadBalancer']);

/**
 * @param tasks how many run: a stage whose count is left to autoscaling has its least number when nobody calls
 * @throws `Error` for a type of resource whose price nobody has looked up
 */
export function idleCostUsd(templates: readonly Template[], tasks: number): number {
  const resources = templates.flatMap(({ Resources = {} }) => Object.values(Resources));
  const unknown = resources.find(({ Type }) => !(Type in fixed || counted.has(Type) || free.test(Type)));
  if (unknown) throw new Error(`What does ${unknown.Type} cost? Say it in lib/costs`);
  const others = resources.reduce((sum, { Type }) => sum + (fixed[Type] ?? 0), 0);
  return (
    others +
    balancersUsd(resources) +
    tasksUsd(resources, tasks) +
    alarmsUsd(resources) +
    endpointsUsd(resources)
  );
}

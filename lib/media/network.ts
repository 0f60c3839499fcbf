/** Where the tasks live: two zones, and no way in but the load balancer. */
import {
  GatewayVpcEndpointAwsService,
  IpAddresses,
  type IVpc,
  Peer,
  Port,
  SecurityGroup,
  type SubnetSelection,
  SubnetType,
  Vpc,
} from 'aws-cdk-lib/aws-ec2';
import type { Construct } from 'constructs';
import type { StageSettings } from '../settings/schema.ts';

export const mediaPort = 8_080;

export interface Network {
  readonly vpc: IVpc;
  readonly taskSubnets: SubnetSelection;
  readonly balancerGroup: SecurityGroup;
  readonly taskGroup: SecurityGroup;
}

/** A task with a public address needs no NAT gateway ($36 a month each) to reach the vendors; nothing can reach it. */
export function makeNetwork(scope: Construct, { network }: StageSettings): Network {
  const isPublic = network === 'public';
  const publicSubnets = { name: 'public', subnetType: SubnetType.PUBLIC, cidrMask: 24 };
  const privateSubnets = { name: 'tasks', subnetType: SubnetType.PRIVATE_WITH_EGRESS, cidrMask: 24 };
  const made = new Vpc(scope, 'Vpc', {
    ipAddresses: IpAddresses.cidr('10.20.0.0/16'),
    maxAzs: 2,
    natGateways: isPublic ? 0 : 1,
    subnetConfiguration: isPublic ? [publicSubnets] : [publicSubnets, privateSubnets],
    // Nothing uses the default group, and closing it takes a function of its own.
    restrictDefaultSecurityGroup: false,
    gatewayEndpoints: {
      dynamodb: { service: GatewayVpcEndpointAwsService.DYNAMODB },
      s3: { service: GatewayVpcEndpointAwsService.S3 },
    },
  });
  // The library's own types disagree about properties that may be undefined.
  const vpc = made as IVpc;
  const balancerGroup = new SecurityGroup(scope, 'BalancerGroup', {
    vpc,
    description: 'Load balancer: TLS from anywhere, since Twilio calls from many addresses',
    allowAllOutbound: false,
  });
  balancerGroup.addIngressRule(Peer.anyIpv4(), Port.tcp(443), 'Twilio media streams');
  const taskGroup = new SecurityGroup(scope, 'TaskGroup', {
    vpc,
    description: 'Media tasks: from the load balancer alone, to the vendors',
    allowAllOutbound: false,
  });
  taskGroup.addEgressRule(Peer.anyIpv4(), Port.tcp(443), 'Vendors and AWS');
  taskGroup.addIngressRule(balancerGroup, Port.tcp(mediaPort), 'Streams and health checks');
  balancerGroup.addEgressRule(taskGroup, Port.tcp(mediaPort), 'Streams and health checks');
  const taskSubnets = { subnetType: isPublic ? SubnetType.PUBLIC : SubnetType.PRIVATE_WITH_EGRESS };
  return { vpc, taskSubnets, balancerGroup, taskGroup };
}

/** Two zones; tasks in public subnets without a NAT gateway, or in private ones behind one. */
import { GatewayVpcEndpointAwsService, IpAddresses, type IVpc, SubnetType, Vpc } from 'aws-cdk-lib/aws-ec2';
import type { Construct } from 'constructs';
import { acknowledge } from '../acknowledged.ts';
import type { StageSettings } from '../settings/schema.ts';

export const zonesOf = ({ region }: StageSettings): readonly string[] => [`${region}a`, `${region}b`];

export function makeNetwork(scope: Construct, { network }: StageSettings): IVpc {
  const vpc = new Vpc(scope, 'Network', {
    ipAddresses: IpAddresses.cidr('10.0.0.0/16'),
    maxAzs: 2,
    natGateways: network === 'nat' ? 1 : 0,
    // Nothing uses the default group; to empty it, CDK would deploy a function of its own.
    restrictDefaultSecurityGroup: false,
    subnetConfiguration: [
      { name: 'public', subnetType: SubnetType.PUBLIC, cidrMask: 22, mapPublicIpOnLaunch: false },
      ...(network === 'nat'
        ? [{ name: 'private', subnetType: SubnetType.PRIVATE_WITH_EGRESS, cidrMask: 22 }]
        : []),
    ],
    // Free, and spares the NAT gateway; the registry keeps the layers of images in S3.
    gatewayEndpoints: {
      Dynamo: { service: GatewayVpcEndpointAwsService.DYNAMODB },
      Storage: { service: GatewayVpcEndpointAwsService.S3 },
    },
  });
  acknowledge(vpc, 'noFlowLogs');
  acknowledge(vpc, 'namedZones');
  // The library's own types do not agree where optional means "may be missing" only.
  return vpc as IVpc;
}

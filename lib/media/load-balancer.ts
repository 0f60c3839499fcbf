/** The way in for streams: TLS, an hour of patience, and health that never means load. */
import { Duration } from 'aws-cdk-lib';
import { Certificate, CertificateValidation } from 'aws-cdk-lib/aws-certificatemanager';
import {
  ApplicationLoadBalancer,
  ApplicationProtocol,
  ApplicationTargetGroup,
  SslPolicy,
  TargetGroupLoadBalancingAlgorithmType,
  TargetType,
} from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { ARecord, HostedZone, RecordTarget } from 'aws-cdk-lib/aws-route53';
import { LoadBalancerTarget } from 'aws-cdk-lib/aws-route53-targets';
import type { Construct } from 'constructs';
import type { StageSettings } from '../settings/schema.ts';
import { mediaPort, type Network } from './network.ts';

/** Twilio sends a frame every 20 ms: this bounds a half-open connection, not a call. 4000 s is the most there is. */
const idleSecs = 3_600;
const healthCheck = { intervalSecs: 10, timeoutSecs: 5, healthyCount: 2, unhealthyCount: 3 } as const;

export interface Balancer {
  readonly loadBalancer: ApplicationLoadBalancer;
  readonly targetGroup: ApplicationTargetGroup;
  readonly certificate: Certificate;
}

export function makeBalancer(scope: Construct, settings: StageSettings, network: Network): Balancer {
  const { hostedZone, mediaDomain, drainSecs } = settings;
  const zone = HostedZone.fromHostedZoneAttributes(scope, 'Zone', {
    hostedZoneId: hostedZone.id,
    zoneName: hostedZone.name,
  });
  const certificate = new Certificate(scope, 'Certificate', {
    domainName: mediaDomain,
    validation: CertificateValidation.fromDns(zone),
  });
  const loadBalancer = new ApplicationLoadBalancer(scope, 'LoadBalancer', {
    vpc: network.vpc,
    internetFacing: true,
    securityGroup: network.balancerGroup,
    idleTimeout: Duration.seconds(idleSecs),
    dropInvalidHeaderFields: true,
    deletionProtection: settings.protectData,
  });
  const targetGroup = new ApplicationTargetGroup(scope, 'Targets', {
    vpc: network.vpc,
    port: mediaPort,
    protocol: ApplicationProtocol.HTTP,
    targetType: TargetType.IP,
    deregistrationDelay: Duration.seconds(drainSecs),
    // Whether an open stream counts as an outstanding request is not documented.
    loadBalancingAlgorithmType: TargetGroupLoadBalancingAlgorithmType.ROUND_ROBIN,
    healthCheck: {
      // Not /ready: a full or draining task is healthy, and ECS replaces what is not.
      path: '/health',
      interval: Duration.seconds(healthCheck.intervalSecs),
      timeout: Duration.seconds(healthCheck.timeoutSecs),
      healthyThresholdCount: healthCheck.healthyCount,
      unhealthyThresholdCount: healthCheck.unhealthyCount,
    },
  });
  loadBalancer.addListener('Tls', {
    port: 443,
    protocol: ApplicationProtocol.HTTPS,
    certificates: [certificate],
    sslPolicy: SslPolicy.TLS13_12_PQ,
    open: false,
    defaultTargetGroups: [targetGroup],
  });
  new ARecord(scope, 'Alias', {
    zone,
    recordName: mediaDomain,
    target: RecordTarget.fromAlias(new LoadBalancerTarget(loadBalancer)),
  });
  return { loadBalancer, targetGroup, certificate };
}

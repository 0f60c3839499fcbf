/** What Twilio's streams arrive at: TLS, one path, sockets that live for an hour. */
import { Duration } from 'aws-cdk-lib';
import { Certificate, CertificateValidation } from 'aws-cdk-lib/aws-certificatemanager';
import { type IVpc, Peer, Port, SecurityGroup } from 'aws-cdk-lib/aws-ec2';
import {
  ApplicationLoadBalancer,
  ApplicationProtocol,
  ApplicationTargetGroup,
  ListenerAction,
  ListenerCondition,
  SslPolicy,
  TargetGroupLoadBalancingAlgorithmType,
  TargetType,
} from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { ARecord, HostedZone, RecordTarget } from 'aws-cdk-lib/aws-route53';
import { LoadBalancerTarget } from 'aws-cdk-lib/aws-route53-targets';
import type { Construct } from 'constructs';
import { acknowledge } from '../acknowledged.ts';
import { mediaPort } from '../environment.ts';
import type { StageSettings } from '../settings/schema.ts';

/** A stream sends a frame each 20 ms; the process itself ends a silent one after 15 s. */
const idleTimeout = Duration.seconds(3_600);

export interface Entrance {
  readonly loadBalancer: ApplicationLoadBalancer;
  readonly targetGroup: ApplicationTargetGroup;
  readonly securityGroup: SecurityGroup;
  readonly certificate: Certificate;
}

export function makeEntrance(scope: Construct, vpc: IVpc, settings: StageSettings): Entrance {
  const { domain } = settings;
  const zone = HostedZone.fromHostedZoneAttributes(scope, 'Zone', {
    hostedZoneId: domain.zoneId,
    zoneName: domain.zoneName,
  });
  const certificate = new Certificate(scope, 'Certificate', {
    domainName: domain.mediaHost,
    validation: CertificateValidation.fromDns(zone),
  });
  const securityGroup = new SecurityGroup(scope, 'EntranceGroup', {
    vpc,
    description: 'Streams from Twilio, encrypted',
    allowAllOutbound: false,
  });
  securityGroup.addIngressRule(Peer.anyIpv4(), Port.tcp(443), 'Streams from Twilio');
  acknowledge(securityGroup, 'openToTheWorld');
  const loadBalancer = new ApplicationLoadBalancer(scope, 'Entrance', {
    vpc,
    internetFacing: true,
    securityGroup,
    idleTimeout,
    dropInvalidHeaderFields: true,
    deletionProtection: settings.isProtected,
  });
  acknowledge(loadBalancer, 'noBalancerLogs');
  const targetGroup = makeTargetGroup(scope, vpc, settings);
  listen(loadBalancer, targetGroup, certificate);
  new ARecord(scope, 'Address', {
    zone,
    recordName: domain.mediaHost,
    target: RecordTarget.fromAlias(new LoadBalancerTarget(loadBalancer)),
  });
  return { loadBalancer, targetGroup, securityGroup, certificate };
}

/**
 * `/health` says that the process is alive and nothing else: a task that is full or draining answers it too, since ECS
 * replaces a task whose check fails.
 */
function makeTargetGroup(scope: Construct, vpc: IVpc, { media }: StageSettings): ApplicationTargetGroup {
  return new ApplicationTargetGroup(scope, 'Tasks', {
    vpc,
    protocol: ApplicationProtocol.HTTP,
    port: mediaPort,
    targetType: TargetType.IP,
    deregistrationDelay: Duration.seconds(media.deregistrationDelaySecs),
    loadBalancingAlgorithmType: TargetGroupLoadBalancingAlgorithmType.ROUND_ROBIN,
    healthCheck: {
      path: '/health',
      interval: Duration.seconds(10),
      timeout: Duration.seconds(5),
      healthyThresholdCount: 2,
      unhealthyThresholdCount: 3,
      healthyHttpCodes: '200',
    },
  });
}

/** Only the stream and the health check get through; the rest need not reach the process. */
function listen(
  loadBalancer: ApplicationLoadBalancer,
  targetGroup: ApplicationTargetGroup,
  certificate: Certificate,
): void {
  const listener = loadBalancer.addListener('Encrypted', {
    port: 443,
    protocol: ApplicationProtocol.HTTPS,
    certificates: [certificate],
    sslPolicy: SslPolicy.TLS13_12_PQ,
    open: false,
    defaultAction: ListenerAction.fixedResponse(404, { contentType: 'text/plain', messageBody: 'Not found' }),
  });
  listener.addAction('Stream', {
    priority: 10,
    conditions: [ListenerCondition.pathPatterns(['/call/stream', '/health'])],
    action: ListenerAction.forward([targetGroup]),
  });
}

/** The HTTP API: routes from the table of routes, one address, throttling by class of route, an access log. */
import { RemovalPolicy } from 'aws-cdk-lib';
import { AccessLogFormat } from 'aws-cdk-lib/aws-apigateway';
import {
  ApiMapping,
  type CfnStage,
  DomainName,
  HttpApi,
  type HttpMethod,
  HttpRoute,
  HttpRouteKey,
  HttpStage,
  LogGroupLogDestination,
} from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import { Certificate, CertificateValidation } from 'aws-cdk-lib/aws-certificatemanager';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import { ARecord, HostedZone, RecordTarget } from 'aws-cdk-lib/aws-route53';
import { ApiGatewayv2DomainProperties } from 'aws-cdk-lib/aws-route53-targets';
import type { Construct } from 'constructs';
import { apiRoutes, type RouteClass } from '#core/http/routes.ts';
import type { StageSettings } from '../settings/schema.ts';
import type { StageFunction } from './functions.ts';

export interface Api {
  readonly httpApi: HttpApi;
  readonly accessLog: LogGroup;
  readonly certificate: Certificate;
}

/** No query and no body: both may name people. */
const accessLogFormat = AccessLogFormat.custom(
  JSON.stringify({
    requestId: '$context.requestId',
    ip: '$context.identity.sourceIp',
    method: '$context.httpMethod',
    routeKey: '$context.routeKey',
    status: '$context.status',
    responseLength: '$context.responseLength',
    latencyMs: '$context.responseLatency',
    integrationLatencyMs: '$context.integrationLatency',
    integrationError: '$context.integrationErrorMessage',
  }),
);

/** Reports are read as records are; jobs by hand are as rare as calls. */
const throttlingOf: Readonly<Record<RouteClass, keyof StageSettings['throttling']>> = {
  webhook: 'webhook',
  calls: 'calls',
  records: 'records',
  costs: 'records',
  cron: 'calls',
  public: 'public',
};

function addRoutes(scope: Construct, httpApi: HttpApi, functions: ReadonlyMap<string, StageFunction>): void {
  const integrations = new Map<string, HttpLambdaIntegration>();
  for (const { method, path, name } of apiRoutes) {
    const target = functions.get(name);
    if (!target) throw new Error(`The route ${method} ${path} has no function ${name}`);
    const integration =
      integrations.get(name) ?? new HttpLambdaIntegration(`${name}-integration`, target.function);
    integrations.set(name, integration);
    new HttpRoute(scope, `${method} ${path}`, {
      httpApi,
      routeKey: HttpRouteKey.with(path, method as HttpMethod),
      integration,
    });
  }
}

function makeStage(
  scope: Construct,
  httpApi: HttpApi,
  settings: StageSettings,
  accessLog: LogGroup,
): HttpStage {
  const { throttling } = settings;
  const stage = new HttpStage(scope, 'Stage', {
    httpApi,
    stageName: '$default',
    autoDeploy: true,
    throttle: { rateLimit: throttling.public.ratePerSec, burstLimit: throttling.public.burst },
    detailedMetricsEnabled: true,
    accessLogSettings: { destination: new LogGroupLogDestination(accessLog), format: accessLogFormat },
  });
  const cfnStage = stage.node.defaultChild as CfnStage;
  cfnStage.routeSettings = Object.fromEntries(
    apiRoutes.map((route) => {
      const { ratePerSec, burst } = throttling[throttlingOf[route.class]];
      return [
        `${route.method} ${route.path}`,
        { ThrottlingRateLimit: ratePerSec, ThrottlingBurstLimit: burst, DetailedMetricsEnabled: true },
      ];
    }),
  );
  // A stage names its routes: they have to be there first.
  for (const child of scope.node.children) if (child instanceof HttpRoute) stage.node.addDependency(child);
  return stage;
}

export function makeHttpApi(
  scope: Construct,
  settings: StageSettings,
  functions: ReadonlyMap<string, StageFunction>,
): Api {
  const { hostedZone, apiDomain, stage: stageName } = settings;
  const zone = HostedZone.fromHostedZoneAttributes(scope, 'Zone', {
    hostedZoneId: hostedZone.id,
    zoneName: hostedZone.name,
  });
  const certificate = new Certificate(scope, 'Certificate', {
    domainName: apiDomain,
    validation: CertificateValidation.fromDns(zone),
  });
  // Signatures cover the address: there must be only one.
  const httpApi = new HttpApi(scope, 'Api', {
    apiName: `voice-${stageName}`,
    createDefaultStage: false,
    disableExecuteApiEndpoint: true,
  });
  addRoutes(scope, httpApi, functions);
  // Under this prefix access logs share one resource policy of the account, whose length is limited.
  const accessLog = new LogGroup(scope, 'AccessLog', {
    logGroupName: `/aws/vendedlogs/voice-center/${stageName}/api`,
    retention: settings.logRetentionDays as RetentionDays,
    removalPolicy: RemovalPolicy.DESTROY,
  });
  const stage = makeStage(scope, httpApi, settings, accessLog);
  const domainName = new DomainName(scope, 'Domain', { domainName: apiDomain, certificate });
  new ApiMapping(scope, 'Mapping', { api: httpApi, domainName, stage });
  new ARecord(scope, 'Alias', {
    zone,
    recordName: apiDomain,
    target: RecordTarget.fromAlias(
      new ApiGatewayv2DomainProperties(domainName.regionalDomainName, domainName.regionalHostedZoneId),
    ),
  });
  return { httpApi, accessLog, certificate };
}

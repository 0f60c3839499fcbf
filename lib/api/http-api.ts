/** The HTTP API: routes from the code's own list, throttling per class, one address. */
import { RemovalPolicy } from 'aws-cdk-lib';
import { AccessLogFormat } from 'aws-cdk-lib/aws-apigateway';
import {
  ApiMapping,
  type CfnStage,
  DomainName,
  EndpointType,
  HttpApi,
  HttpMethod,
  HttpRoute,
  HttpRouteKey,
  HttpStage,
  LogGroupLogDestination,
  SecurityPolicy,
} from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import { Certificate, CertificateValidation } from 'aws-cdk-lib/aws-certificatemanager';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import { ARecord, HostedZone, RecordTarget } from 'aws-cdk-lib/aws-route53';
import { ApiGatewayv2DomainProperties } from 'aws-cdk-lib/aws-route53-targets';
import type { Construct } from 'constructs';
import { type ApiRoute, apiRoutes, type RouteClass } from '#core/http/routes.ts';
import { acknowledge } from '../acknowledged.ts';
import { accessLogFormat } from '../monitoring/access-log.ts';
import { accessLogGroup } from '../names.ts';
import type { StageSettings } from '../settings/schema.ts';

/** Requests a second, and at once: a bound for mistakes and floods; limits per caller and key are the handlers'. */
const throttles: Readonly<Record<RouteClass, { readonly ratePerSec: number; readonly burst: number }>> = {
  webhook: { ratePerSec: 200, burst: 400 },
  calls: { ratePerSec: 20, burst: 40 },
  records: { ratePerSec: 50, burst: 100 },
  public: { ratePerSec: 20, burst: 40 },
};

export interface ApiParts {
  readonly settings: StageSettings;
  readonly functions: ReadonlyMap<string, IFunction>;
}

export interface MadeApi {
  readonly httpApiId: string;
  readonly certificateArn: string;
}

export function makeHttpApi(scope: Construct, { settings, functions }: ApiParts): MadeApi {
  const api = new HttpApi(scope, 'Api', {
    apiName: `voice-${settings.stage}`,
    createDefaultStage: false,
    // Webhooks are signed for one address: there is no other one.
    disableExecuteApiEndpoint: true,
  });
  const routes = apiRoutes.map((route) => addRoute(scope, api, route, functions));
  const stage = makeStage(scope, api, settings);
  for (const route of routes) stage.node.addDependency(route);
  const certificateArn = makeDomain(scope, api, stage, settings);
  return { httpApiId: api.apiId, certificateArn };
}

const methods: Readonly<Record<ApiRoute['method'], HttpMethod>> = {
  GET: HttpMethod.GET,
  POST: HttpMethod.POST,
  DELETE: HttpMethod.DELETE,
  OPTIONS: HttpMethod.OPTIONS,
};

function addRoute(
  scope: Construct,
  api: HttpApi,
  { method, path, name }: ApiRoute,
  functions: ReadonlyMap<string, IFunction>,
): HttpRoute {
  const handler = functions.get(name);
  if (handler === undefined) throw new Error(`There is no function ${name} for ${method} ${path}`);
  const route = new HttpRoute(scope, `${method} ${path}`, {
    httpApi: api,
    routeKey: HttpRouteKey.with(path, methods[method]),
    integration: new HttpLambdaIntegration(name, handler),
  });
  acknowledge(route, 'checkedByHandlers');
  return route;
}

/** `$default`: no stage in the path, which Twilio would sign. */
function makeStage(scope: Construct, api: HttpApi, settings: StageSettings): HttpStage {
  const logGroup = new LogGroup(scope, 'AccessLog', {
    logGroupName: accessLogGroup(settings.stage),
    retention: settings.logDays as RetentionDays,
    removalPolicy: RemovalPolicy.DESTROY,
  });
  const { ratePerSec, burst } = throttles.public;
  const stage = new HttpStage(scope, 'Default', {
    httpApi: api,
    stageName: '$default',
    autoDeploy: true,
    throttle: { rateLimit: ratePerSec, burstLimit: burst },
    accessLogSettings: {
      destination: new LogGroupLogDestination(logGroup),
      format: AccessLogFormat.custom(accessLogFormat),
    },
  });
  (stage.node.defaultChild as CfnStage).routeSettings = Object.fromEntries(
    apiRoutes.map(({ method, path, class: routeClass }) => [
      `${method} ${path}`,
      {
        ThrottlingRateLimit: throttles[routeClass].ratePerSec,
        ThrottlingBurstLimit: throttles[routeClass].burst,
      },
    ]),
  );
  return stage;
}

function makeDomain(scope: Construct, api: HttpApi, stage: HttpStage, { domain }: StageSettings): string {
  const zone = HostedZone.fromHostedZoneAttributes(scope, 'Zone', {
    hostedZoneId: domain.zoneId,
    zoneName: domain.zoneName,
  });
  const certificate = new Certificate(scope, 'Certificate', {
    domainName: domain.apiHost,
    validation: CertificateValidation.fromDns(zone),
  });
  const name = new DomainName(scope, 'Domain', {
    domainName: domain.apiHost,
    certificate,
    endpointType: EndpointType.REGIONAL,
    securityPolicy: SecurityPolicy.TLS_1_2,
  });
  new ApiMapping(scope, 'Mapping', { api, domainName: name, stage });
  new ARecord(scope, 'Address', {
    zone,
    recordName: domain.apiHost,
    target: RecordTarget.fromAlias(
      new ApiGatewayv2DomainProperties(name.regionalDomainName, name.regionalHostedZoneId),
    ),
  });
  return certificate.certificateArn;
}

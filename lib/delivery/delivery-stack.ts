/** Who may deploy from GitHub: no key is kept there, each workflow is believed by its token for as long as it runs. */
import { CfnOutput, Duration, Stack, type StackProps } from 'aws-cdk-lib';
import {
  Effect,
  ManagedPolicy,
  OidcProviderNative,
  PolicyStatement,
  Role,
  WebIdentityPrincipal,
} from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { parameterPath } from '../secrets/manifest.ts';

export interface DeliveryProps extends StackProps {
  /** `owner/name` on GitHub. */
  readonly repository: string;
  /** Stages of this account. Each is a GitHub environment of the same name, which says who must approve. */
  readonly stages: readonly string[];
}

const issuer = 'token.actions.githubusercontent.com';
const audience = 'sts.amazonaws.com';
/** Qualifier of the CDK bootstrap, unless somebody has chosen another. */
const qualifier = 'hnb659fds';
/** A deploy waits for old tasks no longer than CloudFormation does. */
const sessionHours = 3;

export class DeliveryStack extends Stack {
  constructor(scope: Construct, id: string, props: DeliveryProps) {
    super(scope, id, props);
    const { repository, stages } = props;
    const provider = new OidcProviderNative(this, 'GitHub', {
      url: `https://${issuer}`,
      clientIds: [audience],
    });
    const trust = (subjects: readonly string[]) =>
      new WebIdentityPrincipal(provider.oidcProviderArn, {
        StringEquals: {
          [`${issuer}:aud`]: audience,
          [`${issuer}:sub`]: subjects.map((subject) => `repo:${repository}:${subject}`),
        },
      });

    for (const stage of stages) {
      const role = new Role(this, `Deploy-${stage}`, {
        roleName: `voice-delivery-deploy-${stage}`,
        description: `Deploys stage ${stage} of the voice center from ${repository}`,
        assumedBy: trust([`environment:${stage}`]),
        maxSessionDuration: Duration.hours(sessionHours),
      });
      for (const statement of deployStatements(this, stage)) role.addToPolicy(statement);
      new CfnOutput(this, `DeployRole-${stage}`, { value: role.roleArn });
    }

    const reader = new Role(this, 'Read', {
      roleName: 'voice-delivery-read',
      description: `Compares what is deployed with ${repository}; reads no secret and no caller's data`,
      assumedBy: trust(['pull_request', 'ref:refs/heads/main']),
      // What resources are, not what is in them.
      managedPolicies: ['job-function/ViewOnlyAccess', 'SecurityAudit'].map((name) =>
        ManagedPolicy.fromAwsManagedPolicyName(name),
      ),
    });
    for (const statement of readStatements(this)) reader.addToPolicy(statement);
    new CfnOutput(this, 'ReadRole', { value: reader.roleArn });
  }
}

/** The rest is done by the roles of the bootstrap, which CloudFormation and the CDK work with. */
function deployStatements(stack: Stack, stage: string): readonly PolicyStatement[] {
  const { account } = stack;
  const bootstrapRoles = ['deploy', 'file-publishing', 'image-publishing', 'lookup'].map(
    (kind) => `arn:${stack.partition}:iam::${account}:role/cdk-${qualifier}-${kind}-role-${account}-*`,
  );
  const path = parameterPath(stage);
  const parameter = stack.formatArn({ service: 'ssm', region: '*', resource: `parameter${path}/*` });
  return [
    new PolicyStatement({ actions: ['sts:AssumeRole', 'sts:TagSession'], resources: bootstrapRoles }),
    new PolicyStatement({ actions: ['ssm:GetParameters'], resources: [parameter] }),
    // Names and versions of parameters; AWS knows no narrower permission.
    new PolicyStatement({ actions: ['ssm:DescribeParameters'], resources: ['*'] }),
  ];
}

function readStatements(stack: Stack): readonly PolicyStatement[] {
  const version = stack.formatArn({ service: 'ssm', region: '*', resource: 'parameter/cdk-bootstrap/*' });
  return [
    new PolicyStatement({
      actions: [
        'cloudformation:Describe*',
        'cloudformation:DetectStackDrift',
        'cloudformation:DetectStackResourceDrift',
        'cloudformation:Get*',
        'cloudformation:List*',
        'ssm:DescribeParameters',
      ],
      resources: ['*'],
    }),
    new PolicyStatement({ actions: ['ssm:GetParameter'], resources: [version] }),
    new PolicyStatement({
      effect: Effect.DENY,
      actions: [
        'dynamodb:BatchGetItem',
        'dynamodb:GetItem',
        'dynamodb:Query',
        'dynamodb:Scan',
        'kms:Decrypt',
        'logs:FilterLogEvents',
        'logs:GetLogEvents',
        'logs:StartQuery',
      ],
      resources: ['*'],
    }),
  ];
}

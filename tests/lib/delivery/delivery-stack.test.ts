import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { DeliveryStack } from '#lib/delivery/delivery-stack.ts';

interface Role {
  readonly Properties: {
    readonly RoleName: string;
    readonly AssumeRolePolicyDocument: {
      readonly Statement: readonly {
        readonly Condition: { readonly StringEquals: Record<string, unknown> };
      }[];
    };
  };
}
interface Policy {
  readonly Properties: {
    readonly Roles: readonly { readonly Ref: string }[];
    readonly PolicyDocument: {
      readonly Statement: readonly {
        readonly Effect: string;
        readonly Action: string | string[];
        readonly Resource: unknown;
      }[];
    };
  };
}

const stack = new DeliveryStack(new App({ builtinCloudFormationValidation: false }), 'delivery', {
  repository: 'acme/voice',
  stages: ['dev', 'prod'],
});
const template = Template.fromStack(stack);
const roles = Object.values(template.findResources('AWS::IAM::Role')) as Role[];
const policies = Object.values(template.findResources('AWS::IAM::Policy')) as Policy[];
const subjectsOf = (name: string) =>
  roles
    .filter(({ Properties }) => Properties.RoleName === name)
    .flatMap(({ Properties }) =>
      Properties.AssumeRolePolicyDocument.Statement.map(
        ({ Condition }) => Condition.StringEquals['token.actions.githubusercontent.com:sub'],
      ),
    )
    .flat();
const statementsOf = (logicalPart: string) =>
  policies
    .filter(({ Properties }) => Properties.Roles.some(({ Ref }) => Ref.startsWith(logicalPart)))
    .flatMap(({ Properties }) => Properties.PolicyDocument.Statement);

describe('What GitHub may do', () => {
  test('is to deploy a stage from the environment of that stage alone', () => {
    assert.deepEqual(subjectsOf('voice-delivery-deploy-dev'), ['repo:acme/voice:environment:dev']);
    assert.deepEqual(subjectsOf('voice-delivery-deploy-prod'), ['repo:acme/voice:environment:prod']);
  });

  test('is to read what is deployed from pull requests and the main branch', () => {
    assert.deepEqual(subjectsOf('voice-delivery-read'), [
      'repo:acme/voice:pull_request',
      'repo:acme/voice:ref:refs/heads/main',
    ]);
  });

  test("reaches no caller's words and no secret by reading", () => {
    const denied = statementsOf('Read')
      .filter(({ Effect }) => Effect === 'Deny')
      .flatMap(({ Action }) => Action);

    for (const action of [
      'kms:Decrypt',
      'dynamodb:GetItem',
      'dynamodb:Query',
      'dynamodb:Scan',
      'logs:GetLogEvents',
    ])
      assert.ok(denied.includes(action), action);
  });

  test("lets a stage's deploy see only the secrets of that stage", () => {
    const reads = statementsOf('Deploydev').filter(({ Action }) =>
      [Action].flat().includes('ssm:GetParameters'),
    );

    assert.equal(reads.length, 1);
    assert.match(JSON.stringify(reads[0]?.Resource), /parameter\/cotrackpro\/dev\/voice\/\*/);
  });
});

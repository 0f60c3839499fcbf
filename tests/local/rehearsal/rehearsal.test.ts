import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, describe, test } from 'node:test';
import { readAssembly } from '#local/rehearsal/assembly.ts';
import { readPermissions } from '#local/rehearsal/permissions.ts';
import { runFunction } from '#local/rehearsal/run-function.ts';
import type { StageFunction } from '#local/rehearsal/stage-parts.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'assembly-'));
after(() => rmSync(folder, { recursive: true }));

const write = (name: string, content: object) =>
  writeFileSync(path.join(folder, name), JSON.stringify(content));
write('data.template.json', {
  Resources: { Calls: { Type: 'AWS::DynamoDB::GlobalTable', Properties: {} } },
  Outputs: {
    Name: { Value: { Ref: 'Calls' } },
    Arn: { Value: { 'Fn::GetAtt': ['Calls', 'Arn'] } },
  },
});
const output = (OutputName: string) => ({
  'Fn::GetStackOutput': { StackName: 'data', Region: 'us-east-1', OutputName },
});
write('api.template.json', {
  Resources: {
    Role: { Type: 'AWS::IAM::Role', Properties: {} },
    Policy: {
      Type: 'AWS::IAM::Policy',
      Properties: {
        Roles: [{ Ref: 'Role' }],
        PolicyDocument: {
          Statement: [
            { Effect: 'Allow', Action: ['dynamodb:Get*', 'dynamodb:Query'], Resource: output('Arn') },
            {
              Effect: 'Allow',
              Action: 'dynamodb:Query',
              Resource: { 'Fn::Join': ['', [output('Arn'), '/index/*']] },
            },
            {
              Effect: 'Deny',
              Action: 'dynamodb:Query',
              Resource: { 'Fn::Join': ['', [output('Arn'), '/index/byRole']] },
            },
          ],
        },
      },
    },
    Function: {
      Type: 'AWS::Lambda::Function',
      Properties: {
        // biome-ignore lint/suspicious/noTemplateCurlyInString: CloudFormation's own.
        FunctionName: { 'Fn::Sub': 'voice-${AWS::Region}' },
        Table: output('Name'),
        Last: { 'Fn::Select': [1, { 'Fn::Split': ['/', 'a/b'] }] },
      },
    },
  },
});
write('broken.template.json', {
  Resources: { Odd: { Type: 'Odd', Properties: { Value: { 'Fn::Cidr': ['10.0.0.0/16', 2, 8] } } } },
});
write('api.assets.json', { files: { abc: { source: { path: 'asset.abc' } } }, dockerImages: {} });

const assembly = readAssembly(folder);

describe('A synthesised stage', () => {
  test('is read with every value in place, also those of other stacks', () => {
    const [found] = assembly.resources('AWS::Lambda::Function');

    assert.deepEqual(found?.properties, {
      FunctionName: 'voice-us-east-1',
      Table: 'data-Calls',
      Last: 'b',
    });
    assert.equal(assembly.assetFolder('abc'), path.join(folder, 'asset.abc'));
  });

  test('is not guessed at where it says something unknown', () => {
    assert.throws(() => assembly.resources('Odd'), /Fn::Cidr/);
    assert.throws(() => assembly.assetFolder('none'));
  });
});

describe('A role of a stage', () => {
  const permissions = readPermissions(assembly);
  const role = 'arn:rehearsal:api:Role:Arn';
  const table = 'arn:rehearsal:data:Calls:Arn';
  const cases: readonly (readonly [string, string, readonly string[], boolean])[] = [
    ['what its policy lists', 'dynamodb:Query', [table], true],
    ['what a wildcard of its policy covers', 'dynamodb:GetItem', [table], true],
    ['an index that is covered', 'dynamodb:Query', [`${table}/index/byDay`], true],
    ['nothing that is denied', 'dynamodb:Query', [`${table}/index/byRole`], false],
    ['nothing that is not listed', 'dynamodb:PutItem', [table], false],
    ['nothing on another table', 'dynamodb:GetItem', ['arn:rehearsal:data:Costs:Arn'], false],
    ['nothing of which a part is not allowed', 'dynamodb:GetItem', [table, 'arn:other'], false],
  ];
  for (const [what, action, resources, allowed] of cases)
    test(`may do ${what}`, () => {
      assert.equal(permissions.mayDo(role, { action, resources }), allowed);
    });

  test('that nobody knows may do nothing', () => {
    assert.equal(permissions.mayDo('arn:nobody', { action: 'dynamodb:GetItem', resources: [table] }), false);
  });
});

describe('A function of a stage', () => {
  const source = path.join(folder, 'asset.function');
  mkdirSync(source);
  writeFileSync(
    path.join(source, 'index.cjs'),
    `exports.handler = async (event, context) => {
       if (event.fail) throw new TypeError('words of a caller');
       if (event.hang) await new Promise((resolve) => setTimeout(resolve, 60_000));
       return { stage: process.env.STAGE, home: process.env.HOME ?? null, name: context.functionName };
     };`,
  );
  const spec: StageFunction = {
    name: 'one',
    folder: source,
    handler: 'handler',
    timeoutMs: 2_000,
    memoryMb: 128,
    variables: { STAGE: 'dev' },
    role: 'role',
  };
  const start = (timeoutMs = spec.timeoutMs) =>
    runFunction(
      { ...spec, timeoutMs },
      { folder: path.join(folder, 'work'), variables: {}, onOutput: () => undefined },
    );

  test('runs with the environment of its template and nothing of ours', async (t) => {
    const running = start();
    t.after(() => running.close());

    assert.deepEqual(await running.invoke({}), { stage: 'dev', home: null, name: 'one' });
  });

  test('that throws is told by its error alone, and runs on', async (t) => {
    const running = start();
    t.after(() => running.close());

    await assert.rejects(running.invoke({ fail: true }), /^Error: one: TypeError$/);
    assert.equal(((await running.invoke({})) as { stage: string }).stage, 'dev');
  });

  test('is not waited for beyond its timeout', async (t) => {
    const running = start(300);
    t.after(() => running.close());

    await assert.rejects(running.invoke({ hang: true }), /no answer within 300 ms/);
  });
});

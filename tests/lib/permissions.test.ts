import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import type { Documents } from '#adapters/dynamodb/documents.ts';
import { apiRoutes } from '#core/http/routes.ts';
import { type TableName, tables } from '#core/records/tables.ts';
import { functionNames } from '#lib/api/function-table.ts';
import { parameters, parametersOf } from '#lib/secrets/manifest.ts';
import { callsOf } from './services-used.ts';
import { resourcesOf, type StackTemplate, templatesOf } from './stage-templates.ts';

interface Use {
  readonly table: TableName;
  /** Methods that read in another table as well. */
  readonly alsoIn?: Readonly<Record<string, TableName>>;
  readonly reads: readonly string[];
  /** Methods that never reach the table. */
  readonly others?: readonly string[];
}

/** What lies behind each service: its table, and the methods that only read it. Every other method writes. */
const uses: Readonly<Record<string, Use>> = {
  store: { table: 'calls', reads: ['find', 'list', 'turns', 'costEvents', 'listStale'] },
  costs: {
    table: 'costs',
    reads: [
      'totals',
      'totalsBy',
      'allTotals',
      'rollups',
      'months',
      'removed',
      'reconciliations',
      'quotas',
      'callsBegun',
    ],
    // The calls of a day are found by an index of their own table.
    alsoIn: { callsBegun: 'calls' },
  },
  budgets: { table: 'costs', reads: ['taken'] },
  alerts: { table: 'costs', reads: ['open', 'resolved'] },
  budgetGuard: { table: 'costs', reads: [], others: ['accounts'] },
  blockList: { table: 'limits', reads: ['isBlocked'] },
  callerGate: { table: 'limits', reads: ['isBlocked'] },
  limiter: { table: 'limits', reads: [] },
  conducts: { table: 'limits', reads: ['find'] },
  idempotency: { table: 'limits', reads: [] },
  outboundPlans: { table: 'limits', reads: ['find'] },
  consents: { table: 'consents', reads: ['list', 'find'] },
};

type Access = Partial<Record<TableName, 'read' | 'write'>>;

function accessNeeded(name: string): Access {
  const calls = new Set(callsOf(name, Object.keys(uses)));
  // The frame of routes for keys counts their requests.
  if (apiRoutes.some((route) => route.name === name && route.scope !== undefined)) calls.add('limiter.take');
  const needed: Access = {};
  for (const call of calls) {
    const [member = '', method = ''] = call.split('.');
    const use = uses[member];
    if (use === undefined || use.others?.includes(method)) continue;
    if (!use.reads.includes(method)) needed[use.table] = 'write';
    else needed[use.table] ??= 'read';
    const other = use.alsoIn?.[method];
    if (other !== undefined) needed[other] ??= 'read';
  }
  return needed;
}

interface Statement {
  readonly actions: readonly string[];
  readonly resources: readonly unknown[];
}

const asList = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [value]);

function statementsOf(template: StackTemplate, role: string): readonly Statement[] {
  return resourcesOf(template, 'AWS::IAM::Policy')
    .filter(([, { Roles }]) => JSON.stringify(Roles).includes(`"${role}"`))
    .flatMap(([, { PolicyDocument }]) =>
      (PolicyDocument as { Statement: { Action: unknown; Resource: unknown }[] }).Statement.map(
        ({ Action, Resource }) => ({ actions: asList(Action) as string[], resources: asList(Resource) }),
      ),
    );
}

/** The table an ARN belongs to. */
const tableIn = (resource: unknown): TableName | undefined =>
  (Object.keys(tables) as TableName[]).find((table) => JSON.stringify(resource).includes(`GetAtt${table}`));

function accessGranted(statements: readonly Statement[]): Access {
  const granted: Access = {};
  for (const { actions, resources } of statements) {
    const isWrite = actions.some((action) => /^dynamodb:(Put|Update|Delete|BatchWrite)/.test(action));
    for (const table of resources.map(tableIn))
      if (table !== undefined) granted[table] = isWrite || granted[table] === 'write' ? 'write' : 'read';
  }
  return granted;
}

const roleOf = (properties: Readonly<Record<string, unknown>>, property: string): string =>
  ((properties[property] as { 'Fn::GetAtt': [string, string] })['Fn::GetAtt'] ?? [''])[0];

const functionRole = (template: StackTemplate, name: string): string => {
  const found = resourcesOf(template, 'AWS::Lambda::Function').find(([, { Handler, FunctionName }]) =>
    Boolean(
      Handler &&
        String(FunctionName).endsWith(`-${name}`) &&
        String(FunctionName).split('-').slice(2).join('-') === name,
    ),
  );
  assert.ok(found, `there is no function ${name}`);
  return roleOf(found[1], 'Role');
};

const root = path.resolve(import.meta.dirname, '../..');
/** These belong to commands of operators and of one machine, not to a bundle. */
const notDeployed = ['create-tables.ts', 'block-list-admin.ts'];

const actions: Readonly<Record<keyof Omit<Documents, 'client' | 'destroy'>, string>> = {
  get: 'GetItem',
  put: 'PutItem',
  update: 'UpdateItem',
  delete: 'DeleteItem',
  query: 'Query',
  scan: 'Scan',
  batchGet: 'BatchGetItem',
  batchWrite: 'BatchWriteItem',
};

const sdkActions = new Set(
  globSync('adapters/dynamodb/*.ts', { cwd: root })
    .filter((file) => !notDeployed.includes(path.basename(file)))
    .flatMap((file) => [...readFileSync(path.join(root, file), 'utf8').matchAll(/documents\.(\w+)\(/g)])
    .map(([, name = '']) => `dynamodb:${actions[name as keyof typeof actions]}`),
);

describe('The role of a function', () => {
  const { api } = templatesOf['prod'] as (typeof templatesOf)[string];

  for (const name of functionNames)
    test(`${name} may do to tables what its code does, and no more`, () => {
      const granted = accessGranted(statementsOf(api, functionRole(api, name)));

      assert.deepEqual(granted, accessNeeded(name));
    });

  test('names only requests that the adapters can send', () => {
    const granted = resourcesOf(api, 'AWS::Lambda::Function')
      .flatMap(([, properties]) => statementsOf(api, roleOf(properties, 'Role')))
      .flatMap(({ actions }) => actions)
      .filter((action) => action.startsWith('dynamodb:'));

    // Only operators' commands read whole tables.
    const wanted = [...sdkActions].filter((action) => action !== 'dynamodb:Scan');
    assert.deepEqual([...new Set(granted)].sort(), wanted.sort());
  });

  test('may read the parameters that the manifest gives it, and no others', () => {
    const optional = parameters.filter((spec) => spec.optional).map(({ id }) => id);
    for (const name of functionNames) {
      const read = statementsOf(api, functionRole(api, name))
        .filter(({ actions }) => actions.some((action) => action.startsWith('ssm:')))
        .flatMap(({ resources }) => resources.map((arn) => String(arn).split(':parameter')[1]));

      const wanted = parametersOf(name, optional).map(({ parameterName }) => parameterName('prod'));
      assert.deepEqual(read.toSorted(), wanted.toSorted(), name);
    }
  });
});

describe('The role of a media task', () => {
  const { media } = templatesOf['prod'] as (typeof templatesOf)[string];
  const [task] = resourcesOf(media, 'AWS::ECS::TaskDefinition');
  const statements = statementsOf(media, roleOf(task?.[1] ?? {}, 'TaskRoleArn'));

  test('reaches the tables of calls, costs and limits, and protects its own tasks', () => {
    assert.deepEqual(accessGranted(statements), { calls: 'write', costs: 'write', limits: 'write' });
    assert.deepEqual(
      statements.flatMap(({ actions }) => actions.filter((action) => action.startsWith('ecs:'))).sort(),
      ['ecs:GetTaskProtection', 'ecs:UpdateTaskProtection'],
    );
  });
});

test('A star as the whole resource stands only where AWS knows no narrower one', () => {
  const starred = Object.values(templatesOf).flatMap((stage) =>
    Object.values(stage).flatMap((template) =>
      resourcesOf(template, 'AWS::IAM::Policy').flatMap(([, { PolicyDocument }]) =>
        (PolicyDocument as { Statement: { Action: unknown; Resource: unknown }[] }).Statement.filter(
          ({ Action, Resource }) => asList(Resource).includes('*') || asList(Action).includes('*'),
        ).flatMap(({ Action }) => asList(Action)),
      ),
    ),
  );

  assert.deepEqual([...new Set(starred)].sort(), [
    'cloudwatch:GetMetricStatistics',
    'ecr:GetAuthorizationToken',
  ]);
});

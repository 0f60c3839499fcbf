/** What of a stage runs: its functions, routes, tables, schedules and its media task, as the templates say. */
import * as z from 'zod';
import type { Assembly } from './assembly.ts';

export interface StageFunction {
  readonly name: string;
  /** Holds `index.cjs`. */
  readonly folder: string;
  readonly handler: string;
  readonly timeoutMs: number;
  readonly memoryMb: number;
  readonly variables: Readonly<Record<string, string>>;
  /** As policies know it. */
  readonly role: string;
}

export interface StageRoute {
  readonly method: string;
  readonly path: string;
  /** Name of the function. */
  readonly name: string;
}

export interface StageTask {
  /** The build context of the image. */
  readonly folder: string;
  readonly variables: Readonly<Record<string, string>>;
  /** Names of parameters by variable. */
  readonly secrets: Readonly<Record<string, string>>;
  readonly stopTimeoutMs: number;
  /** What stands before a parameter's name in its ARN. */
  readonly parameterArnPrefix: string;
  readonly role: string;
  /** Starts the task, and reads its secrets for that. */
  readonly executionRole: string;
}

export interface StageParts {
  readonly functions: readonly StageFunction[];
  readonly routes: readonly StageRoute[];
  /** As `CreateTable` takes them. */
  readonly tables: readonly StageTable[];
  /** By table name, as policies know it. */
  readonly tableArns: ReadonlyMap<string, string>;
  readonly task: StageTask;
  /** Names of functions that a schedule starts. */
  readonly scheduled: readonly string[];
}

const text = z.record(z.string(), z.string());
const functionSchema = z.object({
  FunctionName: z.string(),
  Code: z.object({ S3Key: z.string().regex(/^[0-9a-f]{64}\.zip$/) }),
  Handler: z.string().regex(/^index\.\w+$/),
  Timeout: z.number(),
  MemorySize: z.number(),
  Runtime: z.literal('nodejs24.x'),
  Role: z.string(),
  Environment: z.object({ Variables: text }),
});
const routeSchema = z.object({
  RouteKey: z.string().regex(/^[A-Z]+ \//),
  Target: z.string().regex(/^integrations\//),
});
const integrationSchema = z.object({
  IntegrationUri: z.string(),
  PayloadFormatVersion: z.literal('2.0'),
});
const keySchema = z.array(z.object({ AttributeName: z.string(), KeyType: z.enum(['HASH', 'RANGE']) }));
const tableSchema = z.object({
  TableName: z.string().optional(),
  BillingMode: z.literal('PAY_PER_REQUEST'),
  AttributeDefinitions: z.array(
    z.object({ AttributeName: z.string(), AttributeType: z.enum(['S', 'N', 'B']) }),
  ),
  KeySchema: keySchema,
  GlobalSecondaryIndexes: z
    .array(
      z.object({
        IndexName: z.string(),
        KeySchema: keySchema,
        Projection: z.object({ ProjectionType: z.enum(['ALL', 'KEYS_ONLY', 'INCLUDE']) }),
      }),
    )
    .optional(),
});
const taskSchema = z.object({
  TaskRoleArn: z.string(),
  ExecutionRoleArn: z.string(),
  ContainerDefinitions: z
    .array(
      z.object({
        Image: z.string(),
        Environment: z.array(z.object({ Name: z.string(), Value: z.string() })),
        Secrets: z.array(z.object({ Name: z.string(), ValueFrom: z.string() })),
        StopTimeout: z.number(),
      }),
    )
    .length(1),
});
const scheduleSchema = z.object({ Target: z.object({ Arn: z.string() }) });

type TableProperties = z.infer<typeof tableSchema>;
export interface StageTable extends Omit<TableProperties, 'TableName'> {
  readonly TableName: string;
}

const arnOf = (stack: string, logicalId: string) => `arn:rehearsal:${stack}:${logicalId}:Arn`;

/** Throws `ZodError` when a resource is not what this stage may have. */
export function readStageParts(assembly: Assembly): StageParts {
  const namesByArn = new Map<string, string>();
  const functions = assembly.resources('AWS::Lambda::Function').map((resource) => {
    const { Code, Handler, Timeout, MemorySize, Environment, Role } = functionSchema.parse(
      resource.properties,
    );
    const name = assembly.refOf(resource);
    namesByArn.set(arnOf(resource.stack, resource.logicalId), name);
    return {
      name,
      folder: assembly.assetFolder(Code.S3Key.replace('.zip', '')),
      handler: Handler.replace('index.', ''),
      timeoutMs: Timeout * 1000,
      memoryMb: MemorySize,
      variables: Environment.Variables,
      role: Role,
    };
  });
  const nameOf = (arn: string): string => {
    const name = namesByArn.get(arn);
    if (name === undefined) throw new Error(`There is no function ${arn}`);
    return name;
  };
  const tables = assembly.resources('AWS::DynamoDB::GlobalTable');
  return {
    functions,
    routes: readRoutes(assembly, nameOf),
    tables: tables.map((resource) => ({
      ...tableSchema.parse(resource.properties),
      TableName: assembly.refOf(resource),
    })),
    tableArns: new Map(tables.map((table) => [assembly.refOf(table), arnOf(table.stack, table.logicalId)])),
    task: readTask(assembly),
    scheduled: assembly
      .resources('AWS::Scheduler::Schedule')
      .map(({ properties }) => nameOf(scheduleSchema.parse(properties).Target.Arn)),
  };
}

function readRoutes(assembly: Assembly, nameOf: (arn: string) => string): readonly StageRoute[] {
  const targets = new Map(
    assembly
      .resources('AWS::ApiGatewayV2::Integration')
      .map((resource) => [
        `integrations/${assembly.refOf(resource)}`,
        integrationSchema.parse(resource.properties).IntegrationUri,
      ]),
  );
  return assembly.resources('AWS::ApiGatewayV2::Route').map(({ properties }) => {
    const { RouteKey, Target } = routeSchema.parse(properties);
    const [method = '', path = ''] = RouteKey.split(' ');
    return { method, path, name: nameOf(targets.get(Target) ?? '') };
  });
}

function readTask(assembly: Assembly): StageTask {
  const [resource, ...more] = assembly.resources('AWS::ECS::TaskDefinition');
  if (resource === undefined || more.length > 0) throw new Error('A stage has one task definition');
  const { ContainerDefinitions, TaskRoleArn, ExecutionRoleArn } = taskSchema.parse(resource.properties);
  const [container] = ContainerDefinitions;
  if (container === undefined) throw new Error('The task has no container');
  const { Image, Environment, Secrets, StopTimeout } = container;
  return {
    folder: assembly.assetFolder(Image.slice(Image.lastIndexOf(':') + 1)),
    variables: Object.fromEntries(Environment.map(({ Name, Value }) => [Name, Value])),
    secrets: Object.fromEntries(
      Secrets.map(({ Name, ValueFrom }) => [Name, ValueFrom.slice(ValueFrom.indexOf(':parameter') + 10)]),
    ),
    stopTimeoutMs: StopTimeout * 1000,
    parameterArnPrefix: Secrets[0]?.ValueFrom.replace(/(:parameter).*$/, '$1') ?? '',
    role: TaskRoleArn,
    executionRole: ExecutionRoleArn,
  };
}

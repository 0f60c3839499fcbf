/** A synthesised stage read as CloudFormation would: every value of its templates, resolved. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import * as z from 'zod';

const resourceSchema = z.object({
  Type: z.string(),
  Properties: z.record(z.string(), z.unknown()).default({}),
});
const templateSchema = z.object({
  Resources: z.record(z.string(), resourceSchema),
  Outputs: z.record(z.string(), z.object({ Value: z.unknown() })).default({}),
});
type Template = z.infer<typeof templateSchema>;

const assetsSchema = z.object({
  files: z.record(z.string(), z.object({ source: z.object({ path: z.string().optional() }) })).default({}),
  dockerImages: z
    .record(z.string(), z.object({ source: z.object({ directory: z.string().optional() }) }))
    .default({}),
});

export interface Resource {
  readonly stack: string;
  readonly logicalId: string;
  readonly type: string;
  /** Without intrinsic functions. */
  readonly properties: Readonly<Record<string, unknown>>;
}

export interface Assembly {
  resources(type: string): readonly Resource[];
  /** What `Ref` gives for a resource. */
  refOf(resource: Resource): string;
  /** Folder of an asset, by the hash that templates name it with. Throws when there is none. */
  assetFolder(hash: string): string;
}

/** Properties that are the name `Ref` gives; without one CloudFormation makes a name. */
const nameProperties: Readonly<Record<string, string>> = {
  'AWS::DynamoDB::GlobalTable': 'TableName',
  'AWS::Lambda::Function': 'FunctionName',
  'AWS::Logs::LogGroup': 'LogGroupName',
  'AWS::SQS::Queue': 'QueueName',
  'AWS::Scheduler::ScheduleGroup': 'Name',
};

/** @param folder a cloud assembly. Throws on what is not one, or uses a function that is not known here. */
export function readAssembly(folder: string): Assembly {
  const templates = new Map<string, Template>();
  const assets = new Map<string, string>();
  for (const file of readdirSync(folder).sort()) {
    const read = (): unknown => JSON.parse(readFileSync(path.join(folder, file), 'utf8'));
    if (file.endsWith('.template.json'))
      templates.set(file.replace('.template.json', ''), templateSchema.parse(read()));
    if (file.endsWith('.assets.json')) noteAssets(assetsSchema.parse(read()), assets);
  }
  const resolver = createResolver(templates);
  return {
    resources: (type) =>
      [...templates].flatMap(([stack, { Resources }]) =>
        Object.entries(Resources)
          .filter(([, resource]) => resource.Type === type)
          .map(([logicalId, { Properties }]) => ({
            stack,
            logicalId,
            type,
            properties: resolver.resolve(Properties, stack) as Record<string, unknown>,
          })),
      ),
    refOf: ({ stack, logicalId }) => resolver.ref(logicalId, stack),
    assetFolder(hash) {
      const found = assets.get(hash);
      if (found === undefined) throw new Error(`There is no asset ${hash}`);
      return path.join(folder, found);
    },
  };
}

function noteAssets(
  { files, dockerImages }: z.infer<typeof assetsSchema>,
  assets: Map<string, string>,
): void {
  for (const [hash, { source }] of Object.entries(files))
    if (source.path !== undefined) assets.set(hash, source.path);
  for (const [hash, { source }] of Object.entries(dockerImages))
    if (source.directory !== undefined) assets.set(hash, source.directory);
}

const pseudo: Readonly<Record<string, string>> = {
  'AWS::Partition': 'aws',
  'AWS::Region': 'us-east-1',
  'AWS::AccountId': '000000000000',
  'AWS::URLSuffix': 'amazonaws.com',
  'AWS::NoValue': '',
};

type Argument = readonly unknown[];

function createResolver(templates: ReadonlyMap<string, Template>) {
  const templateOf = (stack: string): Template => {
    const template = templates.get(stack);
    if (template === undefined) throw new Error(`There is no stack ${stack}`);
    return template;
  };

  const ref = (logicalId: string, stack: string): string => {
    const known = pseudo[logicalId];
    if (known !== undefined) return known;
    const resource = templateOf(stack).Resources[logicalId];
    if (resource === undefined) return `${stack}.${logicalId}`;
    const name = resource.Properties[nameProperties[resource.Type] ?? ''];
    return typeof name === 'string' ? name : `${stack}-${logicalId}`;
  };
  /** An ARN as its owner would be known by; only equality matters here. */
  const attribute = (logicalId: string, name: string, stack: string): string =>
    `arn:rehearsal:${stack}:${logicalId}:${name}`;

  const functions: Readonly<Record<string, (argument: unknown, stack: string) => unknown>> = {
    Ref: (argument, stack) => ref(String(argument), stack),
    'Fn::GetAtt': (argument, stack) => {
      const [logicalId, name] = typeof argument === 'string' ? argument.split('.') : (argument as Argument);
      return attribute(String(logicalId), String(name), stack);
    },
    'Fn::Join': (argument, stack) => {
      const [separator, parts] = resolve(argument, stack) as [string, string[]];
      return parts.join(separator);
    },
    'Fn::Select': (argument, stack) => {
      const [index, list] = resolve(argument, stack) as [number | string, unknown[]];
      return list[Number(index)];
    },
    'Fn::Split': (argument, stack) => {
      const [separator, text] = resolve(argument, stack) as [string, string];
      return text.split(separator);
    },
    'Fn::Sub': (argument, stack) =>
      String(argument).replaceAll(/\$\{([^}]+)\}/g, (_, name: string) => ref(name, stack)),
    'Fn::GetAZs': () => ['a', 'b'],
    'Fn::GetStackOutput': (argument) => {
      const { StackName, OutputName } = argument as { StackName: string; OutputName: string };
      const output = templateOf(StackName).Outputs[OutputName];
      if (output === undefined) throw new Error(`${StackName} has no output ${OutputName}`);
      return resolve(output.Value, StackName);
    },
  };

  const resolve = (value: unknown, stack: string): unknown => {
    if (Array.isArray(value)) return value.map((item) => resolve(item, stack));
    if (typeof value !== 'object' || value === null) return value;
    const entries = Object.entries(value);
    const [only] = entries;
    if (entries.length === 1 && only !== undefined) {
      const [name, argument] = only;
      const run = functions[name];
      if (run) return run(argument, stack);
      if (name.startsWith('Fn::')) throw new Error(`${name} is not known to the rehearsal`);
    }
    return Object.fromEntries(entries.map(([key, item]) => [key, resolve(item, stack)]));
  };
  return { resolve, ref };
}

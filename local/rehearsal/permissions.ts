/** What the roles of a stage may ask of tables and parameters, as their policies in the templates say. */
import * as z from 'zod';
import type { Assembly } from './assembly.ts';

export interface Request {
  /** Such as `dynamodb:PutItem`. */
  readonly action: string;
  /** Each must be allowed. */
  readonly resources: readonly string[];
}

export interface Permissions {
  /** @param role as `Fn::GetAtt` names it. */
  mayDo(role: string, request: Request): boolean;
}

const list = z.union([z.string(), z.array(z.string())]).transform((value) => [value].flat());
const policySchema = z.object({
  Roles: z.array(z.string()),
  PolicyDocument: z.object({
    Statement: z.array(z.object({ Effect: z.enum(['Allow', 'Deny']), Action: list, Resource: list })),
  }),
});

interface Statement {
  readonly isAllowing: boolean;
  readonly actions: readonly RegExp[];
  readonly resources: readonly RegExp[];
}

/** `*` and `?` as in IAM. */
const wildcard = (pattern: string): RegExp =>
  new RegExp(
    `^${pattern
      .replaceAll(/[$()+.[\\\]^{|}]/g, '\\$&')
      .replaceAll('*', '.*')
      .replaceAll('?', '.')}$`,
    's',
  );

export const roleArn = (stack: string, logicalId: string) => `arn:rehearsal:${stack}:${logicalId}:Arn`;

export function readPermissions(assembly: Assembly): Permissions {
  const roles = new Map(
    assembly
      .resources('AWS::IAM::Role')
      .map((role) => [assembly.refOf(role), roleArn(role.stack, role.logicalId)]),
  );
  const byRole = new Map<string, Statement[]>();
  for (const { properties } of assembly.resources('AWS::IAM::Policy')) {
    const { Roles, PolicyDocument } = policySchema.parse(properties);
    const statements = PolicyDocument.Statement.map(({ Effect, Action, Resource }) => ({
      isAllowing: Effect === 'Allow',
      actions: Action.map(wildcard),
      resources: Resource.map(wildcard),
    }));
    for (const name of Roles) {
      const role = roles.get(name) ?? name;
      byRole.set(role, [...(byRole.get(role) ?? []), ...statements]);
    }
  }
  return {
    mayDo(role, { action, resources }) {
      const about = (byRole.get(role) ?? []).filter(({ actions }) => actions.some((one) => one.test(action)));
      return resources.every((resource) => {
        const fitting = about.filter((statement) => statement.resources.some((one) => one.test(resource)));
        return fitting.length > 0 && fitting.every(({ isAllowing }) => isAllowing);
      });
    },
  };
}

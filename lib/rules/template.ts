/** A synthesised template, as far as the rules look into it. */
export type Properties = Readonly<Record<string, unknown>>;

export interface Resource {
  readonly Type: string;
  readonly Properties?: Properties;
}

export interface Template {
  readonly Resources: Readonly<Record<string, Resource>>;
}

export interface Finding {
  readonly resource: string;
  readonly what: string;
}

/** A limit that CloudFormation or the service behind it tells only while it deploys. */
export interface Rule {
  readonly id: string;
  /** With its source. */
  readonly why: string;
  readonly find: (template: Template) => readonly Finding[];
}

export function resourcesOf(template: Template, type: string): readonly (readonly [string, Properties])[] {
  return Object.entries(template.Resources)
    .filter(([, resource]) => resource.Type === type)
    .map(([id, { Properties = {} }]) => [id, Properties]);
}

/** @returns undefined for a value that only CloudFormation knows. */
export const numberOf = (value: unknown): number | undefined => {
  if (typeof value === 'number') return value;
  return typeof value === 'string' && /^\d+(\.\d+)?$/.test(value) ? Number(value) : undefined;
};

export const listOf = (value: unknown): readonly Properties[] =>
  Array.isArray(value) ? (value as readonly Properties[]) : [];

export const objectOf = (value: unknown): Properties =>
  typeof value === 'object' && value !== null ? (value as Properties) : {};

/** A rule about one property of one type of resource. */
export function propertyRule(
  id: string,
  why: string,
  type: string,
  problem: (properties: Properties, template: Template) => string | undefined,
): Rule {
  return {
    id,
    why,
    find: (template) =>
      resourcesOf(template, type).flatMap(([resource, properties]) => {
        const what = problem(properties, template);
        return what === undefined ? [] : [{ resource, what }];
      }),
  };
}

/** @returns a problem for a number that is known and out of bounds. */
export function outOfRange(name: string, value: unknown, from: number, to: number): string | undefined {
  const number = numberOf(value);
  if (number === undefined || (number >= from && number <= to)) return undefined;
  return `${name} is ${number}: it may be ${from} to ${to}`;
}

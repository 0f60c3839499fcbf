/** A limit that CloudFormation finds only when it deploys, checked on the template instead. */

export interface Resource {
  readonly Type: string;
  readonly Properties?: Readonly<Record<string, unknown>>;
}

export interface Template {
  readonly Resources?: Readonly<Record<string, Resource>>;
  readonly Outputs?: Readonly<Record<string, unknown>>;
}

export interface Problem {
  /** Logical id of the resource; undefined for the template as a whole. */
  readonly resource: string | undefined;
  readonly message: string;
}

export interface Rule {
  readonly id: string;
  /** What goes wrong, and where the number comes from. */
  readonly why: string;
  readonly check: (template: Template) => readonly Problem[];
}

type Properties = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Properties =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The value at a path of property names; undefined where the path ends early. */
export function at(value: unknown, ...path: readonly string[]): unknown {
  return path.reduce<unknown>((inner, key) => (isObject(inner) ? inner[key] : undefined), value);
}

export const listAt = (value: unknown, ...path: readonly string[]): readonly unknown[] => {
  const found = at(value, ...path);
  return Array.isArray(found) ? found : [];
};

/** Numbers, and numbers written as text. */
export const numberAt = (value: unknown, ...path: readonly string[]): number | undefined => {
  const found = at(value, ...path);
  if (typeof found === 'number') return found;
  return typeof found === 'string' && found.trim() !== '' && Number.isFinite(Number(found))
    ? Number(found)
    : undefined;
};

/** Checks every resource of a type on its own. @param problem what is wrong with it, if anything */
export function ruleFor(
  type: string,
  id: string,
  why: string,
  problem: (properties: Properties) => string | undefined,
): Rule {
  return {
    id,
    why,
    check: ({ Resources = {} }) =>
      Object.entries(Resources).flatMap(([resource, { Type, Properties: properties = {} }]) => {
        const message = Type === type ? problem(properties) : undefined;
        return message === undefined ? [] : [{ resource, message }];
      }),
  };
}

/** @returns a message unless the number is absent or within bounds. */
export function outside(
  name: string,
  value: number | undefined,
  min: number,
  max: number,
): string | undefined {
  if (value === undefined || (value >= min && value <= max)) return undefined;
  return `${name} is ${value}, and must be from ${min} to ${max}`;
}

export const firstOf = (...problems: readonly (string | undefined)[]): string | undefined =>
  problems.find((problem) => problem !== undefined);

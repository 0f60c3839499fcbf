/** Finds the route of a request as an HTTP API does: literal segments before variables, unknown methods are unknown routes. */

export interface RouteKey {
  /** Upper case. */
  readonly method: string;
  /** `/records/{callSid}`; segments in braces are variables. */
  readonly path: string;
}

export interface RouteMatch<Route> {
  readonly route: Route;
  readonly pathParameters: Readonly<Record<string, string>>;
}

const variable = /^\{(.+)\}$/;

const segmentsOf = (path: string) => path.split('/').slice(1);

function matchPath(template: readonly string[], path: readonly string[]): Record<string, string> | undefined {
  if (template.length !== path.length) return undefined;
  const parameters: Record<string, string> = {};
  for (const [i, part] of template.entries()) {
    const actual = path[i] as string;
    const name = variable.exec(part)?.[1];
    if (name === undefined && part !== actual) return undefined;
    if (name !== undefined && actual === '') return undefined;
    if (name !== undefined) parameters[name] = actual;
  }
  return parameters;
}

/** Sorts first the template that is literal where the other has a variable. */
const literalFirst = (template: readonly string[]) =>
  template.map((part) => (variable.test(part) ? '1' : '0')).join('');

/** @returns a function of method and decoded path. */
export function createRouteMatcher<Route extends RouteKey>(
  routes: readonly Route[],
): (method: string, path: string) => RouteMatch<Route> | undefined {
  const entries = routes
    .map((route) => ({ route, template: segmentsOf(route.path) }))
    .sort((a, b) => (literalFirst(a.template) < literalFirst(b.template) ? -1 : 1));
  return (method, path) => {
    const segments = segmentsOf(path);
    for (const { route, template } of entries) {
      if (route.method !== method) continue;
      const pathParameters = matchPath(template, segments);
      if (pathParameters) return { route, pathParameters };
    }
    return undefined;
  };
}

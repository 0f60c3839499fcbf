import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { keyRules } from '#core/http/key-limits.ts';
import { openApiDocument } from '#core/http/openapi.ts';
import { describedRoutes } from '#core/http/operations.ts';

interface Described {
  readonly description?: string;
  readonly parameters: readonly {
    readonly name: string;
    readonly in: string;
    readonly schema: { readonly default?: unknown };
  }[];
  readonly responses: Readonly<Record<string, { readonly headers: object }>>;
}

const { paths } = openApiDocument({ version: 'test', serverUrl: 'https://voice.example.com' }) as unknown as {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Described>>>>;
};

const routes = describedRoutes().map(({ route, operation }) => {
  const described = paths[route.path]?.[route.method.toLowerCase()];
  assert.ok(described);
  return { route, operation, described };
});

describe('The document', () => {
  let defaults = 0;
  for (const { route, operation, described } of routes)
    for (const [name, schema] of Object.entries(operation.query?.shape ?? {})) {
      const { data: usual } = schema.safeParse(undefined);
      if (usual === undefined) continue;
      defaults += 1;

      test(`tells what ${route.method} ${route.path} takes for ${name} when none is given`, () => {
        const found = described.parameters.find((one) => one.in === 'query' && one.name === name);

        assert.notEqual(found?.schema.default, undefined);
        assert.deepEqual(schema.parse(String(found?.schema.default)), usual);
      });
    }

  test('tells of no value for a parameter that has none', () => {
    const told = routes.flatMap(({ described: { parameters } }) =>
      parameters.filter((one) => one.in === 'query' && one.schema.default !== undefined),
    );

    assert.ok(defaults >= 8, String(defaults));
    assert.equal(told.length, defaults);
  });

  test('tells how often a key may ask, and that every counted answer says what is left', () => {
    for (const { route, described } of routes.filter(({ route: { auth } }) => auth === 'key')) {
      for (const { max, seconds } of keyRules[route.scope ?? 'calls:write'].windows)
        assert.ok(described.description?.includes(`${max} in ${seconds} seconds`), route.path);
      for (const [status, { headers }] of Object.entries(described.responses))
        assert.equal('ratelimit-remaining' in headers, !['401', '403', '409'].includes(status), status);
    }
  });
});

import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import { apiRoutes } from '#core/http/routes.ts';

const folder = path.resolve(import.meta.dirname, '../../../lambdas/http');

describe('The routes', () => {
  test('each have a function of their name, and every function has a route', () => {
    const handlers = readdirSync(folder).filter((file) =>
      /^(?!record-answer|record-pages)[a-z-]+\.ts$/.test(file),
    );

    for (const { name } of apiRoutes) assert.equal(existsSync(path.join(folder, `${name}.ts`)), true, name);
    assert.deepEqual(
      handlers.map((file) => file.replace('.ts', '')).toSorted(),
      [...new Set(apiRoutes.map(({ name }) => name))].toSorted(),
    );
  });

  test('are each there once', () => {
    const keys = apiRoutes.map(({ method, path: at }) => `${method} ${at}`);

    assert.equal(new Set(keys).size, keys.length);
  });

  test('with a key say what it must be allowed, and the others do not', () => {
    for (const { auth, scope, path: at } of apiRoutes) assert.equal(scope !== undefined, auth === 'key', at);
  });

  test('of calls and records are open to nobody without a signature or a key', () => {
    const open = apiRoutes.filter(({ auth }) => auth === 'none').map(({ path: at }) => at);

    assert.deepEqual(
      [...new Set(open)],
      ['/web-call/register', '/api/consent', '/health', '/openapi.json', '/docs'],
    );
  });
});

/** Every route with its real function behind the gateway of one machine, on services of the test's. */
import { apiRoutes } from '#core/http/routes.ts';
import type { LoadServices } from '#lambdas/services.ts';
import { type Handler, type HttpApi, startHttpApi } from '#local/http/http-api.ts';

export async function startLocalApi(
  load: LoadServices,
  onFunctionError: (functionName: string, error: unknown) => void,
): Promise<HttpApi> {
  const names = [...new Set(apiRoutes.map(({ name }) => name))];
  const handlers = names.map(async (name) => {
    const module = (await import(`../../lambdas/http/${name}.ts`)) as Record<string, unknown>;
    const create = Object.entries(module).find(([key]) => key.startsWith('create'))?.[1];
    return [name, (create as (load: LoadServices) => Handler)(load)] as const;
  });
  return startHttpApi({
    routes: apiRoutes,
    handlers: new Map(await Promise.all(handlers)),
    port: 0,
    onFunctionError,
  });
}

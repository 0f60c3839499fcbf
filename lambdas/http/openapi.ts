/** `GET /openapi.json`: what the API takes and answers. */
import { openApiDocument } from '#core/http/openapi.ts';
import type { LoadServices } from '../services.ts';
import { apiFunction } from '../stacks/api-function.ts';
import { wire } from '../wire.ts';

export const createOpenApi = (load: LoadServices) => {
  /** Made on the first request: it is the same for the life of the process. */
  let text: string | undefined;
  return apiFunction(load, undefined, async (_request, { config }) => {
    text ??= JSON.stringify(
      openApiDocument({ version: config.SERVICE_VERSION, serverUrl: config.PUBLIC_BASE_URL }),
    );
    return { status: 200, text };
  });
};

export const handler = createOpenApi(wire);

/** `GET /docs`: a page to read the API's document and to try it. */

import { docsPage, docsPageHeaders } from '../pages/docs-page.ts';
import type { LoadServices } from '../services.ts';
import { apiFunction } from '../stacks/api-function.ts';
import { wire } from '../wire.ts';

export const createDocs = (load: LoadServices) =>
  apiFunction(load, undefined, async () => ({
    status: 200,
    text: docsPage,
    contentType: 'text/html; charset=utf-8',
    headers: docsPageHeaders,
  }));

export const handler = createDocs(wire);

/** `GET /records`: all calls, newest first. */

import type { LoadServices } from '../services.ts';
import { apiFunction } from '../stacks/api-function.ts';
import { wire } from '../wire.ts';
import { recordPage } from './record-pages.ts';

export const createRecordsList = (load: LoadServices) =>
  apiFunction(load, 'records:read', (request, services) => recordPage(request, services, { by: 'day' }));

export const handler = createRecordsList(wire);

/** `GET /records/by-status/{status}`: the calls in one state, newest first. */
import { statusPathSchema } from '#core/http/records.ts';
import { parseInput } from '../parse-input.ts';
import type { LoadServices } from '../services.ts';
import { apiFunction } from '../stacks/api-function.ts';
import { wire } from '../wire.ts';
import { recordPage } from './record-pages.ts';

export const createRecordsByStatus = (load: LoadServices) =>
  apiFunction(load, 'records:read', (request, services) => {
    const { status } = parseInput(statusPathSchema, request.event.pathParameters);
    return recordPage(request, services, { by: 'status', status });
  });

export const handler = createRecordsByStatus(wire);

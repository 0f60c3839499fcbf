/** `GET /records/by-role/{role}`: the calls of one role, newest first. */
import { rolePathSchema } from '#core/http/records.ts';
import { parseInput } from '../parse-input.ts';
import type { LoadServices } from '../services.ts';
import { apiFunction } from '../stacks/api-function.ts';
import { wire } from '../wire.ts';
import { recordPage } from './record-pages.ts';

export const createRecordsByRole = (load: LoadServices) =>
  apiFunction(load, 'records:read', (request, services) => {
    const { role } = parseInput(rolePathSchema, request.event.pathParameters);
    return recordPage(request, services, { by: 'role', role });
  });

export const handler = createRecordsByRole(wire);

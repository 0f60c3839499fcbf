/**
 * `npm run openapi`: the API's document, made from the schemas in use.
 *
 *   npm run openapi             prints it
 *   npm run openapi -- --check  checks it against the OpenAPI 3.1 schema, and our own rules
 */
import { Validator } from '@seriousme/openapi-schema-validator';
import { openApiDocument } from '#core/http/openapi.ts';

/** @returns what is wrong with the document, one sentence each. */
export async function documentProblems(document: object): Promise<readonly string[]> {
  const result = await new Validator().validate(structuredClone(document) as Record<string, unknown>);
  const { paths } = document as { paths: Record<string, Record<string, Record<string, unknown>>> };
  const ids = new Set<unknown>();
  const problems = result.valid ? [] : [`Not OpenAPI 3.1: ${JSON.stringify(result.errors)}`];
  for (const [path, methods] of Object.entries(paths))
    for (const [method, operation] of Object.entries(methods)) {
      const name = `${method} ${path}`;
      if (ids.has(operation['operationId'])) problems.push(`${name}: its operationId is not its own`);
      ids.add(operation['operationId']);
      if (!operation['summary']) problems.push(`${name}: has no summary`);
      const declared = (operation['parameters'] as { name: string; in: string }[])
        .filter((parameter) => parameter.in === 'path')
        .map((parameter) => parameter.name);
      const used = [...path.matchAll(/\{(\w+)\}/g)].map(([, variable]) => variable ?? '');
      if (declared.join() !== used.join()) problems.push(`${name}: its path variables are not described`);
    }
  return problems;
}

if (import.meta.main) {
  const document = openApiDocument({ version: 'dev', serverUrl: 'http://127.0.0.1:3000' });
  if (process.argv.includes('--check')) {
    const problems = await documentProblems(document);
    for (const problem of problems) process.stderr.write(`${problem}\n`);
    process.exitCode = problems.length > 0 ? 1 : 0;
  } else process.stdout.write(`${JSON.stringify(document, null, 2)}\n`);
}

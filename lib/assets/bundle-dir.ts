import path from 'node:path';

/** Where `npm run bundle` puts what a stage runs. */
export const bundleDir = path.resolve(import.meta.dirname, '../../dist');

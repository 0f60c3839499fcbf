import path from 'node:path';
import type { Construct } from 'constructs';

/** Where `npm run bundle` puts what a stage runs. */
const builtDir = path.resolve(import.meta.dirname, '../../dist');

/** Tests of templates name a folder of their own under it. */
export const bundleContext = 'voice-center:bundles';

export const bundleDirOf = (scope: Construct): string =>
  String(scope.node.tryGetContext(bundleContext) ?? builtDir);

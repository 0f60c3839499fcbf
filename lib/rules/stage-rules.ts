/** Our rules as a plugin of CDK's validation: a template that breaks one is not synthesised. */
import { readFileSync } from 'node:fs';
import type {
  IPolicyValidationContext,
  IPolicyValidationPlugin,
  PolicyValidationPluginReport,
} from 'aws-cdk-lib';
import type { Template } from './rule.ts';
import { rules } from './rules.ts';

export class StageRules implements IPolicyValidationPlugin {
  readonly name = 'voice-center';
  readonly ruleIds = rules.map(({ id }) => id);

  validate({ templatePaths }: IPolicyValidationContext): PolicyValidationPluginReport {
    const violations = templatePaths.flatMap((templatePath) => {
      const template = JSON.parse(readFileSync(templatePath, 'utf8')) as Template;
      return rules.flatMap(({ id, why, check }) =>
        check(template).map(({ resource, message }) => ({
          ruleName: id,
          description: `${message}. ${why}`,
          violatingResources: [{ resourceLogicalId: resource ?? '(template)', templatePath, locations: [] }],
        })),
      );
    });
    return { success: violations.length === 0, violations };
  }
}

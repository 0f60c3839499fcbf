/** Our own rules as a plugin: they run with every synth, beside cdk-nag and CloudFormation's schemas. */
import { readFileSync } from 'node:fs';
import type { IPolicyValidationPlugin } from 'aws-cdk-lib';
import { apiRules } from './api-rules.ts';
import { dataRules } from './data-rules.ts';
import { mediaRules } from './media-rules.ts';
import type { Rule, Template } from './template.ts';

export const rules: readonly Rule[] = [...mediaRules, ...apiRules, ...dataRules];

export function createRulePack(): IPolicyValidationPlugin {
  return {
    name: 'voice-center',
    ruleIds: rules.map(({ id }) => id),
    validate: ({ templatePaths }) => {
      const violations = templatePaths.flatMap((templatePath) => {
        const template = JSON.parse(readFileSync(templatePath, 'utf8')) as Template;
        return rules.flatMap((rule) =>
          rule.find(template).map(({ resource, what }) => ({
            ruleName: rule.id,
            description: `${what}. ${rule.why}`,
            violatingResources: [{ resourceLogicalId: resource, templatePath, locations: [] }],
          })),
        );
      });
      return { success: violations.length === 0, violations };
    },
  };
}

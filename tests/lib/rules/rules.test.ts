import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, describe, test } from 'node:test';
import { App } from 'aws-cdk-lib';
import { rules } from '#lib/rules/rules.ts';
import { StageRules } from '#lib/rules/stage-rules.ts';
import { fixtures } from './fixtures.ts';

const folder = mkdtempSync(path.join(os.tmpdir(), 'voice-rules-'));
after(() => rmSync(folder, { recursive: true, force: true }));

/** As CDK runs it: on files. */
function validate(template: object) {
  const templatePath = path.join(folder, 'Stack.template.json');
  writeFileSync(templatePath, JSON.stringify(template));
  const stackTemplates = [
    { stackConstructPath: 'Stack', templatePath, accountId: undefined, region: undefined },
  ];
  return new StageRules().validate({
    templatePaths: [templatePath],
    stackTemplates,
    appConstruct: new App({ analyticsReporting: false }),
  });
}

describe('The rules for templates', () => {
  test('are at least fifteen, each under a name of its own and with its fixtures', () => {
    const ids = rules.map(({ id }) => id);

    assert.ok(ids.length >= 15);
    assert.equal(new Set(ids).size, ids.length);
    assert.deepEqual(ids.toSorted(), Object.keys(fixtures).toSorted());
  });

  for (const { id, check } of rules) {
    test(`${id}: lets through what keeps it`, () => {
      assert.deepEqual(check(fixtures[id]?.passing ?? {}), []);
    });

    test(`${id}: refuses what breaks it`, () => {
      assert.notDeepEqual(check(fixtures[id]?.failing ?? {}), []);
    });
  }

  test('stop a synth and name the resource, the limit and the reason', () => {
    const { success, violations } = validate(fixtures['queue-retention']?.failing ?? {});

    assert.equal(success, false);
    const [violation, ...others] = violations;
    assert.deepEqual(others, []);
    assert.equal(violation?.ruleName, 'queue-retention');
    assert.match(violation?.description ?? '', /1209601.*14 days/);
    assert.equal(violation?.violatingResources[0]?.resourceLogicalId, 'Subject');
  });

  test('let a synth go on that keeps them all', () => {
    assert.deepEqual(validate(fixtures['queue-retention']?.passing ?? {}), { success: true, violations: [] });
  });
});

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { idleCostUsd } from '#lib/costs/idle-cost.ts';
import type { Template } from '#lib/rules/rule.ts';
import { settingsOf } from '#lib/settings/index.ts';
import { type StageTemplates, templatesOf } from '#tests/lib/stage-templates.ts';

const costOf = (stage: string, tasks: number): number =>
  idleCostUsd(Object.values(templatesOf[stage] as StageTemplates), tasks);

const one = (Type: string, Properties: Readonly<Record<string, unknown>> = {}): Template => ({
  Resources: { Subject: { Type, Properties } },
});

describe('A month in which nobody calls', () => {
  for (const [what, stage, tasks, limitUsd] of [
    ['a parked stage for trying out', 'dev', 0, 25],
    ['a stage for trying out', 'dev', 1, 36],
    ['production, in two zones', 'prod', settingsOf('prod').capacity.tasksMin, 75],
  ] as const)
    test(`costs ${what} at most $${limitUsd}`, () => {
      const usd = costOf(stage, tasks);

      assert.ok(usd <= limitUsd, `$${usd.toFixed(2)}`);
      assert.ok(usd > 23, 'the load balancer and its addresses are in it');
    });

  test('costs more with a task more, with a NAT gateway, and with what an alarm looks at', () => {
    assert.ok(costOf('prod', 3) > costOf('prod', 2) + 10);
    assert.equal(idleCostUsd([one('AWS::EC2::NatGateway')], 0).toFixed(2), '36.50');
    const band = [{ MetricStat: {} }, { Expression: 'ANOMALY_DETECTION_BAND(m1, 2)' }];
    assert.equal(idleCostUsd([one('AWS::CloudWatch::Alarm', { Metrics: band })], 0).toFixed(2), '0.30');
  });

  test('is not told for a resource whose price nobody has looked up', () => {
    assert.throws(() => idleCostUsd([one('AWS::RDS::DBInstance')], 0), /What does AWS::RDS::DBInstance cost/);
  });
});

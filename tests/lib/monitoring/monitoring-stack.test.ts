/** The monitoring of a stage as CloudFormation gets it. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { alarmsOf, composites } from '#lib/monitoring/alarms/index.ts';
import { lineFilters } from '#lib/monitoring/metric-filters.ts';
import type { MonitoringSettings } from '#lib/monitoring/props.ts';
import { savedQueries } from '#lib/monitoring/saved-queries.ts';
import { references, settings, synthesise, watched } from './stage.ts';

interface Resource {
  readonly Type: string;
  readonly Properties: Readonly<Record<string, unknown>>;
}

const resourcesOf = (change: Partial<MonitoringSettings> = {}) =>
  Object.entries(synthesise(change).toJSON()['Resources'] as Record<string, Resource>);

const full = resourcesOf();
const ofType = (type: string, resources = full) => resources.filter(([, { Type }]) => Type === type);
const alarmTypes = ['AWS::CloudWatch::Alarm', 'AWS::CloudWatch::CompositeAlarm'];
const alarms = full.filter(([, { Type }]) => alarmTypes.includes(Type));

const alarmNamed = (id: string, resources = full) =>
  resources.find(
    ([, { Type, Properties }]) =>
      alarmTypes.includes(Type) && Properties['AlarmName'] === `voice-center-prod-${id}`,
  )?.[1].Properties;

interface MetricQuery {
  readonly Id: string;
  readonly Expression?: string;
  readonly MetricStat?: { readonly Period: number };
}
const queriesOf = (properties: Resource['Properties']) =>
  (properties['Metrics'] ?? []) as readonly MetricQuery[];

/** Each series that an alarm looks at is billed. */
const seriesOf = (properties: Resource['Properties']) =>
  properties['Metrics'] ? queriesOf(properties).filter(({ MetricStat }) => MetricStat).length : 1;

const periodOf = (properties: Resource['Properties']) =>
  (properties['Period'] as number | undefined) ??
  Math.max(...queriesOf(properties).map(({ MetricStat }) => MetricStat?.Period ?? 0));

describe('Every alarm', () => {
  test('of the table is made, and no other', () => {
    const names = alarms.map(([, { Properties }]) => Properties['AlarmName']).sort();

    const wanted = [...alarmsOf(watched), ...composites].map(({ id }) => `voice-center-prod-${id}`).sort();
    assert.deepEqual(names, wanted);
  });

  test('tells somebody when it begins and when it ends', () => {
    for (const [id, { Properties }] of alarms)
      for (const actions of [Properties['AlarmActions'], Properties['OKActions']] as { Ref: string }[][]) {
        assert.equal(actions?.length, 1, id);
        assert.match(actions[0]?.Ref ?? '', /^(Page|Ticket)Topic/, id);
      }
  });

  test('states what no value means, with a reason', () => {
    for (const { id, missing } of alarmsOf(watched)) {
      assert.equal(alarmNamed(id)?.['TreatMissingData'], missing.as, id);
      assert.ok(missing.because.length > 20, id);
      assert.ok(String(alarmNamed(id)?.['AlarmDescription']).includes(missing.because), id);
    }
  });

  test('links to its section of the runbook on a line of its own', () => {
    for (const { id } of [...alarmsOf(watched), ...composites])
      assert.equal(
        String(alarmNamed(id)?.['AlarmDescription']).split('\n').at(-1),
        `Runbook: https://example.com/docs/runbook.md#${id}`,
      );
  });

  test('looks back no further than CloudWatch allows', () => {
    for (const [id, { Properties }] of ofType('AWS::CloudWatch::Alarm')) {
      const period = periodOf(Properties);
      const evaluated = period * Number(Properties['EvaluationPeriods']);
      assert.equal(period % 60, 0, id);
      assert.ok(evaluated <= (period >= 3_600 ? 604_800 : 86_400), id);
      assert.ok(Number(Properties['DatapointsToAlarm']) <= Number(Properties['EvaluationPeriods']), id);
    }
  });

  test('with arithmetic uses each of its series, and nothing else', () => {
    for (const [id, { Properties }] of ofType('AWS::CloudWatch::Alarm')) {
      const queries = queriesOf(Properties);
      if (!queries.some(({ Expression }) => Expression)) continue;
      const series = queries.filter(({ MetricStat }) => MetricStat).map((query) => query.Id);
      const used = queries.flatMap(({ Expression = '' }) => Expression.match(/\b[a-z]\w*/g) ?? []);
      assert.deepEqual([...new Set(used)].sort(), series.sort(), id);
      // "An expression in an alarm can have up to ten metrics": CloudWatch's user guide on metric math.
      assert.ok(series.length <= 10, id);
    }
  });
});

describe('Somebody is woken', () => {
  const topicOf = (id: string, resources = full) => {
    const [action] = (alarmNamed(id, resources)?.['AlarmActions'] ?? []) as { Ref: string }[];
    return action?.Ref ?? '';
  };
  const inComposite = composites.flatMap(({ anyOf }) => anyOf);

  test('for what callers suffer now, and only for that', () => {
    for (const { id, severity } of alarmsOf(watched).filter((spec) => !inComposite.includes(spec.id)))
      assert.match(topicOf(id), severity === 'page' ? /^PageTopic/ : /^TicketTopic/, id);
  });

  test('once when several alarms have one cause: their parts make tickets', () => {
    for (const { id, anyOf } of composites) {
      assert.match(topicOf(id), /^PageTopic/);
      for (const member of anyOf) assert.match(topicOf(member), /^TicketTopic/, member);
    }
  });

  test('by an alarm of its own where a stage has no alarm over several', () => {
    const essential = resourcesOf({ monitoring: 'essential' });

    const topic = topicOf('canary-failing', essential);

    assert.match(topic, /^PageTopic/);
    assert.equal(ofType('AWS::CloudWatch::CompositeAlarm', essential).length, 0);
  });

  test('at the addresses of the settings', () => {
    const addresses = ofType('AWS::SNS::Subscription').map(([, { Properties }]) => [
      String((Properties['TopicArn'] as { Ref: string }).Ref).replace(/Topic.*/, ''),
      Properties['Endpoint'],
    ]);

    assert.deepEqual(addresses.sort(), [
      ['Page', 'oncall@example.com'],
      ['Ticket', 'team@example.com'],
    ]);
  });

  test('because alarms and budgets of this account may write to the topics, over TLS', () => {
    const policies = ofType('AWS::SNS::TopicPolicy');

    assert.equal(policies.length, 2);
    for (const [, { Properties }] of policies) {
      const { Statement } = Properties['PolicyDocument'] as { Statement: Record<string, unknown>[] };
      const allowed = Statement.filter(({ Effect }) => Effect === 'Allow');
      assert.deepEqual(
        allowed.map(({ Principal }) => (Principal as { Service: string }).Service),
        ['cloudwatch.amazonaws.com', 'budgets.amazonaws.com'],
      );
      for (const { Condition } of allowed)
        assert.deepEqual(Condition, { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } });
      assert.ok(Statement.some(({ Sid }) => Sid === 'AllowPublishThroughSSLOnly'));
    }
  });
});

describe('Thresholds', () => {
  test('of capacity follow the calls a task may have', () => {
    const threshold = (callsPerTaskMax: number) =>
      alarmNamed('active-calls-near-capacity', resourcesOf({ callsPerTaskMax }))?.['Threshold'];

    assert.equal(threshold(150), 120);
    assert.equal(threshold(50), 40);
  });

  test('of money follow the budgets', () => {
    const budgets = { callUsd: 1, dayUsd: 10, monthUsd: 200 };

    const resources = resourcesOf({ budgets });

    assert.equal(alarmNamed('daily-spend-warning', resources)?.['Threshold'], 8);
    assert.equal(alarmNamed('daily-spend-critical', resources)?.['Threshold'], 9.5);
    assert.equal(alarmNamed('call-over-budget', resources)?.['Threshold'], 1);
  });

  test('of tasks are left out where a stage may be parked', () => {
    const parked = resourcesOf({ tasksMin: 0 });

    assert.equal(alarmNamed('media-tasks-missing', parked), undefined);
    assert.equal(alarmNamed('media-silent', parked), undefined);
    assert.equal(alarmNamed('canary-failing', parked), undefined);
    assert.equal(alarmNamed('media-tasks-missing')?.['Threshold'], 2);
  });
});

describe('Metric filters', () => {
  const filters = ofType('AWS::Logs::MetricFilter').map(([, { Properties }]) => Properties);

  test('stand on every log group that can hold their lines', () => {
    const groupsOf = (metric: string) =>
      filters
        .filter(
          ({ MetricTransformations }) =>
            (MetricTransformations as { MetricName: string }[])[0]?.MetricName === metric,
        )
        .map(({ LogGroupName }) => LogGroupName);

    assert.deepEqual(groupsOf('CallsTurnedAway'), ['media-log']);
    assert.deepEqual(groupsOf('OutboundLimited'), ['access-log']);
    assert.deepEqual(groupsOf('FunctionFailures'), Object.values(references.logGroups.functions));
    assert.ok(groupsOf('CallsLost').includes('log-of-close-stale-calls'));
    assert.ok(!groupsOf('CallsLost').includes('log-of-inbound-call'));
    assert.ok(groupsOf('StreamFailures').includes('log-of-call-status'));
    assert.ok(!groupsOf('StreamFailures').includes('log-of-record-get'));
  });

  test('leave room in the stack for twice as many functions', () => {
    const ofOne = filters.filter(({ LogGroupName }) => LogGroupName === 'log-of-record-get').length;
    const functions = Object.keys(references.logGroups.functions).length;

    // CloudFormation's quota of resources in one stack is 500.
    assert.ok(full.length + functions * ofOne < 500, `${full.length} and ${ofOne} for each function`);
  });

  test('are read together with at most fifty log groups, as Logs Insights allows', () => {
    for (const [id, { Properties }] of ofType('AWS::Logs::QueryDefinition'))
      assert.ok((Properties['LogGroupNames'] as unknown[]).length <= 50, id);
  });

  test('have no dimension, which would be billed by its values, and no default, which would be billed while idle', () => {
    for (const { MetricTransformations } of filters)
      for (const transformation of MetricTransformations as object[]) {
        assert.ok(!('Dimensions' in transformation));
        assert.ok(!('DefaultValue' in transformation));
      }
  });

  test('stay below a hundred on one log group', () => {
    const onOne = filters.filter(({ LogGroupName }) => LogGroupName === 'media-log');

    assert.ok(onOne.length > 0 && onOne.length < 100);
  });

  test('make no metric that nothing looks at', () => {
    const looked = JSON.stringify(full.filter(([, { Type }]) => Type.startsWith('AWS::CloudWatch::')));

    assert.deepEqual(
      Object.keys(lineFilters).filter((name) => !looked.includes(name)),
      [],
    );
  });
});

describe('Stages beside each other', () => {
  /** Names that an account has once. */
  const named = ['AlarmName', 'DashboardName', 'Name', 'TopicName'];
  const namesOf = (stage: string) =>
    resourcesOf({ stage }).flatMap(([, { Properties }]) => [
      ...named.flatMap((name) => (name in Properties ? [Properties[name]] : [])),
      ...(Properties['Budget'] ? [(Properties['Budget'] as { BudgetName: string }).BudgetName] : []),
    ]);

  test('share no name', () => {
    const prod = new Set(namesOf('prod'));

    assert.ok(prod.size > alarms.length);
    assert.deepEqual(
      namesOf('test').filter((name) => prod.has(name)),
      [],
    );
  });

  test('read none of each other’s metrics', () => {
    const text = JSON.stringify(
      resourcesOf({ stage: 'test' }).filter(([, { Type }]) => Type !== 'AWS::Budgets::Budget'),
    );

    assert.ok(text.includes('VoiceCenter/Lines/test'));
    assert.ok(!text.includes('VoiceCenter/Lines/prod'));
    assert.ok(!/"Value":"prod"/.test(text));
  });
});

describe('A stage without callers', () => {
  const essential = resourcesOf({ monitoring: 'essential', tasksMin: 0 });

  test('pays for few alarms: a dollar or so a month', () => {
    const series = ofType('AWS::CloudWatch::Alarm', essential).map(([, { Properties }]) =>
      seriesOf(Properties),
    );

    assert.ok(series.length >= 5);
    assert.ok(series.reduce((sum, count) => sum + count, 0) <= 12);
  });

  test('has the filters that its alarms need, and no other', () => {
    const made = ofType('AWS::Logs::MetricFilter', essential).map(
      ([, { Properties }]) =>
        (Properties['MetricTransformations'] as { MetricName: string }[])[0]?.MetricName,
    );

    assert.deepEqual([...new Set(made)].sort(), ['CallCostUsd', 'Rollups', 'StoreFailures']);
  });

  test('has no dashboard, and every saved query all the same', () => {
    assert.equal(ofType('AWS::CloudWatch::Dashboard', essential).length, 0);
    assert.equal(ofType('AWS::Logs::QueryDefinition', essential).length, savedQueries.length);
  });
});

describe('The bill of AWS', () => {
  test('is watched by the stage’s tag, at 80 and 95 % and ahead of time', () => {
    const [budget] = ofType('AWS::Budgets::Budget').map(([, { Properties }]) => Properties);
    assert.ok(budget);
    const { Budget, NotificationsWithSubscribers } = budget as unknown as {
      Budget: { CostFilters: object; BudgetLimit: object };
      NotificationsWithSubscribers: {
        Notification: { NotificationType: string; Threshold: number };
        Subscribers: { Address: { Ref: string } }[];
      }[];
    };

    assert.deepEqual(Budget.CostFilters, { TagKeyValue: ['user:voice-center:stage$prod'] });
    assert.deepEqual(Budget.BudgetLimit, { Amount: settings.budgets.monthUsd, Unit: 'USD' });
    assert.deepEqual(
      NotificationsWithSubscribers.map(({ Notification, Subscribers }) => [
        Notification.NotificationType,
        Notification.Threshold,
        Subscribers[0]?.Address.Ref.replace(/Topic.*/, ''),
      ]),
      [
        ['ACTUAL', 80, 'Ticket'],
        ['ACTUAL', 95, 'Page'],
        ['FORECASTED', 100, 'Ticket'],
      ],
    );
  });
});

describe('The dashboard', () => {
  interface Widget {
    readonly type: string;
    readonly x: number;
    readonly y: number;
    readonly width: number;
    readonly properties: { readonly markdown?: string; readonly title?: string; readonly alarms?: unknown[] };
  }

  function widgets(): readonly Widget[] {
    const [, dashboard] = ofType('AWS::CloudWatch::Dashboard')[0] ?? [];
    const body = dashboard?.Properties['DashboardBody'] as { 'Fn::Join': [string, unknown[]] };
    const text = body['Fn::Join'][1].map((part) => (typeof part === 'string' ? part : 'token')).join('');
    return (JSON.parse(text) as { widgets: Widget[] }).widgets;
  }

  test('is read from the top: alarms, callers, their waiting, vendors, HTTP, machines, data, money', () => {
    const order = [...widgets()].sort((a, b) => a.y - b.y || a.x - b.x);
    const headings = order.flatMap(({ properties: { markdown } }) => markdown?.match(/^## (.*)/)?.[1] ?? []);

    assert.match(order[0]?.properties.markdown ?? '', /^# Voice center, prod\n/);
    assert.equal(order[1]?.type, 'alarm');
    assert.deepEqual(headings, [
      'Are callers served?',
      'Do they wait?',
      'Is a vendor failing?',
      'Do webhooks and the API answer?',
      'Do the media tasks keep up?',
      'Are tables and jobs well?',
      'What does it cost?',
    ]);
  });

  test('shows the state of every alarm', () => {
    const status = widgets().find(({ type }) => type === 'alarm');

    assert.equal(status?.properties.alarms?.length, alarmsOf(watched).length);
  });

  test('has no widget beside the screen', () => {
    assert.deepEqual(
      widgets().filter(({ x, width }) => x + width > 24),
      [],
    );
  });
});

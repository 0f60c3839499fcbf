/** What the responder sees, from the caller's side down to the machines, and what it costs. */
import {
  type Alarm,
  AlarmStatusWidget,
  Dashboard,
  GraphWidget,
  type IMetric,
  type IWidget,
  TextWidget,
} from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';
import { dashboardRows, type Panel } from './dashboard-rows.ts';
import type { Watched } from './props.ts';
import { signalMetric } from './signals.ts';

const columns = 24;
const panelHeight = 6;
const alarmColumns = 6;

function makePanel({ title, left, right = [], limit, periodSecs = 60 }: Panel, width: number, stage: string) {
  const metrics = (signals: Panel['left']): IMetric[] =>
    signals.map((signal) => signalMetric(signal, stage, periodSecs));
  return new GraphWidget({
    title,
    width,
    height: panelHeight,
    left: metrics(left),
    right: metrics(right),
    leftYAxis: { min: 0, showUnits: false },
    ...(limit === undefined ? {} : { leftAnnotations: [{ value: limit.value, label: limit.label }] }),
  });
}

const heading = (markdown: string, height = 1): IWidget =>
  new TextWidget({ markdown, width: columns, height });

export function makeDashboard(scope: Construct, watched: Watched, alarms: readonly Alarm[]): Dashboard {
  const { stage, runbookUrl } = watched.settings;
  const dashboard = new Dashboard(scope, 'Dashboard', { dashboardName: `voice-center-${stage}` });
  dashboard.addWidgets(
    heading(
      `# Voice center, ${stage}\nRead from the top: a red alarm has a section in the [runbook](${runbookUrl}); saved queries are under \`voice-center/${stage}\` in Logs Insights.`,
      2,
    ),
  );
  dashboard.addWidgets(
    new AlarmStatusWidget({
      title: 'Alarms',
      alarms: [...alarms],
      width: columns,
      height: Math.ceil(alarms.length / alarmColumns) + 1,
    }),
  );
  for (const { question, panels } of dashboardRows(watched)) {
    dashboard.addWidgets(heading(`## ${question}`));
    dashboard.addWidgets(
      ...panels.map((panel) => makePanel(panel, Math.floor(columns / panels.length), stage)),
    );
  }
  return dashboard;
}

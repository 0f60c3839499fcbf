/** Filters, queries and metrics against what the real code writes. */
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { before, describe, test } from 'node:test';
import { alertKinds } from '#core/costs/alerts.ts';
import { alarmsOf } from '#lib/monitoring/alarms/index.ts';
import { dashboardRows } from '#lib/monitoring/dashboard-rows.ts';
import { type Condition, filteredValue, parseFilterPattern } from '#lib/monitoring/filter-pattern.ts';
import { type LineFilter, lineFilters } from '#lib/monitoring/metric-filters.ts';
import { savedQueries } from '#lib/monitoring/saved-queries.ts';
import type { Series } from '#lib/monitoring/signals.ts';
import { awsMetrics } from './aws-metrics.ts';
import type { WrittenLine } from './process-output.ts';
import { settings, watched } from './stage.ts';
import { type Written, writtenLines } from './written-lines.ts';

const root = path.resolve(import.meta.dirname, '../../..');
const filters = Object.entries<LineFilter>(lineFilters);

/** Every static text that stands after `msg:` in the code of the processes. */
const messagesInCode = new Set(
  globSync('{media-service,lambdas,adapters,core}/**/*.ts', { cwd: root }).flatMap((file) =>
    [...readFileSync(path.join(root, file), 'utf8').matchAll(/\bmsg: '([\w.-]+)'/g)].map(([, msg]) => msg),
  ),
);

let written: Written;

before(async () => {
  written = await writtenLines(settings.stage);
});

const linesFor = (filter: LineFilter): readonly WrittenLine[] =>
  filter.from.flatMap((source) => written.lines[source]);

const taken = (filter: LineFilter) =>
  linesFor(filter).filter((line) => filteredValue(filter, line) !== undefined);

function leaves(condition: Condition): readonly Exclude<Condition, { readonly of: unknown }>[] {
  return 'of' in condition ? condition.of.flatMap(leaves) : [condition];
}

describe('A metric filter', () => {
  for (const [name, filter] of filters) {
    test(`${name} takes a line that the code writes, as a number`, () => {
      const values = taken(filter).map((line) => filteredValue(filter, line));

      assert.ok(values.length > 0);
      assert.ok(values.every(Number.isFinite));
    });

    test(`${name} leaves that line when any field it asks for says something else`, () => {
      const [line = {}] = taken(filter);
      const asked = leaves(parseFilterPattern(filter.pattern)).filter(({ field }) => field.slice(2) in line);

      for (const { field } of asked) {
        const other = { ...line, [field.slice(2)]: `${line[field.slice(2)]}.not` };
        assert.equal(filteredValue(filter, other), undefined, field);
      }
      assert.ok(asked.length > 0);
    });

    test(`${name} does not take every line of its logs`, () => {
      assert.ok(taken(filter).length < linesFor(filter).length);
    });
  }

  test('asks for no message that no code writes', () => {
    const asked = filters
      .flatMap(([, { pattern }]) => leaves(parseFilterPattern(pattern)))
      .flatMap((leaf) => (leaf.type === 'text' && leaf.field === '$.msg' ? [leaf.pattern] : []));

    assert.deepEqual(
      asked.filter((msg) => !messagesInCode.has(msg)),
      [],
    );
    assert.ok(asked.length > 0);
  });

  test('takes a line from every kind of log that it is put on', () => {
    const without = filters.flatMap(([name, filter]) =>
      filter.from
        .filter((source) => !written.lines[source].some((line) => filteredValue(filter, line) !== undefined))
        .map((source) => `${name} on ${source}`),
    );

    assert.deepEqual(without, []);
  });

  test('takes every kind of alert that the ledger can raise', () => {
    for (const kind of alertKinds) {
      const line = { msg: 'cost.alert', reason: kind };
      assert.equal(filters.filter(([, filter]) => filteredValue(filter, line) !== undefined).length, 1, kind);
    }
  });

  test('takes no call whose cost is unknown for a free one', () => {
    const unknown = written.lines.media.find(
      ({ msg, estimatedCostUsd }) => msg === 'cost.call.summary' && estimatedCostUsd === null,
    );

    assert.ok(unknown);
    assert.equal(filteredValue(lineFilters.CallCostUsd, unknown), undefined);
  });
});

/** Undefined when the series is fed by something that exists. */
function problemOf(series: Series): string | undefined {
  switch (series.from) {
    case 'embedded':
      return written.metrics[series.service].has(series.name)
        ? undefined
        : `${series.service} never writes ${series.name}`;
    case 'lines':
      return series.name in lineFilters ? undefined : `no filter makes ${series.name}`;
    case 'aws': {
      const dimensions = awsMetrics[series.namespace]?.[series.name];
      if (dimensions === undefined) return `AWS publishes no ${series.namespace} ${series.name}`;
      const given = Object.keys(series.dimensions).sort();
      return String(given) === String([...dimensions].sort())
        ? undefined
        : `${series.name} has other dimensions: ${dimensions}`;
    }
  }
}

describe('A metric', () => {
  for (const spec of alarmsOf(watched))
    test(`of the alarm ${spec.id} is published by something`, () => {
      assert.deepEqual(Object.values(spec.signal.series).map(problemOf).filter(Boolean), []);
    });

  for (const { question, panels } of dashboardRows(watched))
    test(`on the dashboard under “${question}” is published by something`, () => {
      const signals = panels.flatMap(({ left, right = [] }) => [...left, ...right]);

      const problems = signals.flatMap(({ series }) => Object.values(series)).map(problemOf);

      assert.deepEqual(problems.filter(Boolean), []);
      assert.ok(problems.length > 0);
    });
});

/** Words of the query language, and names that a query gives to its own results. */
const keywords =
  /^(fields|filter|sort|stats|by|count|sum|avg|max|pct|as|in|and|or|asc|desc|timestamp|logStream|\d+[a-z]?)$/;

function namesIn(text: readonly string[]) {
  const whole = text.join('\n');
  const messages = [...whole.matchAll(/msg (?:=|in) (?:\[([^\]]*)\]|("[^"]*"))/g)].flatMap(([, many, one]) =>
    (many ?? one ?? '').split(',').map((quoted) => quoted.trim().replaceAll('"', '')),
  );
  const results = new Set([...whole.matchAll(/\bas (\w+)/g)].map(([, name]) => name ?? ''));
  const bare = whole
    .replace(/"[^"]*"|bin\(\w+\)/g, '')
    .replace(/\blimit \d+/g, '')
    .replace(/`([^`]*)`/g, (_, name: string) => name);
  const fields = [...bare.matchAll(/@?[A-Za-z_][\w.-]*/g)]
    .map(([name]) => name.replace(/^@/, ''))
    .filter((name) => !keywords.test(name) && !results.has(name));
  return { messages, fields };
}

const has = (line: WrittenLine, field: string) =>
  field.split('.').reduce<unknown>((value, name) => (value as Record<string, unknown>)?.[name], line) !==
  undefined;

describe('The saved query', () => {
  for (const query of savedQueries) {
    test(`${query.id} asks for messages that the code writes`, () => {
      const { messages } = namesIn(query.text);
      const unknown = messages.filter((msg) => !messagesInCode.has(msg));

      assert.deepEqual(unknown, []);
    });

    test(`${query.id} asks for fields that those lines have`, () => {
      const { messages, fields } = namesIn(query.text);
      const lines = query.in
        .flatMap((source) => written.lines[source])
        .filter(({ msg }) => messages.length === 0 || messages.includes(String(msg)));

      const unknown = fields.filter((field) => !lines.some((line) => has(line, field)));

      assert.deepEqual(unknown, []);
      assert.ok(fields.length > 0);
    });
  }
});

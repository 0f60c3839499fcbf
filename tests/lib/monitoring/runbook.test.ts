/** Alarms, runbook, service levels and saved queries name one another. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import { alarmsOf, composites } from '#lib/monitoring/alarms/index.ts';
import { savedQueries } from '#lib/monitoring/saved-queries.ts';
import { watched } from './stage.ts';

const docs = path.resolve(import.meta.dirname, '../../../docs');
const read = (name: string) => readFileSync(path.join(docs, name), 'utf8');

interface Section {
  readonly level: number;
  readonly title: string;
  readonly text: string;
}

function sectionsOf(markdown: string): readonly Section[] {
  return markdown
    .split(/^(?=#+ )/m)
    .filter((part) => part.startsWith('#'))
    .map((part) => {
      const [heading = '', ...text] = part.split('\n');
      const [, marks = '', title = ''] = /^(#+) (.*)$/.exec(heading) ?? [];
      return { level: marks.length, title, text: text.join('\n') };
    });
}

/** As GitHub makes it. */
const anchorOf = (title: string) =>
  title
    .toLowerCase()
    .replace(/[^\w\- ]/g, '')
    .replace(/ /g, '-');

const runbook = read('runbook.md');
const sections = sectionsOf(runbook);
const anchors = new Set(sections.map(({ title }) => anchorOf(title)));
const alarmSections = sections.filter(({ level }) => level === 3);
const alarmIds = [...alarmsOf(watched), ...composites].map(({ id }) => id);
const queryIds = new Set(savedQueries.map(({ id }) => id));

describe('The runbook', () => {
  for (const id of alarmIds)
    test(`tells of ${id} what it means, how to check it and how to mend it`, () => {
      const section = alarmSections.find(({ title }) => title === id);

      for (const part of ['**Means:**', '**Check:**', '**Fix:**'])
        assert.ok(section?.text.includes(part), `${id} lacks ${part}`);
    });

  test('has no section for an alarm that does not exist', () => {
    const unknown = alarmSections.map(({ title }) => title).filter((title) => !alarmIds.includes(title));

    assert.deepEqual(unknown, []);
  });

  test('links only to sections that exist', () => {
    const links = [...runbook.matchAll(/\]\(#([\w-]+)\)/g)].map(([, anchor = '']) => anchor);

    assert.deepEqual(
      links.filter((anchor) => !anchors.has(anchor)),
      [],
    );
    assert.ok(links.length > 0);
  });

  test('sends a responder to a saved query for every alarm, unless no line of ours can tell', () => {
    const without = alarmSections
      .filter(({ text }) => ![...queryIds].some((id) => text.includes(`\`${id}\``)))
      .map(({ title }) => title);

    assert.deepEqual(without, ['certificate-expiry']);
  });

  test('uses every saved query', () => {
    const unused = [...queryIds].filter((id) => !runbook.includes(`\`${id}\``));

    assert.deepEqual(unused, []);
  });

  test('has the procedures that every responder needs', () => {
    const wanted = [
      'high-error-rate',
      'webhook-timeout',
      'stream-failure',
      'latency-spike',
      'rotating-the-twilio-token',
      'rotating-the-other-secrets',
      'moving-a-number',
      'raising-limits',
      'restoring-a-table',
      'region-trouble',
    ];

    assert.deepEqual(
      wanted.filter((anchor) => !anchors.has(anchor)),
      [],
    );
  });
});

describe('The service levels', () => {
  const rows = read('slos.md')
    .split('\n')
    .filter((line) => line.startsWith('| ') && !line.startsWith('| ---') && !line.startsWith('| What'));

  test('are each guarded by an alarm that exists', () => {
    const guards = rows.map((row) => [...row.matchAll(/\(runbook\.md#([\w-]+)\)/g)].map(([, id = '']) => id));

    assert.ok(guards.length >= 10);
    assert.deepEqual(
      guards.filter((ids) => ids.length === 0),
      [],
    );
    assert.deepEqual(
      guards.flat().filter((id) => !alarmIds.includes(id)),
      [],
    );
  });
});

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';

const root = path.resolve(import.meta.dirname, '../..');
const folder = path.join(root, '.github/workflows');
const workflows = readdirSync(folder).map((name) => ({
  name,
  text: readFileSync(path.join(folder, name), 'utf8'),
}));
const manifest = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as {
  scripts: Record<string, string>;
};
const textOf = (name: string) => workflows.find((one) => one.name === name)?.text ?? '';

describe('The workflows', () => {
  test('run only actions that nobody can exchange under their name', () => {
    const used = workflows.flatMap(({ text }) =>
      [...text.matchAll(/uses: (\S+)/g)].map(([, what]) => what ?? ''),
    );

    assert.ok(used.length > 5);
    assert.deepEqual(
      used.filter((what) => !/^[\w-]+\/[\w-]+@[0-9a-f]{40}$/.test(what)),
      [],
    );
  });

  test('hold no key of AWS and start without any permission but reading', () => {
    for (const { name, text } of workflows) {
      assert.doesNotMatch(text, /secrets\.|aws-access-key-id/, name);
      assert.match(text, /^permissions:\n {2}contents: read$/m, name);
    }
  });

  test('run only commands that this project has', () => {
    const run = workflows.flatMap(({ text }) =>
      [...text.matchAll(/npm run (?:--silent )?(\w+)/g)].map(([, script]) => script ?? ''),
    );

    assert.deepEqual([...new Set(run)].sort(), ['deploy', 'diff', 'drift']);
    assert.deepEqual(
      run.filter((script) => manifest.scripts[script] === undefined),
      [],
    );
  });

  test('deploy only what passed everything, bound to the environment of its stage', () => {
    const text = textOf('deploy.yml');

    assert.ok(text.indexOf('.ci/run') < text.indexOf('configure-aws-credentials'));
    assert.match(text, /environment: \$\{\{ inputs\.stage \|\| 'dev' \}\}/);
    assert.match(text, /cancel-in-progress: false/);
  });

  test('give a pull request no more than reading, and a fork nothing', () => {
    const text = textOf('test.yml');

    assert.doesNotMatch(text, /DEPLOY_ROLE_ARN|pull_request_target/);
    assert.match(text, /head\.repo\.full_name == github\.repository/);
  });

  test('fail when the first command of a pipe fails', () => {
    for (const { name, text } of workflows) assert.match(text, /defaults:\n {2}run:\n {4}shell: bash/, name);
  });

  test('never put text from outside into a shell', () => {
    for (const { name, text } of workflows) {
      const scripts = [...text.matchAll(/run: (\|\n(?: {10}.*\n?)+|.*)/g)].map(([, script]) => script ?? '');
      assert.deepEqual(
        scripts.filter((script) => script.includes('${{')),
        [],
        name,
      );
    }
  });
});

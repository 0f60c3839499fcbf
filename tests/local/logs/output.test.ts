import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, describe, it } from 'node:test';
import { createLineSplitter } from '#local/logs/line-splitter.ts';
import { openLogFile } from '#local/logs/log-file.ts';
import { createOutput } from '#local/logs/output.ts';

const folder = mkdtempSync(path.join(os.tmpdir(), 'logs-'));
after(() => rmSync(folder, { recursive: true, force: true }));

describe('The output of a local stack', () => {
  const collect = (isTerminal: boolean) => {
    const written: string[] = [];
    const output = createOutput({ source: 'start', isTerminal, write: (text) => written.push(text) });
    return { output, written };
  };

  it('is JSON lines for a machine, those of other processes untouched', () => {
    const { output, written } = collect(false);

    output.log('info', 'local.ready', { port: 3000 });
    output.relay('media', '{"level":"info","msg":"call.started"}');
    output.tell('for people only');

    const [own] = written.map((line) => JSON.parse(line));
    assert.equal(own.msg, 'local.ready');
    assert.equal(own.level, 'info');
    assert.equal(own.port, 3000);
    assert.equal(written[1], '{"level":"info","msg":"call.started"}\n');
    assert.equal(written.length, 2);
  });

  it('is readable on a terminal, one line a message, without metrics', () => {
    const { output, written } = collect(true);

    output.relay('media', '{"level":"warn","msg":"provider.failed","provider":"mcp","retryable":true}');
    output.relay('media', '{"_aws":{"Timestamp":1},"ActiveCalls":1}');
    output.note('info', 'local.ready');
    output.relay('media', 'plain words');

    // biome-ignore lint/suspicious/noControlCharactersInRegex: colours are control characters
    const text = written.map((line) => line.replace(/\u001b\[\d+m/g, ''));
    assert.equal(text.length, 2);
    assert.match(
      text[0] ?? '',
      /^media \d\d:\d\d:\d\d\.\d{3} WARN +provider.failed provider=mcp retryable=true\n$/,
    );
    assert.match(text[1] ?? '', /^media plain words\n$/);
  });
});

describe('The log file', () => {
  it('keeps JSON lines and moves away before it grows beyond its bound', () => {
    const file = openLogFile(folder, 200);
    const output = createOutput({ source: 'start', isTerminal: false, file, write: () => undefined });

    for (let i = 0; i < 10; i += 1) {
      output.relay('http', `{"msg":"line ${i}","filler":"${'x'.repeat(60)}"}`);
      output.relay('http', 'not a log line');
      output.flush();
    }

    const lines = readFileSync(file.path, 'utf8').trim().split('\n');
    assert.equal(JSON.parse(lines.at(-1) ?? '').msg, 'line 9');
    assert.equal(statSync(file.path).size <= 200, true);
    assert.equal(existsSync(path.join(folder, 'logs.1.jsonl')), true);
    assert.equal(statSync(path.join(folder, 'logs.1.jsonl')).size <= 200, true);
  });
});

describe('The line splitter', () => {
  it('puts lines together whatever the portions they arrive in', () => {
    const lines: string[] = [];
    const splitter = createLineSplitter((line) => lines.push(line));

    for (const portion of ['on', 'e\ntw', 'o\n\nthr', 'ee']) splitter.push(portion);
    splitter.flush();

    assert.deepEqual(lines, ['one', 'two', 'three']);
  });
});

/** Chromium for the tests that look at pages as a visitor does: one per file, closed by it. */
import { existsSync } from 'node:fs';
import {
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  chromium,
  type Page,
} from 'playwright-core';

/** Where the usual packages put it; `CHROMIUM_PATH` goes first. */
const usualPaths = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/usr/bin/google-chrome-stable',
  '/snap/bin/chromium',
];

const launchArguments = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Of one step of a page: everything is on this machine. */
const stepTimeoutMs = 10_000;

const variables: Readonly<Record<string, string | undefined>> = process.env;

function findChromium(): string | undefined {
  const given = variables['CHROMIUM_PATH'];
  if (given !== undefined && given !== '') return given;
  return usualPaths.find((path) => existsSync(path));
}

const executablePath = findChromium();

/**
 * For `describe(name, { skip: withoutBrowser }, …)`. A machine without Chromium skips these tests and says so; with
 * `BROWSER_TESTS=required`, as in CI, they run and fail.
 */
export const withoutBrowser: string | false =
  executablePath !== undefined || variables['BROWSER_TESTS'] === 'required'
    ? false
    : 'There is no Chromium: install it (apt-get install chromium) or set CHROMIUM_PATH';

if (withoutBrowser !== false) process.stderr.write(`\nSKIPPED, not tested: ${withoutBrowser}.\n\n`);

export interface Visit {
  readonly page: Page;
  /** What the browser complained of so far: errors of scripts, of the console, and of the content security policy. */
  readonly complaints: readonly string[];
}

export interface TestBrowser {
  /** A visitor of their own: no cookies, no storage, no history of others. */
  visit(options?: BrowserContextOptions): Promise<Visit>;
  close(): Promise<void>;
}

/** @param flags beside the usual ones, such as those of a fake microphone. Rejects when there is no Chromium. */
export async function startBrowser(flags: readonly string[] = []): Promise<TestBrowser> {
  if (executablePath === undefined)
    throw new Error('BROWSER_TESTS=required, and there is no Chromium: install it or set CHROMIUM_PATH');
  const browser: Browser = await chromium.launch({ executablePath, args: [...launchArguments, ...flags] });
  const contexts: BrowserContext[] = [];
  return {
    async visit(options = {}) {
      const context = await browser.newContext(options);
      contexts.push(context);
      context.setDefaultTimeout(stepTimeoutMs);
      const page = await context.newPage();
      const complaints: string[] = [];
      page.on('pageerror', (error) => complaints.push(String(error)));
      page.on('console', (message) => {
        if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
      });
      return { page, complaints };
    },
    async close() {
      await Promise.all(contexts.map((context) => context.close()));
      await browser.close();
    },
  };
}

/** The page of the API's document, as a visitor sees and uses it in a browser. */
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import type { Page } from 'playwright-core';
import { apiRoutes } from '#core/http/routes.ts';
import type { HttpApi } from '#local/http/http-api.ts';
import { keys, type TestFunctions, testFunctions } from '#tests/lambdas/functions.ts';
import { startBrowser, type TestBrowser, type Visit, withoutBrowser } from '#tests/support/browser.ts';
import { callRecord } from '#tests/support/calls.ts';
import { startLocalApi } from '#tests/support/local-api.ts';

describe('The page of the API', { skip: withoutBrowser, concurrency: false }, () => {
  let browser: TestBrowser;
  let api: HttpApi;
  let functions: TestFunctions;
  let visits: Visit[] = [];
  const record = callRecord({ role: 'judge' });

  before(async () => {
    functions = testFunctions();
    await functions.services.store.create(record);
    browser = await startBrowser();
    api = await startLocalApi(functions.load, (name, error) => assert.fail(`${name}: ${String(error)}`));
  });
  after(() => Promise.all([browser?.close(), api?.close()]));

  const open = async (options: Parameters<TestBrowser['visit']>[0] = {}): Promise<Page> => {
    const visit = await browser.visit(options);
    visits.push(visit);
    await visit.page.goto(`http://127.0.0.1:${api.port}/docs`);
    await visit.page.getByRole('heading', { name: 'With a key' }).waitFor();
    return visit.page;
  };
  /** Refusals of the API are errors in a browser's console, and here they are wanted. */
  afterEach(() => {
    const complaints = visits.flatMap((visit) => visit.complaints);
    visits = [];
    assert.deepEqual(
      complaints.filter((text) => !text.startsWith('Failed to load resource')),
      [],
    );
  });

  const operation = (page: Page, method: string, path: string) =>
    page.locator('main > details').filter({
      has: page
        .locator('summary')
        .filter({ has: page.getByText(method, { exact: true }) })
        .filter({
          has: page.getByText(path, { exact: true }),
        }),
    });

  test('shows every operation, each once', async () => {
    const page = await open();

    const shown = await page
      .locator('main > details > summary')
      .evaluateAll((summaries) =>
        summaries.map(({ children }) => `${children[0]?.textContent} ${children[1]?.textContent}`),
      );

    assert.deepEqual(shown.toSorted(), apiRoutes.map(({ method, path }) => `${method} ${path}`).toSorted());
  });

  test('sends a request with the key that was filled in, and shows status, answer and headers', async () => {
    const page = await open();
    await page.getByLabel('Key', { exact: false }).first().fill(keys.reading);
    const records = operation(page, 'GET', '/records');
    await records.locator('> summary').click();
    await records.getByLabel('limit').fill('1');
    await records.getByLabel('role').selectOption('judge');
    await records.getByRole('button', { name: 'Send' }).click();
    await records.getByText('200 OK').waitFor();

    const [answer] = await records.getByRole('status').locator('> pre').allTextContents();
    const { items } = JSON.parse(answer ?? '') as { items: { callSid: string }[] };
    assert.deepEqual(
      items.map(({ callSid }) => callSid),
      [record.callSid],
    );
    await records.getByText('Headers of the answer').click();
    await records.getByText('ratelimit-remaining: 119').waitFor();
    await records.getByText('The same with curl').click();
    const curl = await records.getByText('curl -i').textContent();
    assert.match(
      curl ?? '',
      /'http:\/\/127\.0\.0\.1:\d+\/records\?limit=1&role=judge' \\\n {2}-H "Authorization: Bearer \$KEY"$/,
    );
  });

  test('places a call with the example that stands in the body, and says that it is no rehearsal', async () => {
    const page = await open();
    await page.locator('#key').fill(keys.calling);
    const outbound = operation(page, 'POST', '/call/outbound');
    await outbound.locator('> summary').click();
    await outbound.getByText('Not a rehearsal').waitFor();
    await outbound.getByLabel('Idempotency-Key').fill('order 1');
    await outbound.getByRole('button', { name: 'Send' }).click();
    await outbound.getByText('201 Created').waitFor();

    assert.equal(functions.carrier.placed.length, 1);
  });

  test('shows a refusal as the API words it, and goes on', async () => {
    const page = await open();
    const one = operation(page, 'GET', '/records/{callSid}');
    await one.locator('> summary').click();
    await one.getByLabel('callSid').fill('<b>CA1 %2e%2e?x=1');
    await one.getByRole('button', { name: 'Send' }).click();
    await one.getByText('401 Unauthorized').waitFor();
    await page.locator('#key').fill(keys.reading);
    await one.getByRole('button', { name: 'Send' }).click();
    await one.getByText('400 Bad Request').waitFor();

    assert.match((await one.getByRole('status').locator('> pre').textContent()) ?? '', /callSid: /);
    assert.equal(await page.locator('b').count(), 0);
  });

  test('keeps a key out of its address, of what browsers store, and of requests that need none', async () => {
    const page = await open();
    const keyed: string[] = [];
    page.on('request', (sent) => {
      if (JSON.stringify([sent.url(), sent.headers(), sent.postData()]).includes(keys.reading))
        keyed.push(new URL(sent.url()).pathname);
    });
    await page.locator('#key').fill(keys.reading);
    for (const path of ['/health', '/records']) {
      const one = operation(page, 'GET', path);
      await one.locator('> summary').click();
      await one.getByRole('button', { name: 'Send' }).click();
      await one.getByText('200 OK').waitFor();
    }

    assert.deepEqual(keyed, ['/records']);
    assert.ok(!page.url().includes(keys.reading));
    const storage = await page.evaluate(
      'JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie, history.state])',
    );
    assert.equal(storage, '[{},{},"",null]');
    await page.reload();
    assert.equal(await page.locator('#key').inputValue(), '');
  });

  test('can be used with the keyboard alone', async () => {
    const page = await open();
    const focused = () => page.evaluate('document.activeElement.textContent');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Tab');
    await page.keyboard.type(keys.reading);
    assert.equal(await page.locator('#key').inputValue(), keys.reading);
    await page.keyboard.press('Tab');
    for (let i = 0; i < 30 && !String(await focused()).startsWith('GET/records'); i += 1)
      await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.keyboard.press('Tab');
    await page.keyboard.type('5');
    await page.keyboard.press('Enter');

    await operation(page, 'GET', '/records').getByText('200 OK').waitFor();
    const outline = await page.evaluate('getComputedStyle(document.activeElement).outlineStyle');
    assert.equal(outline, 'solid', 'what has the focus can be seen');
  });

  test('fits a narrow phone without scrolling sideways, whatever is open', async () => {
    const page = await open({ viewport: { width: 390, height: 844 }, hasTouch: true });
    await page.locator('#key').fill(keys.reading);
    const records = operation(page, 'GET', '/records');
    await records.locator('> summary').tap();
    await records.getByRole('button', { name: 'Send' }).tap();
    await records.getByText('200 OK').waitFor();
    await page.evaluate('for (const one of document.querySelectorAll("details")) one.open = true');

    assert.equal(await page.evaluate('document.documentElement.scrollWidth'), 390);
  });

  test('is light or dark as the visitor’s system is, and readable in both', async () => {
    const luminances: number[][] = [];
    for (const colorScheme of ['light', 'dark'] as const) {
      const page = await open({ colorScheme });
      const records = operation(page, 'GET', '/records');
      await records.locator('> summary').click();
      await records.getByRole('button', { name: 'Send' }).click();
      await records.getByText('401 Unauthorized').waitFor();
      luminances.push(await contrastsOf(page));
    }

    for (const contrasts of luminances) {
      assert.ok(contrasts.length > 5);
      assert.ok(Math.min(...contrasts) >= 4.5, String(contrasts));
    }
  });

  test('lets nobody frame it, and runs no script that it did not come with', async () => {
    const page = await open();
    const blocked = await page.evaluate(
      `new Promise((resolve) => {
        document.addEventListener('securitypolicyviolation', ({ effectiveDirective }) => resolve(effectiveDirective));
        document.body.append(Object.assign(document.createElement('script'), { textContent: 'window.ran = true' }));
      })`,
    );

    assert.equal(blocked, 'script-src-elem');
    assert.equal(await page.evaluate('window.ran'), undefined);
    visits = [];
  });
});

/** WCAG 2 contrast of every kind of text against the page. */
async function contrastsOf(page: Page): Promise<number[]> {
  return (await page.evaluate(`(() => {
    const parse = (color) => {
      const context = document.createElement('canvas').getContext('2d');
      context.fillStyle = color;
      context.fillRect(0, 0, 1, 1);
      return [...context.getImageData(0, 0, 1, 1).data].slice(0, 3).map((part) => part / 255);
    };
    const luminance = (color) => parse(color)
      .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4))
      .reduce((sum, part, i) => sum + part * [0.2126, 0.7152, 0.0722][i], 0);
    const back = luminance(getComputedStyle(document.documentElement).backgroundColor);
    const samples = ['h1', 'a', '.hint', '.quiet', '.get', '.post', '.delete', '.options', '.bad', 'h2 + p'];
    return samples.flatMap((selector) => {
      const element = document.querySelector(selector);
      if (!element) return [];
      const own = luminance(getComputedStyle(element).color);
      return [(Math.max(own, back) + 0.05) / (Math.min(own, back) + 0.05)];
    });
  })()`)) as number[];
}

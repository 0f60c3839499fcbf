/** The page that shows the API's document and lets it be tried: one file, nothing from elsewhere. */
import { createHash } from 'node:crypto';
import { docsScript } from './docs-script.ts';
import { docsStyle } from './docs-style.ts';

const hashOf = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

export const docsPage = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>The voice center: API</title>
<link rel="icon" href="data:,">
<style>${docsStyle}</style>
</head>
<body>
<h1>The voice center: API</h1>
<p>The whole document: <a href="/openapi.json">openapi.json</a>.</p>
<label for="key"><span class="name">Key</span>
<span class="hint">Stays in this field: it is neither stored nor put into an address, and gone when the page is closed.</span>
<input id="key" type="password" autocomplete="off" spellcheck="false"></label>
<main>Reading the document …</main>
<noscript><p>This page needs JavaScript; the document itself does not.</p></noscript>
<script>${docsScript}</script>
</body>
</html>
`;

/** What a page of ours may do: its own style and script, questions to its own origin, nothing else. */
export const docsPageHeaders: Readonly<Record<string, string>> = {
  'content-security-policy': `default-src 'none'; style-src ${hashOf(docsStyle)}; script-src ${hashOf(docsScript)}; connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
  'cross-origin-opener-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'strict-transport-security': 'max-age=31536000; includeSubDomains',
  'x-frame-options': 'DENY',
};

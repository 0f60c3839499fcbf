/** Reads TwiML as strictly as Twilio does: well-formed XML, known verbs, known attributes. */

export interface TwimlElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly TwimlElement[];
  readonly text: string;
}

export class TwimlError extends Error {
  /** Twilio's error code. */
  readonly code: number;
  constructor(code: number, message: string) {
    super(message);
    this.name = 'TwimlError';
    this.code = code;
  }
}

const parseFailure = 12_100;
const schemaFailure = 12_200;

interface Cursor {
  readonly xml: string;
  at: number;
}

const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

function unescapeText(text: string): string {
  return text.replace(/&([^;\s]*);?/g, (whole, name: string) => {
    const numeric = /^#(x[0-9a-fA-F]+|\d+)$/.exec(name)?.[1];
    if (numeric !== undefined && whole.endsWith(';'))
      return String.fromCodePoint(
        numeric.startsWith('x') ? Number.parseInt(numeric.slice(1), 16) : Number(numeric),
      );
    const known = entities[name];
    if (known === undefined || !whole.endsWith(';'))
      throw new TwimlError(parseFailure, `Unescaped "&" in the document`);
    return known;
  });
}

const tag = /<([A-Za-z][\w.-]*)((?:\s+[\w:.-]+\s*=\s*(?:"[^"<]*"|'[^'<]*'))*)\s*(\/?)>/y;
const attribute = /([\w:.-]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g;

function readElement(cursor: Cursor): TwimlElement {
  tag.lastIndex = cursor.at;
  const match = tag.exec(cursor.xml);
  if (!match) throw new TwimlError(parseFailure, `No element at character ${cursor.at}`);
  const [whole, name = '', written = '', selfClosing] = match;
  cursor.at += whole.length;
  const attributes: Record<string, string> = {};
  for (const [, key = '', double, single] of written.matchAll(attribute)) {
    if (key in attributes) throw new TwimlError(parseFailure, `Attribute ${key} stands twice`);
    attributes[key] = unescapeText(double ?? single ?? '');
  }
  if (selfClosing) return { name, attributes, children: [], text: '' };
  return { name, attributes, ...readContent(cursor, name) };
}

function readContent(cursor: Cursor, name: string): Pick<TwimlElement, 'children' | 'text'> {
  const children: TwimlElement[] = [];
  let text = '';
  for (;;) {
    const next = cursor.xml.indexOf('<', cursor.at);
    if (next === -1) throw new TwimlError(parseFailure, `<${name}> is not closed`);
    text += unescapeText(cursor.xml.slice(cursor.at, next));
    cursor.at = next;
    if (cursor.xml.startsWith('<!--', next)) {
      const end = cursor.xml.indexOf('-->', next);
      if (end === -1) throw new TwimlError(parseFailure, 'A comment is not closed');
      cursor.at = end + 3;
    } else if (cursor.xml.startsWith(`</${name}>`, next)) {
      cursor.at = next + name.length + 3;
      return { children, text: text.trim() };
    } else children.push(readElement(cursor));
  }
}

/** Attributes of the verbs we know. Source: Twilio, "TwiML for Programmable Voice". */
const knownAttributes: Readonly<Record<string, readonly string[]>> = {
  Response: [],
  Connect: ['action', 'method'],
  Stream: ['url', 'name', 'track', 'statusCallback', 'statusCallbackMethod', 'connectorName'],
  Parameter: ['name', 'value'],
  Say: ['voice', 'language', 'loop'],
  Pause: ['length'],
  Hangup: [],
  Reject: ['reason'],
  Redirect: ['method'],
  Dial: [
    'action',
    'method',
    'timeout',
    'timeLimit',
    'callerId',
    'answerOnBridge',
    'hangupOnStar',
    'record',
    'ringTone',
  ],
  Number: ['url', 'method', 'sendDigits', 'statusCallback', 'statusCallbackEvent', 'statusCallbackMethod'],
};

const knownChildren: Readonly<Record<string, readonly string[]>> = {
  Response: ['Connect', 'Say', 'Pause', 'Hangup', 'Reject', 'Redirect', 'Dial'],
  Connect: ['Stream'],
  Stream: ['Parameter'],
  Dial: ['Number'],
};

function checkElement(element: TwimlElement): void {
  const attributes = knownAttributes[element.name];
  if (!attributes) throw new TwimlError(schemaFailure, `<${element.name}> is not a verb that is simulated`);
  for (const name of Object.keys(element.attributes))
    if (!attributes.includes(name))
      throw new TwimlError(schemaFailure, `<${element.name}> has no attribute ${name}`);
  for (const child of element.children) {
    if (!knownChildren[element.name]?.includes(child.name))
      throw new TwimlError(schemaFailure, `<${child.name}> may not stand in <${element.name}>`);
    checkElement(child);
  }
}

/** @returns the verbs of the document. Throws `TwimlError`. */
export function parseTwiml(xml: string): readonly TwimlElement[] {
  const cursor: Cursor = { xml: xml.replace(/^﻿/, '').trim(), at: 0 };
  const declaration = /^<\?xml[^>]*\?>\s*/.exec(cursor.xml);
  if (declaration) cursor.at = declaration[0].length;
  const root = readElement(cursor);
  if (cursor.xml.slice(cursor.at).trim() !== '')
    throw new TwimlError(parseFailure, 'Something follows the document');
  if (root.name !== 'Response') throw new TwimlError(parseFailure, 'The document is not a <Response>');
  checkElement(root);
  return root.children;
}

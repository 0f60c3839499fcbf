/** A small strict XML reader for TwiML: well-formed or refused, nothing fetched, nothing expanded. */
import { codes, TwilioFailure } from './failure.ts';

export interface XmlElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly XmlElement[];
  /** Text directly inside, without the space around it. */
  readonly text: string;
}

/** TwiML is never deeper than four. */
const depthMax = 32;

interface Cursor {
  readonly xml: string;
  at: number;
}

const refuse = (problem: string): TwilioFailure => new TwilioFailure(codes.documentParse, problem);

const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };
/** Characters XML 1.0 allows; all others cannot even be written as a reference. */
const isXmlCharacter = (code: number): boolean =>
  code === 9 ||
  code === 10 ||
  code === 13 ||
  (code >= 0x20 && code <= 0xd7ff) ||
  (code >= 0xe000 && code <= 0xfffd) ||
  (code >= 0x10000 && code <= 0x10ffff);

function unescapeText(text: string): string {
  return text.replace(/&([^;\s&]{0,10});?/g, (whole, name: string) => {
    const numeric = /^#(x[0-9a-fA-F]+|\d+)$/.exec(name)?.[1];
    const code = numeric?.startsWith('x') ? Number.parseInt(numeric.slice(1), 16) : Number(numeric);
    const known = numeric === undefined ? entities[name] : characterOf(code);
    if (known === undefined || !whole.endsWith(';')) throw refuse('An "&" is not escaped as "&amp;"');
    return known;
  });
}

const characterOf = (code: number): string | undefined =>
  isXmlCharacter(code) ? String.fromCodePoint(code) : undefined;

const tag = /<([A-Za-z_][\w.:-]*)((?:\s+[\w:.-]+\s*=\s*(?:"[^"<]*"|'[^'<]*'))*)\s*(\/?)>/y;
const attribute = /([\w:.-]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g;

function readElement(cursor: Cursor, depth: number): XmlElement {
  if (depth > depthMax) throw refuse(`Elements are nested deeper than ${depthMax}`);
  tag.lastIndex = cursor.at;
  const match = tag.exec(cursor.xml);
  if (!match) throw refuse(`There is no well-formed element at character ${cursor.at}`);
  const [whole, name = '', written = '', selfClosing] = match;
  cursor.at += whole.length;
  const attributes: Record<string, string> = Object.create(null);
  for (const [, key = '', double, single] of written.matchAll(attribute)) {
    if (key in attributes) throw refuse(`<${name}> has the attribute ${key} twice`);
    attributes[key] = unescapeText(double ?? single ?? '');
  }
  if (selfClosing) return { name, attributes, children: [], text: '' };
  return { name, attributes, ...readContent(cursor, name, depth) };
}

function readContent(cursor: Cursor, name: string, depth: number): Pick<XmlElement, 'children' | 'text'> {
  const { xml } = cursor;
  const children: XmlElement[] = [];
  let text = '';
  for (;;) {
    const next = xml.indexOf('<', cursor.at);
    if (next === -1) throw refuse(`<${name}> is not closed`);
    text += unescapeText(xml.slice(cursor.at, next));
    cursor.at = next;
    const closing = /^<\/([^\s>]+)\s*>/.exec(xml.slice(next, next + name.length + 16));
    if (closing) {
      if (closing[1] !== name) throw refuse(`<${name}> is closed by </${closing[1]}>`);
      cursor.at = next + closing[0].length;
      return { children, text: text.trim() };
    }
    if (skip(cursor, '<!--', '-->') !== undefined) continue;
    const literal = skip(cursor, '<![CDATA[', ']]>');
    if (literal === undefined) children.push(readElement(cursor, depth + 1));
    else text += literal;
  }
}

/** @returns what stands between the two, or undefined when the cursor is not at `open`. */
function skip(cursor: Cursor, open: string, close: string): string | undefined {
  if (!cursor.xml.startsWith(open, cursor.at)) return undefined;
  const end = cursor.xml.indexOf(close, cursor.at + open.length);
  if (end === -1) throw refuse(`"${open}" is not closed`);
  const between = cursor.xml.slice(cursor.at + open.length, end);
  cursor.at = end + close.length;
  return between;
}

function skipBetweenElements(cursor: Cursor): void {
  do {
    while (/\s/.test(cursor.xml[cursor.at] ?? '')) cursor.at += 1;
  } while (skip(cursor, '<!--', '-->') !== undefined);
}

/** Throws `TwilioFailure` (12100). A document type is refused: TwiML has none. */
export function parseXml(xml: string): XmlElement {
  const cursor: Cursor = { xml: xml.replace(/^\uFEFF/, ''), at: 0 };
  if ([...cursor.xml].some((character) => !isXmlCharacter(character.codePointAt(0) ?? 0)))
    throw refuse('The document has a character that XML does not allow');
  // Only the very first characters may be the declaration.
  skip(cursor, '<?xml ', '?>');
  skipBetweenElements(cursor);
  if (cursor.at === cursor.xml.length) throw refuse('The document is empty');
  const root = readElement(cursor, 0);
  skipBetweenElements(cursor);
  if (cursor.at < cursor.xml.length) throw refuse('Something follows the end of the document');
  return root;
}

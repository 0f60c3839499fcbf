/**
 * Reads TwiML more strictly than Twilio: a verb, attribute or value that it would only warn about is refused here,
 * since a caller would hear something other than was meant. Source: Twilio, "TwiML for Programmable Voice".
 */
import { codes, TwilioFailure } from './failure.ts';
import { parseXml, type XmlElement } from './twiml-xml.ts';

export type TwimlElement = XmlElement;

/** Twilio reads documents of up to 64 KB. */
const documentBytesMax = 64 * 1024;
const sayCharsMax = 4_096;

interface ElementRule {
  /** What each attribute's value must look like. */
  readonly attributes: Readonly<Record<string, RegExp>>;
  readonly children?: readonly string[];
  readonly text?: 'required' | 'optional';
}

const any = /^.*$/s;
const some = /./s;
const number = /^\d{1,6}$/;
const yesOrNo = /^(true|false)$/;
const callback = { action: some, method: /^(GET|POST)$/ };
const status = {
  statusCallback: some,
  statusCallbackMethod: /^(GET|POST)$/,
};

const rules: Readonly<Record<string, ElementRule>> = {
  Response: {
    attributes: {},
    children: ['Connect', 'Say', 'Play', 'Pause', 'Hangup', 'Reject', 'Redirect', 'Dial', 'Gather'],
  },
  Connect: { attributes: callback, children: ['Stream'] },
  Stream: {
    attributes: { url: any, name: any, track: any, connectorName: any, ...status },
    children: ['Parameter'],
  },
  Parameter: { attributes: { name: some, value: any } },
  Say: { attributes: { voice: some, language: some, loop: number }, text: 'required' },
  Play: { attributes: { loop: number, digits: /^[0-9*#wW]+$/ }, text: 'optional' },
  Pause: { attributes: { length: number } },
  Hangup: { attributes: {} },
  Reject: { attributes: { reason: /^(rejected|busy)$/ } },
  Redirect: { attributes: { method: callback.method }, text: 'required' },
  Dial: {
    attributes: {
      ...callback,
      timeout: number,
      timeLimit: number,
      callerId: some,
      answerOnBridge: yesOrNo,
      hangupOnStar: yesOrNo,
      ringTone: some,
      sequential: yesOrNo,
    },
    children: ['Number'],
    text: 'optional',
  },
  Number: {
    attributes: { ...status, statusCallbackEvent: /^(initiated|ringing|answered|completed)( \w+)*$/ },
    text: 'required',
  },
  Gather: {
    attributes: {
      ...callback,
      input: /^dtmf$/,
      timeout: number,
      numDigits: number,
      finishOnKey: /^[0-9*#]?$/,
      actionOnEmptyResult: yesOrNo,
    },
    children: ['Say', 'Play', 'Pause'],
  },
};

const refuse = (problem: string): TwilioFailure => new TwilioFailure(codes.documentSchema, problem);

function checkElement(element: XmlElement): void {
  const { name, attributes, children, text } = element;
  const rule = rules[name];
  if (!rule) throw refuse(`<${name}> is not TwiML, or not simulated here`);
  for (const [key, value] of Object.entries(attributes)) {
    const form = rule.attributes[key];
    if (!form) throw refuse(`<${name}> has no attribute ${key} that is simulated here`);
    if (!form.test(value)) throw refuse(`<${name} ${key}> cannot have this value`);
  }
  if (text !== '' && rule.text === undefined) throw refuse(`<${name}> cannot hold text`);
  if (text === '' && rule.text === 'required') throw refuse(`<${name}> is empty`);
  for (const child of children) {
    if (!rule.children?.includes(child.name)) throw refuse(`<${child.name}> may not stand in <${name}>`);
    checkElement(child);
  }
  checkSpecials(element);
}

const numbersOfDialMax = 10;

function checkSpecials({ name, attributes, children, text }: XmlElement): void {
  if (name === 'Say' && text.length > sayCharsMax)
    throw new TwilioFailure(codes.sayText, `<Say> has more than ${sayCharsMax} characters`);
  if (name === 'Connect' && children.length !== 1) throw refuse('<Connect> needs exactly one <Stream>');
  if (name === 'Play' && text === '' && attributes['digits'] === undefined)
    throw refuse('<Play> needs an address or digits');
  if (name === 'Parameter' && (attributes['name'] === undefined || attributes['value'] === undefined))
    throw refuse('<Parameter> needs a name and a value');
  if (name === 'Dial' && children.length > 0 === (text !== ''))
    throw refuse('<Dial> needs either <Number> or a number as its text');
  if (name === 'Dial' && children.length > numbersOfDialMax)
    throw refuse(`<Dial> rings ${numbersOfDialMax} numbers at most`);
}

/** @returns the verbs of the document. Throws `TwilioFailure`. */
export function parseTwiml(xml: string): readonly TwimlElement[] {
  if (Buffer.byteLength(xml) > documentBytesMax)
    throw new TwilioFailure(codes.documentTooLarge, `The document has more than ${documentBytesMax} bytes`);
  const root = parseXml(xml);
  if (root.name !== 'Response')
    throw new TwilioFailure(codes.documentParse, 'The document is not a <Response>');
  checkElement(root);
  return root.children;
}

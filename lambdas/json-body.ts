/** A JSON body, read with bounds: type, size, encoding, depth. */
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { HttpProblem } from '#core/http/problem.ts';

/** The largest body any route takes is a consent with its disclosure: about 3 KB. */
const bodyBytesMax = 16 * 1024;
/** The deepest body has two levels; a parser is not to be tried with thousands. */
const depthMax = 8;

interface BodyParts {
  readonly event: APIGatewayProxyEventV2;
  readonly contentType: string | undefined;
}

/** @returns whatever JSON was sent. Throws `HttpProblem`. */
export function readJsonBody({ event, contentType }: BodyParts): unknown {
  const [type = '', ...parameters] = (contentType ?? '').toLowerCase().split(';');
  const charset = parameters.map((part) => part.trim()).find((part) => part.startsWith('charset='));
  if (type.trim() !== 'application/json' || (charset !== undefined && !/^charset="?utf-?8"?$/.test(charset)))
    throw new HttpProblem('unsupported_media_type', 'Send the body as application/json in UTF-8.');
  const bytes = Buffer.from(event.body ?? '', event.isBase64Encoded ? 'base64' : 'utf8');
  if (bytes.length > bodyBytesMax)
    throw new HttpProblem('payload_too_large', `The body may have ${bodyBytesMax} bytes.`, {
      maxBytes: bodyBytesMax,
    });
  const text = decode(bytes);
  if (depthOf(text) > depthMax)
    throw new HttpProblem('bad_request', `The body may have ${depthMax} levels.`, {
      fields: ['body: too deep'],
    });
  try {
    return JSON.parse(text);
  } catch {
    throw new HttpProblem('bad_request', 'The body is not JSON.', { fields: ['body: not JSON'] });
  }
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new HttpProblem('bad_request', 'The body is not UTF-8.', { fields: ['body: not UTF-8'] });
  }
}

/** Brackets outside of strings. One look at each character: no body makes it take longer than its length. */
function depthOf(text: string): number {
  let depth = 0;
  let deepest = 0;
  let isInString = false;
  for (let i = 0; i < text.length; i += 1) {
    const character = text[i];
    if (isInString && character === '\\') i += 1;
    else if (character === '"') isInString = !isInString;
    else if (isInString) continue;
    else if (character === '[' || character === '{') depth += 1;
    else if (character === ']' || character === '}') depth -= 1;
    deepest = Math.max(deepest, depth);
  }
  return deepest;
}

/** Where ElevenLabs is and how we prove who we are, checked once when an adapter is made. */

/** ElevenLabs' own address; residency hosts and stand-ins have others with the same paths. */
export const defaultBaseUrl = 'https://api.elevenlabs.io';

export interface EndpointOptions {
  readonly apiKey: string;
  /** An http(s) or ws(s) origin. Default: ElevenLabs' own. */
  readonly baseUrl?: string | undefined;
}

export interface Endpoint {
  readonly apiKey: string;
  http(path: string): URL;
  socket(path: string): URL;
}

/** Throws `TypeError` for an address or a key that could never work, without repeating the key. */
export function createEndpoint({ apiKey, baseUrl = defaultBaseUrl }: EndpointOptions): Endpoint {
  const base = new URL(baseUrl);
  const secure = base.protocol === 'https:' || base.protocol === 'wss:';
  if (!secure && base.protocol !== 'http:' && base.protocol !== 'ws:')
    throw new TypeError(`The ElevenLabs address must begin with http(s) or ws(s), not ${base.protocol}`);
  if (!/^[\x21-\x7e]+$/.test(apiKey))
    throw new TypeError('The ElevenLabs API key must be printable ASCII without spaces or line ends');

  return {
    apiKey,
    http: (path) => new URL(path, `${secure ? 'https' : 'http'}://${base.host}`),
    socket: (path) => new URL(path, `${secure ? 'wss' : 'ws'}://${base.host}`),
  };
}

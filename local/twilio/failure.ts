/** What goes wrong at Twilio, in its own error codes. */

/** Source: Twilio, "Error and Warning Dictionary"; those of streams also "Media Streams". */
export const codes = {
  /** A webhook could not be reached or answered something other than 2xx. */
  fetchFailed: 11_200,
  documentTooLarge: 11_750,
  /** The answer is not XML, or not TwiML. */
  documentParse: 12_100,
  /** A verb, attribute or value that TwiML does not have. */
  documentSchema: 12_200,
  contentType: 12_300,
  dialCallerId: 13_214,
  dialNumber: 13_223,
  sayText: 13_520,
  connectTimeout: 31_901,
  connectionRefused: 31_902,
  handshake: 31_920,
  streamBroken: 31_921,
  streamScheme: 31_922,
  streamUrl: 31_923,
  webSocketProtocol: 31_924,
  streamTrack: 31_941,
  /** A message of ours that Twilio cannot use. */
  malformedMessage: 31_950,
} as const;

/** A failure that ends the document that runs. The message says what would mend it and holds no caller's words. */
export class TwilioFailure extends Error {
  readonly code: number;
  constructor(code: number, message: string) {
    super(message);
    this.name = 'TwilioFailure';
    this.code = code;
  }
}

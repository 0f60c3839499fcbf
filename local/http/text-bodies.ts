/**
 * Which request bodies the gateway hands over as text; every other arrives base64 encoded, forms and bodies
 * without a content type among them (measured on a real HTTP API: ministackorg/ministack pull request 766).
 */

const textTypes = new Set(['application/json', 'application/xml', 'application/javascript']);

/** @param contentType as sent, with its parameters. */
export function arrivesAsText(contentType: string | undefined): boolean {
  const mediaType = contentType?.split(';', 1)[0]?.trim().toLowerCase() ?? '';
  return mediaType.startsWith('text/') || textTypes.has(mediaType);
}

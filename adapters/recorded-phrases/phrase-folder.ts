/** Recorded phrases from a folder, read once and kept in memory: a persona's phrases are about two megabytes. */
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { MulawAudio } from '#core/audio/mulaw.ts';
import type { RecordedPhrases } from '#core/ports/recorded-phrases.ts';
import { type Manifest, manifestName, manifestSchema, phraseKey } from './manifest.ts';

export const noRecordedPhrases: RecordedPhrases = { find: () => undefined };

/** @returns undefined when there is none; throws when it cannot be read. */
export function readManifest(folder: string): Manifest | undefined {
  let text: string;
  try {
    text = readFileSync(path.join(folder, manifestName), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  return manifestSchema.parse(JSON.parse(text));
}

export interface LoadedPhrases {
  readonly phrases: RecordedPhrases;
  readonly count: number;
  /** Entries whose file is missing or has another length. */
  readonly damaged: number;
}

/**
 * A phrase that is missing or damaged is spoken live instead.
 * @param model only recordings of the model that speaks live are used: two voices in one call would be worse than none
 */
export function loadRecordedPhrases(folder: string, model: string): LoadedPhrases {
  const audio = new Map<string, MulawAudio>();
  const manifest = readManifest(folder);
  const entries = manifest?.model === model ? manifest.phrases : [];
  for (const { voice, text, file, bytes } of entries) {
    const recorded = readRecording(path.join(folder, file));
    if (recorded?.length === bytes) audio.set(phraseKey(voice, text), recorded);
  }
  return {
    phrases: { find: (voice, text) => audio.get(phraseKey(voice, text)) },
    count: audio.size,
    damaged: entries.length - audio.size,
  };
}

function readRecording(file: string): MulawAudio | undefined {
  try {
    return readFileSync(file);
  } catch {
    return undefined;
  }
}

/** Writes one recording. @returns its entry for the manifest. */
export function writeRecording(
  folder: string,
  voice: string,
  text: string,
  audio: MulawAudio,
): Manifest['phrases'][number] {
  mkdirSync(folder, { recursive: true });
  const file = `${createHash('sha256').update(phraseKey(voice, text)).digest('hex').slice(0, 32)}.ulaw`;
  writeFileSync(path.join(folder, file), audio);
  return { voice, text, file, bytes: audio.length };
}

/** Replaces the manifest in one step. */
export function writeManifest(folder: string, manifest: Manifest): void {
  mkdirSync(folder, { recursive: true });
  const file = path.join(folder, manifestName);
  writeFileSync(`${file}.new`, `${JSON.stringify(manifest, undefined, 2)}\n`);
  renameSync(`${file}.new`, file);
}

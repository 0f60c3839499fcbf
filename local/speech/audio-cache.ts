/** What was spoken before: in memory the most recent, on disk (if wanted) everything up to a limit. */
import { createHash, randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { frameBytes, type MulawAudio } from '#core/audio/mulaw.ts';

/** Audio kept in memory: a bit over an hour of speech. */
const memoryBytesMax = 32 * 1024 * 1024;
/** Files kept on disk: at about 30 KB a sentence some 150 MB. */
const filesMax = 5_000;
/** Part of every key: raise it when the synthesiser speaks otherwise than before. */
const generation = 'flite-slt-1';

export interface AudioCache {
  find(key: string): Promise<MulawAudio | undefined>;
  store(key: string, audio: MulawAudio): Promise<void>;
}

export const audioKey = (text: string, speed: number): string =>
  createHash('sha256')
    .update(JSON.stringify([generation, text, speed]))
    .digest('hex');

function createMemory() {
  const entries = new Map<string, MulawAudio>();
  let bytes = 0;
  const forget = (key: string) => {
    bytes -= entries.get(key)?.length ?? 0;
    entries.delete(key);
  };
  return {
    find(key: string) {
      const audio = entries.get(key);
      if (!audio) return undefined;
      entries.delete(key);
      entries.set(key, audio);
      return audio;
    },
    store(key: string, audio: MulawAudio) {
      forget(key);
      entries.set(key, audio);
      bytes += audio.length;
      for (const oldest of entries.keys()) {
        if (bytes <= memoryBytesMax) break;
        forget(oldest);
      }
    },
  };
}

/** A broken or half-written file counts as absent; a disk that cannot be written is a cache that forgets. */
function createDisk(dir: string) {
  let filesLeft: number | undefined;
  const fileOf = (key: string) => path.join(dir, `${key}.ulaw`);
  return {
    async find(key: string): Promise<MulawAudio | undefined> {
      const audio = await readFile(fileOf(key)).catch(() => undefined);
      return audio && audio.length % frameBytes === 0 ? new Uint8Array(audio) : undefined;
    },
    async store(key: string, audio: MulawAudio): Promise<void> {
      try {
        await mkdir(dir, { recursive: true });
        filesLeft ??= filesMax - (await readdir(dir)).length;
        if (filesLeft <= 0) return;
        filesLeft -= 1;
        const unfinished = path.join(dir, `${randomUUID()}.part`);
        await writeFile(unfinished, audio);
        await rename(unfinished, fileOf(key));
      } catch {
        filesLeft = 0;
      }
    },
  };
}

/** @param dir where to keep audio between runs; without it only the memory remembers. */
export function createAudioCache(dir: string | undefined): AudioCache {
  const memory = createMemory();
  const disk = dir === undefined ? undefined : createDisk(dir);
  return {
    async find(key) {
      const remembered = memory.find(key);
      if (remembered || !disk) return remembered;
      const audio = await disk.find(key);
      if (audio) memory.store(key, audio);
      return audio;
    },
    async store(key, audio) {
      memory.store(key, audio);
      await disk?.store(key, audio);
    },
  };
}

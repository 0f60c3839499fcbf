/** DynamoDB on one machine: the same API over HTTP, kept in a folder. */

import type { Server, ServerResponse } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';

interface DynaliteOptions {
  readonly path?: string;
  readonly createTableMs: number;
  readonly deleteTableMs: number;
  readonly updateTableMs: number;
}

// The package carries no type declarations.
const dynalite = createRequire(import.meta.url)('dynalite') as (options: DynaliteOptions) => Server;

export interface EmbeddedDatabase {
  readonly url: string;
  /** Finishes what is under way and closes the files. */
  close(): Promise<void>;
}

/**
 * Rejects with the system's error when it cannot listen. Opening files that another process holds ends the process:
 * the caller must be the only one.
 * @param options.folder where the files are kept; in memory without one
 * @param options.port taken if it is free, else any
 */
export async function startEmbeddedDatabase(options: {
  readonly folder?: string;
  readonly port?: number;
}): Promise<EmbeddedDatabase> {
  const server = dynalite({
    ...(options.folder !== undefined && { path: options.folder }),
    createTableMs: 0,
    deleteTableMs: 0,
    updateTableMs: 0,
  });
  const work = followWork(server);
  await listen(server, options.port ?? 0);
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      await work.done(closeWaitMsMax);
      await closeDatabase(server);
    },
  };
}

/** A request that takes longer than this would never end. */
const closeWaitMsMax = 5_000;

/**
 * Requests that are being worked on, whether or not somebody still waits for the answer: files that are closed under
 * one of them would end the process.
 */
function followWork(server: Server) {
  const under = new Set<ServerResponse>();
  const waiting = new Set<() => void>();
  const end = (response: ServerResponse) => {
    under.delete(response);
    if (under.size === 0) for (const tell of waiting) tell();
  };
  server.on('request', (request, response) => {
    under.add(response);
    const answer = response.end.bind(response);
    response.end = ((...parts: Parameters<typeof answer>) => {
      end(response);
      return answer(...parts);
    }) as typeof response.end;
    // Nobody works on what has not come whole.
    request.once('close', () => request.complete || end(response));
  });
  return {
    async done(waitMsMax: number): Promise<void> {
      if (under.size === 0) return;
      const { promise, resolve } = Promise.withResolvers<void>();
      const timer = setTimeout(resolve, waitMsMax);
      waiting.add(resolve);
      await promise;
      clearTimeout(timer);
      waiting.delete(resolve);
    },
  };
}

async function listen(server: Server, port: number): Promise<void> {
  const attempt = (wanted: number) =>
    new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(wanted, '127.0.0.1', () => {
        server.off('error', reject);
        resolve();
      });
    });
  try {
    await attempt(port);
  } catch (error) {
    if (port === 0 || (error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    await attempt(0);
  }
}

function closeDatabase(server: Server): Promise<void> {
  return new Promise((resolve, reject) => {
    server.close((error) => (error ? reject(error) : resolve()));
    // Clients keep their connections open for the next request; idle or not, nobody asks any more.
    server.closeAllConnections();
  });
}

import { explainBusyPort } from '#local/processes/ports.ts';

/**
 * Ports for a process that must be told its port. They lie below the range that systems hand out on their own, so that
 * no test running beside this one is given the same meanwhile.
 */
export async function findFreePorts(count: number): Promise<number[]> {
  const free: number[] = [];
  while (free.length < count) {
    const port = 12_000 + Math.floor(Math.random() * 18_000);
    if (!free.includes(port) && (await explainBusyPort('PORT', port)) === undefined) free.push(port);
  }
  return free;
}

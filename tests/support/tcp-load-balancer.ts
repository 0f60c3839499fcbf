/** A load balancer as a stream meets it: TCP to a registered target, and a target that is taken away by degrees. */
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export interface Deregistration {
  /** Connections that are open after this time are cut. Milliseconds. */
  readonly delayMs: number;
  /** New connections that still go to the target: the real one goes on sending some for about 15 s. */
  readonly stragglers: number;
}

export interface TcpLoadBalancer {
  readonly port: number;
  register(name: string, port: number): void;
  /** @returns when nothing is connected to the target any more: by itself, or cut at the end of the delay. */
  deregister(name: string, how: Deregistration): Promise<'unused' | 'cut'>;
  /** Connections a target has been given so far. */
  given(name: string): number;
  close(): Promise<void>;
}

interface Target {
  readonly name: string;
  readonly port: number;
  readonly open: Set<Socket>;
  given: number;
  isDraining: boolean;
  stragglers: number;
  onUnused: () => void;
}

export async function startTcpLoadBalancer(): Promise<TcpLoadBalancer> {
  const targets = new Map<string, Target>();
  let turn = 0;

  const choose = (): Target | undefined => {
    const all = [...targets.values()];
    const late = all.find((target) => target.isDraining && target.stragglers > 0);
    if (late) {
      late.stragglers -= 1;
      return late;
    }
    const serving = all.filter((target) => !target.isDraining);
    turn += 1;
    return serving[turn % serving.length];
  };

  const server = createServer((near) => {
    const target = choose();
    near.on('error', () => near.destroy());
    if (target === undefined) return void near.destroy();
    const far = connect(target.port, '127.0.0.1');
    far.on('error', () => near.destroy());
    target.given += 1;
    target.open.add(near);
    near.pipe(far).pipe(near);
    near.on('close', () => {
      far.destroy();
      target.open.delete(near);
      if (target.open.size === 0) target.onUnused();
    });
    return undefined;
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));

  const find = (name: string): Target => {
    const target = targets.get(name);
    if (target === undefined) throw new Error(`There is no target ${name}`);
    return target;
  };
  return {
    port: (server.address() as AddressInfo).port,
    register(name, port) {
      const fresh = { open: new Set<Socket>(), given: 0, isDraining: false, stragglers: 0 };
      targets.set(name, { name, port, ...fresh, onUnused: () => undefined });
    },
    async deregister(name, { delayMs, stragglers }) {
      const target = find(name);
      target.isDraining = true;
      target.stragglers = stragglers;
      let timer: NodeJS.Timeout | undefined;
      const unused = new Promise<'unused'>((resolve) => {
        target.onUnused = () => resolve('unused');
        if (target.open.size === 0) resolve('unused');
      });
      const cut = new Promise<'cut'>((resolve) => {
        timer = setTimeout(() => resolve('cut'), delayMs);
      });
      const outcome = await Promise.race([unused, cut]);
      clearTimeout(timer);
      target.stragglers = 0;
      for (const socket of target.open) socket.destroy();
      return outcome;
    },
    given: (name) => find(name).given,
    async close() {
      for (const { open } of targets.values()) for (const socket of open) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

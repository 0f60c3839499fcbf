/** Addresses where every vendor would be: they count who comes, and answer nothing. */
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';

export interface CountingVendors {
  /** `http://127.0.0.1:<port>` */
  readonly url: string;
  /** Sockets opened so far. */
  sockets(): number;
  close(): Promise<void>;
}

export async function startCountingVendors(): Promise<CountingVendors> {
  const open = new Set<Socket>();
  let sockets = 0;
  const server = createServer((socket) => {
    sockets += 1;
    open.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => open.delete(socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    sockets: () => sockets,
    async close() {
      for (const socket of open) socket.destroy();
      const closed = once(server, 'close');
      server.close();
      await closed;
    },
  };
}

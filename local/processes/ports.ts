import net from 'node:net';

/** Exit code for a setting that only a person can mend (`EX_CONFIG` of sysexits.h); nobody starts such a process again. */
export const settingProblemExitCode = 78;

/** @returns a sentence that names the variable and the mend when the port cannot be taken. */
export async function explainBusyPort(
  variable: string,
  port: number,
  host = '127.0.0.1',
): Promise<string | undefined> {
  const server = net.createServer();
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, host, resolve);
    });
    return undefined;
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    const why = code === 'EADDRINUSE' ? 'is in use by another process' : `cannot be used (${code})`;
    return `Port ${port} ${why}. Stop that process, or set ${variable} to another port: ${variable}=${port + 1} npm start`;
  } finally {
    server.close();
  }
}

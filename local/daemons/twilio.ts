/** Daemon: the simulated Twilio; a process of its own, so that nothing delays its 20 ms frames. */
import { startSimulatedTwilio } from '../twilio/exchange.ts';
import { runDaemon } from './run-daemon.ts';

await runDaemon('twilio', async ({ previousAddresses }) => {
  const previous = previousAddresses['url'];
  const start = (port: number) =>
    startSimulatedTwilio({
      port,
      accountSid: process.env['TWILIO_ACCOUNT_SID'] ?? '',
      authToken: process.env['TWILIO_AUTH_TOKEN'] ?? '',
    });
  const exchange = await start(previous === undefined ? 0 : Number(new URL(previous).port)).catch((error) => {
    // Somebody else has taken the port of the one before.
    if (error.code === 'EADDRINUSE') return start(0);
    throw error;
  });
  return { addresses: { url: exchange.url, phoneUrl: exchange.phoneUrl }, close: exchange.close };
});

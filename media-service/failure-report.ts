/** Failures of vendors as operators see them: one line and one count each, never a word of the call. */
import { isCancelled, isProviderError, type ProviderName } from '#core/errors.ts';
import type { CallSid } from '#core/ids.ts';
import type { MetricName, Telemetry } from '#core/ports/telemetry.ts';

const metricOf: Partial<Record<ProviderName, MetricName>> = {
  'elevenlabs-stt': 'SttErrors',
  'elevenlabs-tts': 'TtsErrors',
  anthropic: 'LlmErrors',
  mcp: 'ToolErrors',
};

export function createFailureReport(telemetry: Telemetry, callSid: CallSid): (error: unknown) => void {
  return (error) => {
    if (isCancelled(error)) return;
    if (!isProviderError(error)) {
      const name = error instanceof Error ? error.name : 'unknown';
      telemetry.log('error', { msg: 'call.unexpected-error', callSid, error: name });
      return;
    }
    const { provider, failure, code, retryable } = error;
    const detail = code === undefined ? {} : { code };
    telemetry.emit('warn', { msg: 'provider.failed', callSid, provider, failure, retryable, ...detail });
    const metric = metricOf[provider];
    if (metric) telemetry.metric(metric, 1);
  };
}

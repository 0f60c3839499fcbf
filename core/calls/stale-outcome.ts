/** How a call ended that nobody was there to end: read from the last status the carrier told. */
import type { CallStatus, Outcome } from '../records/call-record.ts';

export function staleOutcome(status: CallStatus): Outcome {
  switch (status) {
    case 'queued':
    case 'initiated':
    case 'ringing':
    case 'busy':
    case 'no-answer':
    case 'canceled':
      return 'not-answered';
    case 'failed':
      return 'failed';
    case 'in-progress':
    case 'completed':
      return 'lost';
  }
}

/** The CDK app: `--context stage=dev` chooses the settings; `--context parked=true` leaves the stage without tasks. */
import { createApp } from '#lib/app.ts';

const app = createApp();
app.synth();

/** What carries calls: network, load balancer, tasks. Without state. */
import type { Construct } from 'constructs';
import type { Tables } from '../data/data-stack.ts';
import type { StageSettings } from '../settings/schema.ts';
import { StageStack } from '../stage-stack.ts';
import { type Balancer, makeBalancer } from './load-balancer.ts';
import { makeNetwork } from './network.ts';
import { scaleOnCalls } from './scaling.ts';
import { type MediaService, makeMediaService } from './service.ts';

export class MediaStack extends StageStack {
  readonly balancer: Balancer;
  readonly media: MediaService;

  constructor(scope: Construct, settings: StageSettings, tables: Tables) {
    super(scope, settings, 'media', `Voice center ${settings.stage}: load balancer and media service`);
    const network = makeNetwork(this, settings);
    this.balancer = makeBalancer(this, settings, network);
    this.media = makeMediaService(this, { settings, network, balancer: this.balancer, tables });
    scaleOnCalls(this.media.service, settings);
  }
}

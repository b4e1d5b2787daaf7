import type { HeartbeatSettings } from './config/alerts-schema.ts';
import type { Clock } from './model/clock.ts';
import { isAnswer, type Outcome } from './model/outcome.ts';
import type { StorageEvent } from './storage.ts';
import { callAddress } from './telemetry/call-address.ts';
import { type HeartbeatEvent, startHeartbeat } from './telemetry/heartbeat.ts';
import type { Log } from './telemetry/log.ts';
import { createWellBeing } from './telemetry/well-being.ts';

/** What the collector tells of itself, and the heartbeat that says so to the outside. */
export type SignOfLife = {
  readonly pollEnded: (outcome: Outcome) => void;
  readonly storageTold: (event: StorageEvent) => void;
  stop(): Promise<void>;
};

export type SignOfLifeOptions = HeartbeatSettings & {
  readonly clock: Clock;
  readonly log: Log;
  readonly notReady: Iterable<string>;
};

/** Polls that only fail for so long are trouble; shorter is a hiccup of the network. */
const patienceMs = 2 * 60_000;

export function showSignOfLife({ url, everyMs, clock, log, notReady }: SignOfLifeOptions): SignOfLife {
  const wellBeing = createWellBeing(clock, patienceMs);
  const heartbeat = startHeartbeat({
    ...{ url, everyMs, clock, call: callAddress },
    troubles: () => wellBeing.troubles(notReady),
    told: (event) => tell(log, event),
  });
  return {
    pollEnded: (outcome) => wellBeing.pollEnded(isAnswer(outcome)),
    storageTold: (event) => {
      if (event.kind === 'sink_changed') wellBeing.sinkUp(event.sink, event.isUp);
    },
    stop: () => heartbeat.stop(),
  };
}

function tell(log: Log, event: HeartbeatEvent): void {
  switch (event.status) {
    case 'failing':
      log.warn(`the heartbeat does not get through: ${event.reason}; check heartbeat.url and the network`);
      return;
    case 'answered_again':
      log.info('the heartbeat gets through again');
      return;
    case 'withheld':
      log.warn(`the heartbeat is withheld: ${event.reasons.join('; ')}`);
      return;
    case 'well_again':
      log.info('the heartbeat goes on: all is well again');
      return;
    default:
      event satisfies never;
  }
}

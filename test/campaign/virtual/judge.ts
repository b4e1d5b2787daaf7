import type { Schedule } from '../../../src/model/round.ts';
import type { StoreStatus } from '../../../src/model/store-status.ts';
import { endpoints } from '../../../src/model/target.ts';
import { checkNumbers, type Unshowable } from './check-numbers.ts';
import { checkRounds } from './check-rounds.ts';
import { checkSink } from './check-sink.ts';
import { checkTiers } from './check-tiers.ts';
import { checkVerified } from './check-verified.ts';
import type { Surroundings } from './collector-life.ts';
import type { LivedTime } from './lived-time.ts';

/** What a run has left behind. */
export type Remains = Pick<Surroundings, 'scenario' | 'clock' | 'upstream' | 'sink' | 'setup' | 'log' | 'findings'> & {
  readonly path: string;
  /** Undefined where the collector did not come to its end. */
  readonly status: StoreStatus | undefined;
  readonly lived: LivedTime;
  readonly schedules: readonly Schedule[];
  /** Of the last life. */
  readonly reportingZone: string;
};

export type Judgement = {
  readonly makings: number;
  readonly unshowable: ReadonlyMap<Unshowable, number>;
  /** Requests that came to the server beyond its limit in some second. */
  readonly overLimit: number;
};

/** Holds all of it against the truth, and what livetally says of it itself besides. */
export async function judge(remains: Remains): Promise<Judgement> {
  const { scenario, clock, upstream, sink, setup, log, findings, path, status, reportingZone } = remains;
  const { goneBack } = remains.lived;
  if (status !== undefined) {
    checkSink(sink, log, status, findings);
    checkTiers(path, { log, sink, status, zoneChanges: scenario.turns.changesReporting, goneBack }, findings);
    await checkVerified(path, sink, log, { setup, reportingZone, wallMs: clock.wallMs(), findings });
  }
  checkRounds(path, { ...remains, isSteady: scenario.turns.absentOneIn === 0 }, findings);
  const unshowable = new Map<Unshowable, number>();
  let makings = 0;
  for (const endpoint of endpoints) {
    const numbers = checkNumbers(log.taken(endpoint), findings);
    makings += numbers.makings;
    for (const [kind, count] of numbers.unshowable) unshowable.set(kind, (unshowable.get(kind) ?? 0) + count);
  }
  const overLimit = upstream.excess(setup.limits);
  findings.add('wrong', `${overLimit} requests came beyond the limit`, overLimit);
  return { makings, unshowable, overLimit };
}

import { sessionMeasurement } from '../../../src/model/measurement.ts';
import type { Schedule } from '../../../src/model/round.ts';
import type { StoreStatus } from '../../../src/model/store-status.ts';
import { endpoints } from '../../../src/model/target.ts';
import { tiers } from '../../../src/model/window.ts';
import { checkNumbers, type Unshowable } from './check-numbers.ts';
import { checkRounds } from './check-rounds.ts';
import { checkSink } from './check-sink.ts';
import { checkTiers } from './check-tiers.ts';
import { checkVerified } from './check-verified.ts';
import type { Surroundings } from './collector-life.ts';
import type { LivedTime } from './lived-time.ts';
import { placeOf } from './simulated-sink.ts';
import { keyOf } from './truth-log.ts';

/** What a run has left behind. */
export type Remains = Pick<Surroundings, 'scenario' | 'clock' | 'upstream' | 'sink' | 'setup' | 'log' | 'findings'> & {
  readonly path: string;
  /** Undefined where the collector did not come to its end. */
  readonly status: StoreStatus | undefined;
  readonly lived: LivedTime;
  /** Recall has brought back all that a copy of the store did not know. */
  readonly isWholeAgain: boolean;
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

/**
 * Without holes the windows and sessions are those that the sink has, unless their days are others. A session that had been closed
 * for a while, and goes on, is written again when it is closed again.
 */
function checkNothingStrange({ scenario, sink, log, findings }: Remains, { sinks, rollUp }: StoreStatus): void {
  const { recalls, changesReporting } = scenario.turns;
  if (recalls !== 'at_once' || changesReporting || [...sinks, ...rollUp].some(({ dropped }) => dropped > 0)) return;
  const taken = endpoints.flatMap((endpoint) => log.taken(endpoint));
  const latest = new Map(taken.map(({ series, sample }) => [keyOf(series.target), sample]));
  const open = new Set([...latest.values()].map(({ sessionMs }) => String(sessionMs)));
  const isOpenSession = (key: string) =>
    key.startsWith(`${sessionMeasurement},`) && open.has(key.slice(key.lastIndexOf(' ') + 1));
  for (const tier of [undefined, ...tiers]) {
    const strangers = [...sink.strangers(tier)].filter((key) => !isOpenSession(key));
    const words = `after recall the sink has points in ${placeOf(tier)} that the store does not know`;
    findings.add('doubled', `${words}: ${strangers.slice(0, 3).join('; ')}`, strangers.length);
  }
}

/** Holds all of it against the truth, and what livetally says of it itself besides. */
export async function judge(remains: Remains): Promise<Judgement> {
  const { scenario, clock, upstream, sink, setup, log, findings, path, status, reportingZone } = remains;
  const { goneBack } = remains.lived;
  if (status !== undefined) {
    checkSink(sink, log, status, findings);
    checkTiers(path, { log, sink, status, zoneChanges: scenario.turns.changesReporting, goneBack }, findings);
    if (remains.isWholeAgain) checkNothingStrange(remains, status);
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

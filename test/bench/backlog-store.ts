import { rmSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { endpoints, type Series } from '../../src/model/target.ts';
import { createRollUp } from '../../src/roll-up/roll-up.ts';
import { destinationsOf } from '../../src/shipping.ts';
import { sinkName } from '../../src/storage.ts';
import type { NewSample } from '../../src/store/batch.ts';
import { type Journal, openJournal } from '../../src/store/journal.ts';
import { systemClock } from '../../src/system-clock.ts';
import { pastSample, seriesOf } from './past-samples.ts';
import { cronOf, type Workload } from './workload.ts';

/** Rounds of a workload that InfluxDB has missed, the first of them at `firstMs`. */
export type Outage = { readonly rounds: number; readonly firstMs: number };

export type BacklogStore = AsyncDisposable & { readonly path: string };

/** Five minutes of polling: then the roll-up has a window to end. */
const roundsPerCommit = 20;

/** A store as polling would have filled it while InfluxDB was away: all its rows wait for the sinks. */
export async function fillStore(
  workload: Workload,
  outage: Outage,
  log: (line: string) => void,
): Promise<BacklogStore> {
  const folder = await mkdtemp(join(tmpdir(), 'livetally-bench-'));
  // It is gigabytes: a bench that is broken off must not leave it behind.
  const abandon = () => rmSync(folder, { recursive: true, force: true });
  process.on('exit', abandon);
  const path = join(folder, 'livetally.db');
  await fill(path, workload, outage, log);
  return {
    path,
    async [Symbol.asyncDispose]() {
      await rm(folder, { recursive: true, force: true });
      process.off('exit', abandon);
    },
  };
}

async function fill(
  path: string,
  workload: Workload,
  { rounds, firstMs }: Outage,
  log: (line: string) => void,
): Promise<void> {
  using journal = open(path);
  const series = seriesOf(workload);
  const seriesIds = journal.register(series).map(({ seriesId }) => seriesId);
  const intervalMs = workload.intervalSeconds * 1000;
  const startsMs = Array.from({ length: rounds }, (_, round) => firstMs + round * intervalMs);
  const beganMs = performance.now();
  for (let first = 0; first < rounds; first += roundsPerCommit) {
    const some = startsMs.slice(first, first + roundsPerCommit);
    commitRounds(journal, { workload, series, seriesIds, first, startsMs: some });
    const settledMs = firstMs + (first + some.length) * intervalMs;
    while (journal.rollUp(settledMs).hasMore);
    // Lets signals in.
    await nextTurn();
    const hours = (first * workload.intervalSeconds) / 3600;
    if (first > 0 && hours % 2 === 0) log(`${hours} h are in the store after ${elapsed(beganMs)}`);
  }
  log(`the store is filled after ${elapsed(beganMs)}`);
}

function open(path: string): Journal {
  const forever = Number.POSITIVE_INFINITY;
  return openJournal({
    ...{ path, clock: systemClock, keepMs: 14 * 86_400_000, maxSizeBytes: 10 * 2 ** 30 },
    keepTiersMs: { '5m': forever, '1h': forever, '1d': forever, '1mo': forever },
    sinks: destinationsOf(sinkName, true),
    holder: { pid: process.pid, host: hostname(), command: 'bench' },
    rollUp: createRollUp({ timezone: 'Etc/UTC', closeAfterMs: 30 * 60_000 }),
    onForgotten: (target, problem) => {
      throw new Error(`the roll-up forgot ${target.roomId}: ${problem}`);
    },
    onDamagedRows: (_table, _rows, example) => {
      throw new Error(example);
    },
    onTornCommit: () => {},
  });
}

type Rounds = {
  readonly workload: Workload;
  readonly series: readonly Series[];
  readonly seriesIds: readonly number[];
  /** Number of the first round, and when each begins. */
  readonly first: number;
  readonly startsMs: readonly number[];
};

function commitRounds(journal: Journal, { workload, series, seriesIds, first, startsMs }: Rounds): void {
  const firstId = journal.nextRoundId();
  const intervalMs = workload.intervalSeconds * 1000;
  const begun = startsMs.flatMap((startMs, offset) =>
    endpoints.map((endpoint, place) => ({
      id: firstId + offset * endpoints.length + place,
      round: { schedule: { app: 'main', endpoint, cron: cronOf(workload), timezone: 'Etc/UTC' }, startMs },
      due: endpoint === 'room_stats' ? workload.rooms : workload.receivers,
    })),
  );
  const samples = startsMs.flatMap((startMs, offset) =>
    series.map((one, place): NewSample => {
      const { endpoint } = one.target;
      const sample = pastSample(one, place, first + offset, startMs, intervalMs);
      const roundId = firstId + offset * endpoints.length + endpoints.indexOf(endpoint);
      return { endpoint, seriesId: seriesIds[place] ?? 0, roundId, sample };
    }),
  );
  const ended = begun.map(({ id }) => id);
  journal.commit({ begun, samples, ended, states: new Map(), unanswered: new Map(), unansweredMs: 0, endBefore: 0 });
}

function elapsed(beganMs: number): string {
  return `${((performance.now() - beganMs) / 1000).toFixed(0)} s`;
}

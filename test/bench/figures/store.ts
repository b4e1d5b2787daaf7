import { mkdtemp, rm } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Round } from '../../../src/model/round.ts';
import { connectStorage } from '../../../src/storage-connection.ts';
import type { Registration } from '../../../src/store/series-table.ts';
import type { StoreClient } from '../../../src/store/store-client.ts';
import { systemClock } from '../../../src/system-clock.ts';
import { encodeTallyState } from '../../../src/tally/state-text.ts';
import { openBare } from '../bare-sqlite.ts';
import type { Figure } from '../figure.ts';
import { pastSample, type Rows, seriesOf } from '../past-samples.ts';

/** Each pass starts a thread that has not compiled anything yet. */
const warmUpRounds = 5;
const groupRows = 500;
const workload = { rooms: 1425, receivers: 2850, intervalSeconds: 15 };

/** Alternately, so that a disk that slows down in between slows both. */
export const store: Figure = {
  name: 'store',
  async run({ isQuick, log }) {
    const [passes, roundCount] = isQuick ? [2, 10] : [5, 40];
    const rounds = makeRounds(warmUpRounds + roundCount);
    const total = passes * roundCount * (workload.rooms + workload.receivers);
    let threadSeconds = 0;
    let bareSeconds = 0;
    for (let pass = 1; pass <= passes; pass++) {
      log(`pass ${pass} of ${passes}`);
      threadSeconds += await inNewFolder((folder) => timeThread(join(folder, 'thread.db'), rounds));
      bareSeconds += await inNewFolder(async (folder) => timeBare(join(folder, 'bare.db'), rounds));
    }
    const perSecond = (seconds: number) => `${Math.round(total / seconds).toLocaleString('en-US')} rows/s`;
    return [
      {
        figure: 'store: rows through the thread',
        bound: { kind: 'at_least', value: 0.5 },
        value: bareSeconds / threadSeconds,
        livetally: perSecond(threadSeconds),
        beside: `${perSecond(bareSeconds)}, bare node:sqlite with the same rows and states in groups of 500`,
      },
    ];
  },
};

function makeRounds(count: number): readonly Rows[] {
  const intervalMs = workload.intervalSeconds * 1000;
  const firstMs = Math.floor(systemClock.wallMs()) - count * intervalMs;
  const allSeries = seriesOf(workload);
  return Array.from({ length: count }, (_, round) =>
    allSeries.map((series, place) => {
      const sample = pastSample(series, place, round, firstMs + round * intervalMs, intervalMs);
      const { dueMs, sessionMs, totals } = sample;
      const state = encodeTallyState({ dueMs, sessionMs, highest: totals, gone: false, dips: undefined });
      return { series, sample, state };
    }),
  );
}

/** Seconds from the first row handed over after the warm-up to the last row on the disk. */
async function timeThread(path: string, rounds: readonly Rows[]): Promise<number> {
  const connection = await connectStorage(
    {
      store: { path, keepMs: 14 * 86_400_000, maxSizeBytes: 10 * 2 ** 30 },
      reporting: { timezone: 'Etc/UTC', keepMs: { '5m': 1e12, '1h': 1e12, '1d': 1e12, '1mo': 1e12 } },
      sessionCloseAfterMs: 30 * 60_000,
      influxdb: undefined,
      holder: { pid: process.pid, host: hostname(), command: 'bench' },
    },
    { clock: systemClock, events: { commitProblem: fail, told: fail, lost: fail } },
  );
  const { store } = connection;
  const registrations = await store.register(seriesOf(workload));
  const commit = async (some: readonly Rows[]) => {
    for (const rows of some) await appendRound(store, registrations, rows);
    await store.flush();
  };
  await commit(rounds.slice(0, warmUpRounds));
  const startMs = performance.now();
  await commit(rounds.slice(warmUpRounds));
  const seconds = (performance.now() - startMs) / 1000;
  await connection.close({ shipWithinMs: 0 });
  return seconds;
}

async function appendRound(store: StoreClient, registrations: readonly Registration[], rows: Rows): Promise<void> {
  const roundId = store.beginRound(roundOf(rows), rows.length);
  for (const [place, { sample, state }] of rows.entries()) {
    const registration = registrations[place];
    if (registration === undefined) throw new Error(`the store registered only ${place} series`);
    store.append(registration, roundId, sample, state);
    // Never far ahead of the disk: that is how a collector treats it too.
    if (place % groupRows === 0) while (store.unacknowledged > 4 * groupRows) await delay(1);
  }
  store.endRound(roundId);
}

function timeBare(path: string, rounds: readonly Rows[]): number {
  using bare = openBare(path);
  bare.commit(rounds.slice(0, warmUpRounds), groupRows);
  const startMs = performance.now();
  bare.commit(rounds.slice(warmUpRounds), groupRows);
  return (performance.now() - startMs) / 1000;
}

function roundOf(rows: Rows): Round {
  const startMs = rows[0]?.sample.dueMs ?? 0;
  return { schedule: { app: 'main', endpoint: 'room_stats', cron: '*/15 * * * * *', timezone: 'Etc/UTC' }, startMs };
}

function fail(problem: unknown): void {
  if (problem !== undefined) throw new Error('the store reported a problem', { cause: problem });
}

async function inNewFolder(work: (folder: string) => Promise<number>): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'livetally-bench-'));
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

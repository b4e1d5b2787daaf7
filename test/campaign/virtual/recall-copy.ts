import { samplePoint } from '../../../src/model/point.ts';
import { type Endpoint, endpoints } from '../../../src/model/target.ts';
import { recall } from '../../../src/recall/recall.ts';
import { createRollUp } from '../../../src/roll-up/roll-up.ts';
import { destinationsOf } from '../../../src/shipping.ts';
import { sinkName } from '../../../src/storage.ts';
import { openJournal } from '../../../src/store/journal.ts';
import type { VirtualClock } from '../../virtual-clock.ts';
import { type Counts, openReader, readSamples, seriesText } from './check-store.ts';
import { closeAfterMs, keepTiersMs } from './collector-life.ts';
import type { Draws } from './draws.ts';
import type { Findings } from './findings.ts';
import type { Scenario } from './scenario.ts';
import { haveSameFields, placeOf, pointKey, type SimulatedSink } from './simulated-sink.ts';
import { createSinkReader } from './sink-reader.ts';
import { type BroughtBack, keyOf, type TakenSample, type TruthLog } from './truth-log.ts';
import type { Setup } from './watchlist.ts';

export type RecallContext = {
  readonly scenario: Scenario;
  readonly clock: VirtualClock;
  readonly sink: SimulatedSink;
  readonly setup: Setup;
  readonly reportingZone: string;
  readonly draws: Draws;
  readonly findings: Findings;
};

/** Beyond its size recall would refuse to go on. */
const ampleBytes = 1024 ** 3;

/** `livetally recall`, once in two broken off somewhere and given again. */
export async function recallCopy(path: string, context: RecallContext): Promise<void> {
  const { draws, findings } = context;
  const slices = draws.oneIn(2) ? Math.round(draws.logBetween(1, 500)) : Number.POSITIVE_INFINITY;
  try {
    await recallSlices(path, context, slices);
  } catch (cause) {
    if (cause !== brokenOff) throw cause;
    await recallSlices(path, context, Number.POSITIVE_INFINITY);
  }
  using database = openReader(path);
  const select = database.connection.prepare(
    `SELECT count(*) AS rounds FROM round JOIN schedule ON schedule.id = schedule_id
     WHERE cron = '0 * * * *' AND NOT (due = polled AND failed = 0 AND skipped = 0 AND ended)`,
  );
  const wrong = Number(select.get()?.['rounds']);
  findings.add('wrong', `${wrong} rounds of what recall brought back are not polled and ended`, wrong);
}

const brokenOff = new Error('recall is broken off');

async function recallSlices(path: string, context: RecallContext, slices: number): Promise<void> {
  const { scenario, clock, sink, setup, reportingZone, findings } = context;
  const reader = createSinkReader(sink, placeOf(undefined));
  const apps = setup.apps.map(({ name }) => name);
  using journal = openJournal({
    ...{
      path,
      clock,
      keepMs: scenario.store.keepMs,
      maxSizeBytes: ampleBytes,
      keepTiersMs,
      sinks: destinationsOf(sinkName, true),
    },
    rollUp: createRollUp({ timezone: reportingZone, closeAfterMs }),
    ...{ onForgotten: () => {}, onDamagedRows: () => {}, onTornCommit: () => {} },
    holder: { pid: 1, host: 'simulated', command: 'livetally recall' },
  });
  let left = slices;
  const { strange } = await recall({
    ...{ store: journal, sink: sinkName, nowMs: clock.wallMs() },
    readPoints: (measurement, time) => reader.readWholePoints(measurement, apps, time),
    nextMs: (measurement, fromMs) => reader.nextMs(measurement, apps, fromMs),
    pause: async () => {
      if (--left <= 0) throw brokenOff;
    },
  });
  findings.add('wrong', `recall takes ${strange} points for strange`, strange);
}

/**
 * Holds what recall has written behind the rows of the copy against what the sink had, and takes it into the log. True when all is
 * there again that the copy does not know.
 */
export function takeBack(
  path: string,
  { log, lost, known }: { log: TruthLog; lost: Readonly<Record<Endpoint, readonly TakenSample[]>>; known: Counts },
  { scenario, sink, findings }: RecallContext,
): boolean {
  let isWhole = true;
  for (const endpoint of endpoints) {
    const byPoint = new Map(
      lost[endpoint].map((taken) => [placeInTime(seriesText(taken.series), taken.sample), taken]),
    );
    const found: BroughtBack[] = [];
    for (const { series, sample } of readSamples(path, endpoint, known[endpoint])) {
      const taken = byPoint.get(placeInTime(series, sample));
      if (taken === undefined) {
        findings.add('doubled', `recall has made up a sample of ${oneLine(series)}, due ${sample.dueMs}`);
        continue;
      }
      byPoint.delete(placeInTime(series, sample));
      found.push({ taken, sample });
    }
    const holed = new Set([...byPoint.values()].map(({ series }) => keyOf(series.target)));
    for (const { taken, sample } of found) {
      const { series, sample: was } = taken;
      // Behind holes, and of a life that did not know of the one before it, the sessions are told anew.
      const keepsSession = scenario.turns.recalls === 'at_once' && !holed.has(keyOf(series.target));
      const isOfSession = sample.sessionMs === was.sessionMs || !keepsSession;
      if (sample.delayMs !== was.delayMs || !isOfSession || sample.totals.join() !== was.totals.join())
        findings.add('wrong', `recall has changed a sample of ${oneLine(seriesText(series))}, due ${sample.dueMs}`);
    }
    log.takeBack(endpoint, lost[endpoint], found);
    isWhole &&= byPoint.size === 0;
    // A store that has never held a sample is none to go on from.
    if (known.room_stats + known.gift_count === 0) continue;
    for (const { series, sample } of byPoint.values()) {
      const point = samplePoint(series, sample);
      const there = sink.points().get(pointKey(point));
      if (there !== undefined && haveSameFields(there, point.fields))
        findings.add(
          'lost',
          `recall has left a sample of ${oneLine(seriesText(series))} in the sink, due ${sample.dueMs}`,
        );
    }
  }
  return isWhole;
}

function placeInTime(series: string, { dueMs }: { readonly dueMs: number }): string {
  return `${series} ${dueMs}`;
}

function oneLine(series: string): string {
  return series.replaceAll('\n', ' ');
}

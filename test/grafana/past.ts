import type { Point } from '../../src/model/point.ts';
import { samplePoint, sessionPoint, windowPoint } from '../../src/model/point.ts';
import type { Sample } from '../../src/model/sample.ts';
import type { TallyState } from '../../src/model/tally-state.ts';
import type { Labels, Series, Target } from '../../src/model/target.ts';
import { type Tier, tiers } from '../../src/model/window.ts';
import { createRollUp } from '../../src/roll-up/roll-up.ts';
import type { World, WorldTarget } from '../../src/simulator/world.ts';
import { tally, tallyGone } from '../../src/tally/tally.ts';

/** What livetally would have polled of a world, without the polling: for databases that are to hold days of it at once. */
export type Past = {
  readonly world: World;
  readonly targets: readonly PastTarget[];
  readonly fromMs: number;
  readonly untilMs: number;
  readonly intervalMs: number;
  /** When nothing was polled at all. */
  readonly outages: readonly { readonly startMs: number; readonly endMs: number }[];
  readonly timezone: string;
  readonly closeAfterMs: number;
};

export type PastTarget = {
  readonly target: Target;
  /** What the world calls it. */
  readonly inWorld: WorldTarget;
  labelsAt(atMs: number): Labels;
  /** Of a schedule of its own. */
  readonly intervalMs?: number;
};

export type PastSample = { readonly series: Series; readonly sample: Sample };

/** Where points go: the raw bucket or one of a tier. */
export const places = ['raw', ...tiers] as const;
export type Place = 'raw' | Tier;

/** The instants at which a target is polled, spread over the interval as livetally spreads them. */
export function* dueInstants(past: Past, place: number): Generator<number> {
  const { fromMs, untilMs, outages } = past;
  const intervalMs = pollIntervalOf(past, place);
  const spread = (place * 997) % intervalMs;
  for (let dueMs = fromMs + spread; dueMs < untilMs; dueMs += intervalMs) {
    if (!outages.some(({ startMs, endMs }) => startMs <= dueMs && dueMs < endMs)) yield dueMs;
  }
}

export function pollIntervalOf({ targets, intervalMs }: Past, place: number): number {
  return targets[place]?.intervalMs ?? intervalMs;
}

/** Every sample of one target, made by the real tally. */
export function* samplesOf(past: Past, place: number): Generator<PastSample> {
  const watched = past.targets[place];
  if (watched === undefined) return;
  let state: TallyState | undefined;
  for (const dueMs of dueInstants(past, place)) {
    const reading = past.world.read(watched.inWorld, dueMs);
    if (reading.status === 'gone') state = tallyGone(state, dueMs);
    if (reading.status !== 'exists') continue;
    const delayMs = 20 + (place % 30);
    const tallied = tally(state, { dueMs, delayMs, totals: reading.totals, intervalMs: pollIntervalOf(past, place) });
    state = tallied.state;
    yield { series: { target: watched.target, labels: watched.labelsAt(dueMs) }, sample: tallied.sample };
  }
}

/** All points of the past, samples and what the real roll-up makes of them, in batches for one place each. */
export function* pointsOf(past: Past, wanted: readonly Place[] = places): Generator<{ place: Place; points: Point[] }> {
  const batches = new Map<Place, Point[]>();
  function* add(place: Place, point: Point) {
    if (!wanted.includes(place)) return;
    const points = batches.get(place) ?? [];
    batches.set(place, points);
    points.push(point);
    if (points.length < batchPoints) return;
    batches.delete(place);
    yield { place, points };
  }
  for (const place of past.targets.keys()) {
    for (const [where, point] of pointsOfTarget(past, place)) yield* add(where, point);
  }
  for (const [place, points] of batches) yield { place, points };
}

const batchPoints = 5000;
/** Samples given to the roll-up at a time. */
const sliceSamples = 500;

function* pointsOfTarget(past: Past, place: number): Generator<[Place, Point]> {
  const { timezone, closeAfterMs, untilMs } = past;
  const rollUp = createRollUp({ timezone, closeAfterMs });
  const states = new Map<string, { series: Series; windows: string | undefined; seriesId: number }>();
  const seriesById: Series[] = [];
  let session: string | undefined;
  let slice: PastSample[] = [];

  function* flush(): Generator<[Place, Point]> {
    const bySeries = Map.groupBy(slice, ({ series }) => JSON.stringify(series.labels));
    for (const [key, samples] of bySeries) {
      const { series } = samples[0] ?? {};
      if (series === undefined) continue;
      const known = states.get(key) ?? { series, windows: undefined, seriesId: seriesById.push(series) - 1 };
      const step = rollUp.addToWindows(
        known.windows,
        samples.map(({ sample }) => sample),
      );
      states.set(key, { ...known, windows: step.state });
      for (const { tier, window } of step.ended) yield [tier, windowPoint(series, window)];
    }
    if (slice.length > 0) {
      const step = rollUp.addToSession(
        session,
        slice.map(({ series, sample }) => ({
          seriesId: states.get(JSON.stringify(series.labels))?.seriesId ?? 0,
          sample,
        })),
      );
      session = step.state;
      yield* sessionPoints(step.ended);
    }
    slice = [];
  }

  function* sessionPoints(ended: ReturnType<typeof rollUp.addToSession>['ended']): Generator<[Place, Point]> {
    for (const { seriesId, session: closed } of ended) {
      const series = seriesById[seriesId];
      if (series !== undefined) yield ['1d', sessionPoint(series, closed)];
    }
  }

  for (const { series, sample } of samplesOf(past, place)) {
    yield ['raw', samplePoint(series, sample)];
    // A silence closes a session, as it does while livetally runs.
    const last = slice.at(-1);
    if (slice.length === sliceSamples || (last !== undefined && sample.dueMs - last.sample.dueMs > closeAfterMs)) {
      yield* flush();
      if (session !== undefined) {
        const step = rollUp.endSession(session, sample.dueMs);
        session = step.state;
        yield* sessionPoints(step.ended);
      }
    }
    slice.push({ series, sample });
  }
  yield* flush();
  for (const { series, windows } of states.values()) {
    if (windows === undefined) continue;
    for (const { tier, window } of rollUp.endWindows(windows, untilMs).ended) yield [tier, windowPoint(series, window)];
  }
  if (session !== undefined) yield* sessionPoints(rollUp.endSession(session, untilMs).ended);
}

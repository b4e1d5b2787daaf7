import type { WorldOptions } from '../../../src/simulator/world-shape.ts';
import { cronPatterns } from './cron-patterns.ts';
import { createDraws, type Draws } from './draws.ts';
import { noTurns, type Turns, withTurns } from './turns.ts';

/** What a seed decides before anything runs. Times are milliseconds. */
export type Scenario = {
  readonly seed: number;
  /** Server time at the start. */
  readonly startMs: number;
  /** How long polls are made amid faults; a calm hour follows, in which everything is delivered. */
  readonly lengthMs: number;
  readonly world: WorldOptions & { readonly epochMs: number };
  readonly cron: { readonly rooms: string; readonly gifts: string };
  readonly timezone: string;
  readonly intervalMs: number;
  readonly apps: 'one' | 'two' | 'two_of_one_account';
  readonly requestTimeoutMs: number;
  /** Of the limit, what the watchlist needs. */
  readonly load: number;
  readonly store: { readonly keepMs: number; readonly maxSizeBytes: number };
  readonly batchSize: number;
  readonly upstream: { readonly faults: boolean; readonly falseGone: boolean; readonly missingCounters: boolean };
  readonly sink: {
    readonly faults: boolean;
    /** One point in so many is refused for good; 0 for none. */
    readonly poisonOneIn: number;
    /** Points older than this are refused; what was stored stays. */
    readonly keepMs: number;
    readonly maxPoints: number;
  };
  /** Messages between the collector and the store take their time, or arrive in the same turn. */
  readonly slowMessages: boolean;
  /** Mean time between two: crashes and stops, jumps of the wall clock, stalls of the process. */
  readonly mishaps: { readonly endsMs: number; readonly jumpsMs: number; readonly stallsMs: number };
  readonly relabels: boolean;
  readonly turns: Turns;
};

const minuteMs = 60_000;
const halfMinuteMs = minuteMs / 2;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;
const mebibyte = 1024 ** 2;
const never = Number.POSITIVE_INFINITY;

const crons = [
  ...['*/15 * * * * *', '*/15 * * * * *', '*/15 * * * * *', '*/10 * * * * *', '*/30 * * * * *', '0 * * * * *'],
  ...['*/15 * 0-3,18-23 * * *', '*/15 0-29 * * * *'],
] as const;

/** Zones, each with changes to and from summer time that a run may begin before. */
const zones = [
  ['Etc/UTC', '2026-01-01T00:00Z', '2026-12-31T23:00Z'],
  ['America/New_York', '2026-03-08T07:00Z', '2026-11-01T06:00Z'],
  ['Europe/Berlin', '2026-03-29T01:00Z', '2026-10-25T01:00Z'],
  ['Australia/Lord_Howe', '2026-04-04T15:00Z', '2026-10-03T15:30Z'],
  ['Asia/Kolkata', '2026-06-01T18:30Z', '2026-08-31T18:30Z'],
] as const;

/** About this many polls are due in a run. */
const polls = { min: 5_000, max: 60_000 };

/** What a seed has in store, the turns that came later than the first seeds among it. */
export function drawScenario(seed: number): Scenario {
  return withTurns(drawPlainScenario(seed));
}

/** Without turns, as small as it gets: what a seed meant before there were any. */
export function drawPlainScenario(seed: number): Scenario {
  const draws = createDraws(seed, 'scenario');
  const cron = draws.pick(crons);
  const intervalMs = cronPatterns[cron]?.intervalMs ?? 0;
  const [timezone, ...changes] = draws.pick(zones);
  const lengthMs = Math.round(draws.logBetween(0.25, draws.oneIn(10) ? 24 : 3) * hourMs);
  const startMs = Date.parse(draws.pick(changes)) - Math.round(draws.uniform() * lengthMs);
  const targets = (draws.logBetween(polls.min, polls.max) * intervalMs) / lengthMs;
  const receivers = Math.round(targets * draws.between(0, 0.5));
  return {
    seed,
    startMs,
    lengthMs,
    cron: { rooms: cron, gifts: intervalMs < halfMinuteMs && draws.oneIn(4) ? '*/30 * * * * *' : cron },
    timezone,
    intervalMs,
    world: drawWorld(draws, {
      seed,
      startMs,
      intervalMs,
      rooms: Math.max(1, Math.round(targets) - receivers),
      receivers,
    }),
    apps: draws.pick(['one', 'one', 'two', 'two_of_one_account']),
    requestTimeoutMs: draws.pick([3500, 5000, 20_000]),
    load: draws.pick([0.02, 0.3, 0.9, 0.95]),
    store: draws.oneIn(4)
      ? { keepMs: hourMs, maxSizeBytes: draws.between(0.5, 4) * mebibyte }
      : { keepMs: draws.pick([hourMs, 14 * dayMs]), maxSizeBytes: 1024 * mebibyte },
    batchSize: draws.pick([1, 20, 1000, 5000]),
    upstream: { faults: !draws.oneIn(4), falseGone: draws.oneIn(4), missingCounters: draws.oneIn(4) },
    sink: {
      faults: !draws.oneIn(4),
      poisonOneIn: draws.pick([0, 0, 1000, 50]),
      keepMs: draws.pick([never, never, 2 * hourMs]),
      maxPoints: draws.pick([never, never, 100, 7]),
    },
    slowMessages: draws.oneIn(2),
    mishaps: {
      endsMs: draws.pick([never, lengthMs / 5, lengthMs / 20, lengthMs / 60]),
      jumpsMs: draws.pick([never, never, 3 * hourMs, 20 * minuteMs]),
      stallsMs: draws.pick([never, never, hourMs, 10 * minuteMs]),
    },
    relabels: draws.oneIn(2),
    turns: noTurns,
  };
}

type Ground = {
  readonly seed: number;
  readonly startMs: number;
  readonly intervalMs: number;
  readonly rooms: number;
  readonly receivers: number;
};

function drawWorld(draws: Draws, { seed, startMs, intervalMs, rooms, receivers }: Ground): Scenario['world'] {
  return {
    seed,
    rooms,
    receivers,
    epochMs: Math.floor(startMs / dayMs - 1) * dayMs,
    showsPerDay: draws.pick([1, 4, 12, 48]),
    // Most of a slot, or short.
    showHours: { min: draws.pick([0.05, 12, 12]), max: 12 },
    remadeShare: draws.pick([0, 0.15, 0.8]),
    dipsPerHour: draws.pick([0, 0.1, 2]),
    // A stale read is over after three samples, even if the first of them was read at the end of its interval.
    maxDipMs: 1.9 * intervalMs,
  };
}

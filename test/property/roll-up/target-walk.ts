import fc from 'fast-check';
import type { Sample } from '../../../src/model/sample.ts';
import { roomWalk } from '../tally/room-walk.ts';
import { runTally } from '../tally/run-tally.ts';

export type Row = { readonly seriesId: number; readonly sample: Sample };

/** What the tally made of a room's life, in a reporting zone. */
export type TargetWalk = {
  readonly timezone: string;
  /** Of one target, relabelled now and then, also back to labels that it had before. */
  readonly rows: readonly Row[];
  /** For each row what the tally knows as the highest totals of its session by then. */
  readonly highest: readonly Sample['totals'][];
};

const dayMs = 86_400_000;

/** Zones, each with an instant about which its days, or their lengths, are special. */
const places = [
  ['Etc/UTC', '2026-03-01T00:00Z'],
  ['Asia/Kolkata', '2026-03-31T18:30Z'],
  ['Pacific/Chatham', '2026-04-04T14:00Z'],
  ['Pacific/Chatham', '2026-09-26T14:00Z'],
  ['America/Sao_Paulo', '2018-11-04T03:00Z'],
  ['Europe/Berlin', '2026-03-29T01:00Z'],
  ['Europe/Berlin', '2026-10-25T01:00Z'],
  ['Africa/Cairo', '2026-04-23T22:00Z'],
  ['Africa/Cairo', '2026-10-29T21:00Z'],
  ['Australia/Lord_Howe', '2026-04-04T15:00Z'],
  ['America/Havana', '2026-11-01T05:00Z'],
] as const;

/** Walks of a quarter of an hour to some weeks: the same life, stretched in time. */
export const targetWalk: fc.Arbitrary<TargetWalk> = fc
  .record({
    polls: roomWalk,
    place: fc.constantFrom(...places),
    beforeMs: fc.nat(3 * dayMs),
    stretch: fc.constantFrom(1, 7, 60),
    relabels: fc.array(fc.constantFrom(undefined, undefined, undefined, undefined, 1, 2, 3), {
      minLength: 80,
      maxLength: 80,
    }),
  })
  .map(({ polls, place: [timezone, instant], beforeMs, stretch, relabels }) => {
    const tallied = runTally(polls);
    const firstMs = polls[0]?.dueMs ?? 0;
    const beginMs = Date.parse(instant) - beforeMs;
    const moved = (instantMs: number) => beginMs + (instantMs - firstMs) * stretch;
    let seriesId = 1;
    const rows = tallied.map(({ sample }, index) => {
      seriesId = relabels[index] ?? seriesId;
      const { dueMs, sessionMs, gapMs } = sample;
      const times = {
        dueMs: moved(dueMs),
        sessionMs: moved(sessionMs),
        gapMs: gapMs === undefined ? undefined : gapMs * stretch,
      };
      return { seriesId, sample: { ...sample, ...times } };
    });
    return { timezone, rows, highest: tallied.map(({ state }) => state.highest) };
  });

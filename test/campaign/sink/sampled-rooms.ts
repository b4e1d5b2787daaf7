import type { Sample, Totals } from '../../../src/model/sample.ts';
import type { Series } from '../../../src/model/target.ts';

/** Samples as the tally makes them, of rooms that are called out one after the other. */
export type SampledRooms = {
  /** Of each target two, with either of its labels. */
  readonly series: readonly Series[];
  /** When the next sample is due. */
  readonly nowMs: number;
  /** Of each series, in the order of their due instants. */
  readonly taken: readonly (readonly Sample[])[];
  /** The next sample; `isBad` ones of rooms carry likes, whose field the server holds with another type. */
  take(isBad: boolean): { readonly series: number; readonly sample: Sample };
  /** So much time passes without a sample. */
  pass(ms: number): void;
  /** The next samples of so many series begin a session. */
  makeAnew(count: number): void;
  /** The next samples of so many targets have other labels: those that they had before, where they had others already. */
  relabel(count: number): void;
};

/** So many rooms and receivers, and how long it takes to call them all out. */
export type Pace = { readonly targets: number; readonly intervalMs: number };

const teams = ['music, "late" = night', 'talk'];

export function createSampledRooms(
  beginMs: number,
  { targets, intervalMs }: Pace = { targets: 40, intervalMs: 15_000 },
): SampledRooms {
  const series = teams.flatMap((team) => Array.from({ length: targets }, (_, index) => seriesOf(index, team)));
  const taken = series.map((): Sample[] => []);
  const latest: (Sample | undefined)[] = [];
  const toBeMadeAnew = new Set<number>();
  const relabelled = new Set<number>();
  let nowMs = beginMs;
  let count = 0;

  return {
    series,
    taken,
    get nowMs() {
      return nowMs;
    },
    take(isBad) {
      const at = count++ % targets;
      const previous = latest[at];
      const before = toBeMadeAnew.delete(at) ? undefined : previous;
      const gapMs = previous === undefined ? undefined : nowMs - previous.dueMs;
      const isFirst = previous === undefined;
      const figures = isRoom(at) ? roomFigures(before, count, isBad) : receiverFigures(before, count, isFirst);
      const sample: Sample = {
        ...{ dueMs: nowMs, delayMs: count % 3_000, gapMs, inGap: (gapMs ?? 0) > 2 * intervalMs },
        ...{ sessionMs: before?.sessionMs ?? nowMs, ...figures },
      };
      const index = relabelled.has(at) ? targets + at : at;
      taken[index]?.push(sample);
      latest[at] = sample;
      nowMs += intervalMs / targets;
      return { series: index, sample };
    },
    pass(ms) {
      nowMs += ms;
    },
    makeAnew(howMany) {
      for (let left = howMany; left > 0; left--) toBeMadeAnew.add((count + left * 7) % targets);
    },
    relabel(howMany) {
      for (let left = howMany; left > 0; left--) {
        const at = (count + left * 3) % targets;
        if (!relabelled.delete(at)) relabelled.add(at);
      }
    },
  };
}

function seriesOf(index: number, team: string): Series {
  const roomId = `room ${index}`;
  const target = isRoom(index)
    ? ({ endpoint: 'room_stats', app: 'main', roomId } as const)
    : ({ endpoint: 'gift_count', app: 'main', roomId, userId: 'anchor' } as const);
  return { target, labels: { team } };
}

type Figures = { readonly totals: Totals; readonly deltas: Totals };

const isRoom = (index: number) => index % 2 === 0;

/** A session begins under our eyes, so everything has grown from zero. Unique senders and messages are not sent. */
function roomFigures(before: Sample | undefined, count: number, isBad: boolean): Figures {
  const likes = isBad ? (count % 5) + 1 : undefined;
  const deltas = [count % 90, count % 7, 10 * (count % 50), undefined, likes, undefined];
  const likesBefore = before?.totals[4] ?? 0;
  const totals = deltas.map((delta, index) =>
    delta === undefined ? undefined : delta + (index === 4 ? likesBefore : (before?.totals[index] ?? 0)),
  );
  return { totals, deltas };
}

/** Met in the middle of a show: the first sample has no growth. */
function receiverFigures(before: Sample | undefined, count: number, isFirst: boolean): Figures {
  const deltas = [count % 11, 10 * (count % 30), count % 2];
  const totals = deltas.map((delta, index) => delta + (before?.totals[index] ?? 0));
  return { totals, deltas: isFirst ? deltas.map(() => undefined) : deltas };
}

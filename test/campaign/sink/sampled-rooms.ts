import type { Sample, Totals } from '../../../src/model/sample.ts';
import type { Series } from '../../../src/model/target.ts';

/** Samples as the tally makes them, of rooms that are called out one after the other. */
export type SampledRooms = {
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
};

const rooms = 40;
const intervalMs = 15_000;

export function createSampledRooms(beginMs: number): SampledRooms {
  const series = Array.from({ length: rooms }, (_, index): Series => {
    const roomId = `room ${index}`;
    const labels = { team: 'music, "late" = night' };
    return isRoom(index)
      ? { target: { endpoint: 'room_stats', app: 'main', roomId }, labels }
      : { target: { endpoint: 'gift_count', app: 'main', roomId, userId: 'anchor' }, labels };
  });
  const taken = series.map((): Sample[] => []);
  const toBeMadeAnew = new Set<number>();
  let nowMs = beginMs;
  let count = 0;

  return {
    series,
    taken,
    get nowMs() {
      return nowMs;
    },
    take(isBad) {
      const at = count++ % rooms;
      const own = taken[at] ?? [];
      const before = toBeMadeAnew.delete(at) ? undefined : own.at(-1);
      const gapMs = own.length === 0 ? undefined : nowMs - (own.at(-1)?.dueMs ?? 0);
      const figures = isRoom(at) ? roomFigures(before, count, isBad) : receiverFigures(before, count, own.length === 0);
      const sample: Sample = {
        ...{ dueMs: nowMs, delayMs: count % 3_000, gapMs, inGap: (gapMs ?? 0) > 2 * intervalMs },
        ...{ sessionMs: before?.sessionMs ?? nowMs, ...figures },
      };
      own.push(sample);
      nowMs += intervalMs / rooms;
      return { series: at, sample };
    },
    pass(ms) {
      nowMs += ms;
    },
    makeAnew(howMany) {
      for (let left = howMany; left > 0; left--) toBeMadeAnew.add((count + left * 7) % rooms);
    },
  };
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

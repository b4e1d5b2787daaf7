import type { Sample } from '../../../src/model/sample.ts';
import type { Series } from '../../../src/model/target.ts';
import { createRollUp } from '../../../src/roll-up/roll-up.ts';
import type { Journal } from '../../../src/store/journal.ts';
import { commitSamples, rollUpOptions, roomSeries, startMs } from '../../integration/store/temporary-store.ts';
import type { Dice } from '../dice.ts';

/** What a collector has its store do; `samples` is what it commits. */
export type Step = {
  readonly name: string;
  readonly run: (journal: Journal) => void;
  readonly samples: readonly { readonly roomId: string; readonly sample: Sample }[];
};

export const sinkName = 'influxdb';
const roomCount = 6;
const intervalMs = 15_000;

/** Some minutes of polling as the dice have it: commits, shipping, roll-up and retention. */
export function storeLife(dice: Dice, steps: number): readonly Step[] {
  const rooms = Array.from({ length: roomCount }, (_, room) => createRoom(`room-${room}`, dice));

  function commit(): Step {
    const room = dice.pickAny(rooms) ?? createRoom('none', dice);
    const taken = Array.from({ length: 1 + dice.below(30) }, () => room.nextSample());
    const { roomId } = room.series.target;
    const samples = taken.map((sample) => ({ roomId, sample }));
    return { name: 'commit', samples, run: (journal) => commitSamples(journal, room.series, taken) };
  }

  function rollUp(): Step {
    // Of every room all samples before it are committed.
    const untilMs = Math.min(...rooms.map((room) => room.reachedMs()));
    return { name: 'roll up', samples: [], run: (journal) => void journal.rollUp(untilMs) };
  }

  return Array.from({ length: steps }, () => {
    const kind = dice.below(10);
    if (kind < 4) return commit();
    if (kind < 6) return ship(dice);
    if (kind < 9) return rollUp();
    return { name: 'retention', samples: [], run: (journal: Journal) => void journal.tidy() };
  });
}

function ship(dice: Dice): Step {
  const [part, hasBadRow] = [1 + dice.below(4), dice.oneIn(4)];
  return {
    name: 'ship',
    samples: [],
    run: (journal) => {
      const range = journal.waitingRanges(sinkName, 'room_stats').at(-1);
      if (range === undefined) return;
      const { toId } = range;
      const fromId = toId - Math.ceil((toId - range.fromId) / part);
      const rejected = hasBadRow ? [{ id: toId, reason: 'refused by the dice' }] : [];
      journal.settle(sinkName, 'room_stats', { fromId, toId }, rejected);
    },
  };
}

function createRoom(
  roomId: string,
  dice: Dice,
): {
  readonly series: Series;
  nextSample(): Sample;
  reachedMs(): number;
} {
  let dueMs = startMs;
  let totals = [0, 0, 0, 0, 0, 0];
  return {
    series: roomSeries(roomId),
    reachedMs: () => dueMs,
    nextSample() {
      const isFirst = dueMs === startMs;
      const gapMs = intervalMs * (dice.oneIn(20) ? 1 + dice.below(400) : 1);
      dueMs += gapMs;
      const deltas = totals.map(() => dice.below(50));
      totals = totals.map((total, counter) => total + (deltas[counter] ?? 0));
      const growth = isFirst
        ? { gapMs: undefined, inGap: false, deltas: [] }
        : { gapMs, inGap: gapMs > 30_000, deltas };
      return { dueMs, delayMs: 40, sessionMs: startMs + intervalMs, totals, ...growth };
    },
  };
}

/** What becomes of the samples of these steps, reckoned without a store: a line for each window that has ended. */
export function windowsOf(steps: readonly Step[], untilMs: number): readonly string[] {
  const rollUp = createRollUp(rollUpOptions);
  const ofRooms = Map.groupBy(
    steps.flatMap(({ samples }) => samples),
    ({ roomId }) => roomId,
  );
  const lines = [...ofRooms].flatMap(([roomId, taken]) => {
    const added = rollUp.addToWindows(
      undefined,
      taken.map(({ sample }) => sample),
    );
    const rest = added.state === undefined ? [] : rollUp.endWindows(added.state, untilMs).ended;
    return [...added.ended, ...rest].map(({ tier, window: { startMs: beganMs, samples, deltas } }) =>
      [roomId, tier, beganMs, samples, ...deltas.map((delta) => delta ?? null)].join(' '),
    );
  });
  return lines.sort();
}

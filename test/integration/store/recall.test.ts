import { expect, test } from 'vitest';
import { type Point, samplePoint } from '../../../src/model/point.ts';
import type { Sample } from '../../../src/model/sample.ts';
import type { TallyState } from '../../../src/model/tally-state.ts';
import { type RecallOptions, recall } from '../../../src/recall/recall.ts';
import { emptyBatch } from '../../../src/store/batch.ts';
import { decodeTallyState, encodeTallyState } from '../../../src/tally/state-text.ts';
import { receiverSeries, roundAt, sinkOf, startMs, TemporaryStore } from './temporary-store.ts';

const series = receiverSeries('room-1', 'anchor');
const otherSeries = receiverSeries('room-2', 'anchor');
const everyMs = 15_000;

/** One counter will do. */
function sampleOf(index: number, changes: { total: number; delta?: number; back?: number; session?: number }): Sample {
  const { total, delta, back, session = 0 } = changes;
  const one = (value: number | undefined) => [value, undefined, undefined];
  return {
    ...{ dueMs: startMs + index * everyMs, delayMs: 5, inGap: (back ?? 1) > 2, sessionMs: startMs + session * everyMs },
    ...{ gapMs: back === undefined ? undefined : back * everyMs, totals: one(total), deltas: one(delta) },
  };
}

/** What a database answers that has these points, in the order of their time. */
function readerOf(points: readonly Point[]): Pick<RecallOptions, 'readPoints' | 'nextMs'> {
  return {
    readPoints: async (measurement, { fromMs, toMs }) =>
      points.filter((point) => point.measurement === measurement && point.timeMs >= fromMs && point.timeMs < toMs),
    nextMs: async (measurement, fromMs) =>
      points.find((point) => point.measurement === measurement && point.timeMs >= fromMs)?.timeMs,
  };
}

const first = sampleOf(0, { total: 100 });

function stateOf({ dueMs, sessionMs, totals }: Sample): TallyState {
  return { dueMs, sessionMs, highest: totals, gone: false, dips: undefined };
}

/** A store whose last sample shows 100, and what it has after these were recalled: delta, gap in intervals, still to be shipped. */
async function recalled(...samples: readonly Sample[]): Promise<readonly string[]> {
  return await recalledInto({ samples: [first], state: stateOf(first) }, samples);
}

/** The same with another store: the samples that it has, and what it remembers of their target. */
async function recalledInto(
  copy: { readonly samples: readonly Sample[]; readonly state?: TallyState; readonly maxSizeBytes?: number },
  samples: readonly Sample[],
  ofOther: readonly Sample[] = [],
): Promise<readonly string[]> {
  using store = new TemporaryStore();
  using journal = store.open(copy.maxSizeBytes === undefined ? {} : { maxSizeBytes: copy.maxSizeBytes });
  const [registration] = journal.register([series]);
  const { seriesId = 0, targetId = 0 } = registration ?? {};
  const { length } = copy.samples;
  journal.commit({
    ...{ ...emptyBatch, begun: [{ id: 1, round: roundAt('gift_count', startMs), due: 2 }] },
    samples: copy.samples.map((sample) => ({ endpoint: 'gift_count', seriesId, roundId: 1, sample })),
    states: new Map(copy.state === undefined ? [] : [[targetId, encodeTallyState(copy.state)]]),
  });
  journal.settle('influxdb', 'gift_count', { fromId: 0, toId: length }, []);
  const points = [
    ...[...copy.samples, ...samples].map((sample) => samplePoint(series, sample)),
    ...ofOther.map((sample) => samplePoint(otherSeries, sample)),
  ].sort((a, b) => a.timeMs - b.timeMs);
  await recall({
    ...{ store: journal, sink: sinkOf('influxdb').name, nowMs: startMs + 90_000_000, pause: async () => {} },
    ...readerOf(points),
  });
  expect(journal.openRounds()).toEqual([]);
  const [left] = journal.register([series]);
  expect(decodeTallyState(left?.state ?? '')).toMatchObject({ status: 'read' });
  const waiting = journal.waitingRanges('influxdb', 'gift_count');
  return journal
    .readRows('gift_count', { fromId: length, toId: 100 }, 100)
    .filter((row) => row.seriesId === seriesId)
    .map(({ id, sample: { deltas, gapMs = 0 } }) => {
      const waits = waiting.some(({ fromId, toId }) => fromId < id && id <= toId);
      return `${deltas[0]} in ${gapMs / everyMs}${waits ? ', to be shipped' : ''}`;
    });
}

test('Samples that follow one another are as InfluxDB has them.', async () => {
  const made = sampleOf(3, { total: 7, delta: 7, back: 1, session: 3 });
  const rows = await recalled(
    ...[sampleOf(1, { total: 110, delta: 10, back: 1 }), sampleOf(2, { total: 115, delta: 5, back: 1 })],
    ...[made, sampleOf(4, { total: 9, delta: 2, back: 1, session: 3 })],
  );
  expect(rows).toEqual(['10 in 1', '5 in 1', '7 in 1', '2 in 1']);
});

test('Behind a hole the growth is counted from the sample before it, and shipped so.', async () => {
  const rows = await recalled(
    ...[sampleOf(1, { total: 110, delta: 10, back: 1 }), sampleOf(5, { total: 150, delta: 4, back: 1 })],
    sampleOf(6, { total: 151, delta: 1, back: 1 }),
  );
  expect(rows).toEqual(['10 in 1', '40 in 4, to be shipped', '1 in 1']);
});

test('A session that began in a hole has grown from zero.', async () => {
  const rows = await recalled(sampleOf(5, { total: 50, delta: 4, back: 1, session: 3 }));
  expect(rows).toEqual(['50 in 5, to be shipped']);
});

test('What was counted from the copy by a life that began without recall is counted from what came in between.', async () => {
  const before = [sampleOf(1, { total: 110, delta: 10, back: 1 }), sampleOf(2, { total: 120, delta: 10, back: 1 })];
  const goesOn = [sampleOf(9, { total: 150, delta: 50, back: 9 }), sampleOf(10, { total: 151, delta: 1, back: 1 })];
  expect(await recalled(...before, ...goesOn)).toEqual(['10 in 1', '10 in 1', '30 in 7, to be shipped', '1 in 1']);
  const inNewSession = [sampleOf(1, { total: 20, delta: 20, back: 1, session: 1 })];
  const seenAnew = sampleOf(9, { total: 50, delta: 50, back: 9, session: 9 });
  expect(await recalled(...inNewSession, seenAnew)).toEqual(['20 in 1', '30 in 8, to be shipped']);
});

test('A life that began without recall has no session of its own where the one before it goes on.', async () => {
  const known = sampleOf(1, { total: 20, delta: 20, back: 1, session: 1 });
  const inDoubt = [9, 10, 11].map((index) =>
    sampleOf(index, { total: 21 + index, delta: 0, back: index === 9 ? 9 : 1 }),
  );
  const settled = sampleOf(12, { total: 40, delta: 40, back: 1, session: 9 });
  const rows = await recalled(known, ...inDoubt, settled);
  expect(rows).toEqual(['20 in 1', ...['10 in 8', '1 in 1', '1 in 1', '8 in 1'].map((row) => `${row}, to be shipped`)]);
});

test('Such a life is known by other targets too, where its first samples of one are missing.', async () => {
  const before = sampleOf(20, { total: 110, delta: 10, back: 20 });
  const behindHole = sampleOf(46, { total: 60, delta: 4, back: 1, session: 41 });
  const other = [sampleOf(20, { total: 7, delta: 7, back: 1 }), sampleOf(40, { total: 9, delta: 9, back: 40 })];
  const copy = { samples: [first], state: stateOf(first) };
  expect(await recalledInto(copy, [before, behindHole], other)).toEqual(['10 in 20', '0 in 26, to be shipped']);
  expect(await recalledInto(copy, [before, behindHole])).toEqual(['10 in 20', '60 in 26, to be shipped']);
});

const toBeShipped = (row: string) => `${row}, to be shipped`;
/** Another target, in whose samples it is seen that a life began without recall. */
const ofTwoLives = (sinceIndex: number) => [
  sampleOf(1, { total: 7, delta: 7, back: 1 }),
  sampleOf(sinceIndex, { total: 9, delta: 9, back: sinceIndex }),
];

test('Such a life is believed that a room was made anew, where it has seen that itself.', async () => {
  const made = [
    sampleOf(12, { total: 60, delta: 60, back: 12, session: 12 }),
    sampleOf(13, { total: 70, delta: 10, back: 1, session: 12 }),
  ];
  const copy = { samples: [first], state: stateOf(first) };
  expect(await recalledInto(copy, made, ofTwoLives(12))).toEqual(['60 in 12', '10 in 1']);
  const before = sampleOf(1, { total: 110, delta: 10, back: 1 });
  expect(await recalled(before, ...made)).toEqual(['10 in 1', toBeShipped('60 in 11'), '10 in 1']);
  const wasGone = { samples: [first], state: { ...stateOf(first), gone: true } };
  const inDoubt = ['0 in 11', '0 in 1'].map(toBeShipped);
  expect(await recalledInto(wasGone, [before, ...made])).toEqual(['10 in 1', ...inDoubt]);
});

test('A session that was over does not begin again, however long nobody knew of the next one.', async () => {
  const next = [3, 4].map((index) =>
    sampleOf(index, { total: 2 * index, delta: index === 3 ? 6 : 2, back: index === 3 ? 3 : 1, session: 3 }),
  );
  const later = [
    sampleOf(5_960, { total: 150, delta: 50, back: 5_960 }),
    sampleOf(5_961, { total: 160, delta: 10, back: 1 }),
  ];
  const rows = ['6 in 3', '2 in 1', toBeShipped('142 in 5956'), toBeShipped('10 in 1')];
  expect(await recalled(...next, ...later)).toEqual(rows);
});

test('A session that begins with zeros is one, and so is one that begins in a hole behind it.', async () => {
  const zeros = [1, 2, 3, 4].map((index) =>
    sampleOf(index, { total: 0, delta: 0, back: 1, session: index === 4 ? 1 : 0 }),
  );
  const grown = [
    sampleOf(5, { total: 30, delta: 30, back: 1, session: 1 }),
    sampleOf(6, { total: 50, delta: 20, back: 1, session: 1 }),
  ];
  const behindHole = [
    sampleOf(10, { total: 30, delta: 4, back: 1, session: 8 }),
    sampleOf(11, { total: 34, delta: 4, back: 1, session: 8 }),
  ];
  const rows = [...Array(4).fill('0 in 1'), '30 in 1', '20 in 1', toBeShipped('30 in 4'), '4 in 1'];
  expect(await recalled(...zeros, ...grown, ...behindHole)).toEqual(rows);
});

test('Behind two holes, the session of the second is believed where its room has less.', async () => {
  const overtaken = [
    sampleOf(5, { total: 150, delta: 4, back: 1, session: 3 }),
    sampleOf(6, { total: 200, delta: 50, back: 1, session: 3 }),
  ];
  const made = [
    sampleOf(12, { total: 60, delta: 4, back: 1, session: 10 }),
    sampleOf(13, { total: 64, delta: 4, back: 1, session: 10 }),
  ];
  const rows = [toBeShipped('50 in 5'), toBeShipped('50 in 1'), toBeShipped('60 in 6'), '4 in 1'];
  expect(await recalled(...overtaken, ...made)).toEqual(rows);
});

test('Stale answers on both sides of a hole are no session in such a life either.', async () => {
  const stale = (index: number) => sampleOf(index, { total: 40, delta: 0, back: 1 });
  const rows = await recalled(
    ...[sampleOf(1, { total: 110, delta: 10, back: 1 }), sampleOf(10, { total: 120, delta: 20, back: 10 })],
    ...[stale(11), stale(12), stale(14), stale(15), sampleOf(16, { total: 135, delta: 10, back: 1 })],
  );
  const told = [toBeShipped('10 in 9'), '0 in 1', '0 in 1', toBeShipped('0 in 2'), '0 in 1', toBeShipped('15 in 1')];
  expect(rows).toEqual(['10 in 1', ...told]);
});

test('Broken off, recall looks once more for what was answered late in the rounds that were open.', async () => {
  using store = new TemporaryStore();
  using journal = store.open();
  const [registration] = journal.register([series]);
  const late = sampleOf(120, { total: 130, delta: 30, back: 120 });
  journal.commit({
    ...{ ...emptyBatch, begun: [{ id: 1, round: roundAt('gift_count', startMs), due: 9 }] },
    samples: [{ endpoint: 'gift_count', seriesId: registration?.seriesId ?? 0, roundId: 1, sample: late }],
  });
  const points = [sampleOf(1, { total: 110 }), sampleOf(40, { total: 7 })].map((sample) =>
    samplePoint(otherSeries, sample),
  );
  let slices = 0;
  const options = {
    ...{ store: journal, sink: sinkOf('influxdb').name, nowMs: startMs + 3_600_000, ...readerOf(points) },
    pause: async () => {
      if (++slices === 2) throw new Error('broken off');
    },
  };
  await expect(recall(options)).rejects.toThrow('broken off');
  expect((await recall(options)).samples).toEqual({ room_stats: 0, gift_count: 1 });
  expect(journal.openRounds()).toEqual([]);
});

test('Where recall is given again in the middle of such a life, its sessions are none either.', async () => {
  const inSessionOfItsOwn = sampleOf(1, { total: 120, delta: 20, back: 1, session: -5 });
  expect(await recalled(inSessionOfItsOwn)).toEqual(['20 in 1, to be shipped']);
});

test('Behind a hole, a session that nobody saw begin goes on where nothing fell.', async () => {
  const elsewhere = sampleOf(5, { total: 150, delta: 4, back: 1, session: 3 });
  expect(await recalled(elsewhere)).toEqual(['50 in 5, to be shipped']);
});

test('What may have been met anew in a hole shows an opening.', async () => {
  const aDayLater = (24 * 60 * 60_000) / everyMs;
  const second = sampleOf(aDayLater, { total: 1_000_001, delta: 1, back: 1, session: aDayLater - 1 });
  const third = sampleOf(aDayLater + 1, { total: 1_000_005, delta: 4, back: 1, session: aDayLater - 1 });
  expect(await recalled(second, third)).toEqual(['undefined in 0, to be shipped', '4 in 1']);
});

test('Stale answers on both sides of a hole are no session.', async () => {
  const stale = (index: number, back = 1) => sampleOf(index, { total: 40, delta: 0, back });
  const sound = sampleOf(6, { total: 120, delta: 10, back: 1 });
  const rows = await recalled(stale(1), stale(2), stale(4), stale(5), sound);
  expect(rows).toEqual(['0 in 1', '0 in 1', '0 in 2, to be shipped', '0 in 1', '20 in 1, to be shipped']);
});

test('Samples far ahead of the clock are brought in as well.', async () => {
  const inAMonth = (31 * 24 * 60 * 60_000) / everyMs;
  const ahead = sampleOf(inAMonth, { total: 130, delta: 30, back: inAMonth });
  expect(await recalled(ahead, sampleOf(inAMonth + 9, { total: 131, delta: 1, back: 9 }))).toEqual([
    `30 in ${inAMonth}`,
    '1 in 9',
  ]);
});

test('A store that comes to its size is not made larger: its rows would be gone before there are windows of them.', async () => {
  await expect(
    recalledInto({ samples: [first], maxSizeBytes: 100_000 }, [sampleOf(1, { total: 110 })]),
  ).rejects.toThrow(/^the store has come to .*Raise store.max_size and give the command again/);
});

test('A room that another life has met anew goes on where it was; one that was away for a day is another.', async () => {
  expect(await recalled(sampleOf(5, { total: 500, session: 5 }))).toEqual(['400 in 5, to be shipped']);
  const aDayLater = (24 * 60 * 60_000) / everyMs;
  expect(await recalled(sampleOf(aDayLater, { total: 500, session: aDayLater }))).toEqual(['undefined in 0']);
});

test('A highest total that InfluxDB lacks is not held against what came after it.', async () => {
  const inDip = sampleOf(5, { total: 120, delta: 0, back: 1 });
  const caughtUp = sampleOf(6, { total: 160, delta: 10, back: 1 });
  expect(await recalled(inDip, caughtUp)).toEqual(['20 in 5, to be shipped', '40 in 1, to be shipped']);
});

test('Of a room that had only been gone all counts, though its first sample is in no database.', async () => {
  const state = { dueMs: startMs, sessionMs: startMs, highest: [], gone: true, dips: undefined };
  const second = sampleOf(3, { total: 19, delta: 4, back: 1, session: 2 });
  expect(await recalledInto({ samples: [], state }, [second])).toEqual(['19 in 3, to be shipped']);
  const whole = [sampleOf(2, { total: 15, delta: 15, back: 1, session: 2 }), second];
  expect(await recalledInto({ samples: [], state }, whole)).toEqual(['15 in 1', '4 in 1']);
});

test('A target that the store does not know is met with the first sample that InfluxDB has.', async () => {
  const second = sampleOf(3, { total: 19, delta: 4, back: 1, session: 2 });
  const third = sampleOf(4, { total: 20, delta: 1, back: 1, session: 2 });
  expect(await recalledInto({ samples: [] }, [second, third])).toEqual(['undefined in 0, to be shipped', '1 in 1']);
  const begun = sampleOf(2, { total: 15, delta: 15, back: 1, session: 2 });
  expect(await recalledInto({ samples: [] }, [begun, second])).toEqual(['15 in 1', '4 in 1']);
});

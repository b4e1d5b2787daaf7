import { describe, expect, test } from 'vitest';
import { samplePoint } from '../../../src/model/point.ts';
import type { Endpoint } from '../../../src/model/target.ts';
import { createShipper, type ShipperOptions } from '../../../src/sink/shipper.ts';
import type { WriteOutcome } from '../../../src/sink/sink.ts';
import { MemoryBacklog } from '../../property/sink/memory-backlog.ts';
import { createModelSink, type ModelSinkOptions } from '../../property/sink/model-sink.ts';
import { createVirtualClock } from '../../virtual-clock.ts';

type PointValues = { readonly fields: readonly (readonly [name: string, value: number])[] };

function isRow(row: number) {
  return ({ fields }: PointValues) => fields[0]?.[1] === row;
}

type Options = Partial<Omit<ModelSinkOptions, 'clock'>> &
  Partial<Pick<ShipperOptions, 'batchPoints' | 'maxInFlight' | 'lingerMs' | 'timeoutMs'>> & {
    readonly answer?: () => WriteOutcome | undefined;
  };

/** A shipper of batches of 10, in virtual time. */
function openShipper(options: Options = {}) {
  const { batchPoints = 10, maxInFlight = 3, lingerMs = 1_000, timeoutMs = 20_000, answer, ...model } = options;
  const clock = createVirtualClock();
  const backlog = new MemoryBacklog();
  const sink = createModelSink({ clock, ...model });
  const log: string[] = [];
  const inFlight = { now: 0, most: 0 };
  const shipper = createShipper({
    ...{ batchPoints, maxInFlight, lingerMs, timeoutMs, backlog, clock },
    sink: {
      ...sink,
      async write(points, signal) {
        inFlight.now++;
        inFlight.most = Math.max(inFlight.most, inFlight.now);
        const outcome = answer?.() ?? (await sink.write(points, signal));
        inFlight.now--;
        return outcome;
      },
    },
    tables: ['room_stats', 'gift_count'],
    random: () => 0,
    events: {
      problemBegan: (problem) => log.push(`began: ${problem.status}: ${problem.reason}`),
      problemEnded: (problem, lastedMs) => log.push(`ended: ${problem.status} after ${lastedMs} ms`),
      rowsRejected: (table, rows, reason) => log.push(`rejected ${rows} of ${table}: ${reason}`),
    },
  });

  /** The first total of each row is its place in the commit. */
  function commit(rows: number, endpoint: Endpoint = 'room_stats') {
    for (let row = 0; row < rows; row++) {
      const roomId = `room-${row}`;
      const target =
        endpoint === 'room_stats'
          ? ({ endpoint, app: 'main', roomId } as const)
          : ({ endpoint, app: 'main', roomId, userId: 'u' } as const);
      const dueMs = clock.wallMs() + row;
      const sample = { dueMs, delayMs: 1, gapMs: undefined, inGap: false, sessionMs: 0, totals: [row], deltas: [] };
      backlog.commit(endpoint, samplePoint({ target, labels: {} }, sample));
    }
    shipper.rowsCommitted();
  }

  /** Sizes of the requests so far. */
  const sizes = () => sink.requests.map((points) => points.length);
  return { clock, backlog, sink, shipper, log, commit, sizes, inFlight };
}

describe('the shipper', () => {
  test('sends the first rows at once, and what comes in the next second together', async () => {
    const { clock, shipper, commit, sizes, backlog } = openShipper();
    shipper.start();
    await clock.advance(100);
    commit(2);
    await clock.advance(50);
    expect(sizes()).toEqual([2]);
    for (let i = 0; i < 3; i++) {
      commit(2);
      await clock.advance(300);
    }
    expect(sizes()).toEqual([2]);
    await clock.advance(100);
    expect(sizes()).toEqual([2, 6]);
    expect(backlog.delivered.room_stats).toBe(8);
  });

  test('sends what came in that second in as many batches as it takes, one after the other', async () => {
    const { clock, shipper, commit, sizes } = openShipper();
    shipper.start();
    commit(1);
    await clock.advance(50);
    for (let i = 0; i < 5; i++) {
      commit(5);
      await clock.advance(100);
    }
    expect(sizes()).toEqual([1]);
    await clock.advance(500);
    expect(sizes()).toEqual([1, 10, 10, 5]);
  });

  test('ships what was committed before it started', async () => {
    const { clock, shipper, commit, backlog } = openShipper();
    commit(35);
    commit(15, 'gift_count');
    shipper.start();
    await clock.advance(200);
    expect(backlog.delivered).toEqual({ room_stats: 35, gift_count: 15 });
  });

  test('has a few batches in flight, and never the same row in two of them', async () => {
    const { clock, shipper, commit, sink, inFlight } = openShipper({ delayMs: () => 20 });
    commit(100);
    shipper.start();
    await clock.advance(1_000);
    expect(inFlight.most).toBe(3);
    expect(sink.requests.flat().length).toBe(100);
    expect(sink.stored.size).toBe(100);
  });

  test('after an outage sends the newest rows first, and fresh ones before the rest of the backlog', async () => {
    let isUp = false;
    const { clock, shipper, commit, sink } = openShipper({
      mishap: () => (isUp ? 'none' : 'unavailable'),
      delayMs: () => 400,
      maxInFlight: 1,
    });
    shipper.start();
    for (let i = 0; i < 6; i++) {
      commit(10);
      await clock.advance(1_000);
    }
    isUp = true;
    const before = sink.requests.length;
    const upAtMs = clock.wallMs();
    await clock.advance(4_000);
    commit(3);
    await clock.advance(30_000);
    const firstTimes = sink.requests.slice(before).map((points) => points[0]?.timeMs ?? 0);
    expect(firstTimes[0]).toBe(upAtMs - 1_000);
    expect(firstTimes.filter((timeMs) => timeMs < upAtMs)).toEqual([1, 2, 3, 4, 5, 6].map((i) => upAtMs - i * 1_000));
    expect(sink.stored.size).toBe(63);
  });

  test('while the sink is down tries one batch at a time, ever more rarely, and tells once when it begins and ends', async () => {
    let isUp = false;
    const { clock, shipper, commit, sink, log, backlog } = openShipper({
      mishap: () => (isUp ? 'none' : 'unavailable'),
    });
    commit(100);
    shipper.start();
    await clock.advance(100);
    expect(shipper.status()).toMatchObject({ state: 'waiting', problem: { status: 'unavailable' } });
    expect(log).toEqual(['began: unavailable: HTTP 503']);
    const afterFirst = sink.requests.length;
    await clock.advance(10 * 60_000);
    // 0.5 + 1 + 2 + 4 + 8 + 16 s, and then one in 30 s, with the random half left out.
    expect(sink.requests.length - afterFirst).toBe(6 + 18);
    isUp = true;
    await clock.advance(30_000);
    expect(backlog.delivered.room_stats).toBe(100);
    expect(shipper.status()).toEqual({ state: 'shipping' });
    expect(log).toHaveLength(2);
    expect(log[1]).toMatch(/^ended: unavailable after 6\d{5} ms$/);
  });

  test('waits as long as the server asks for', async () => {
    let answers = 0;
    const { clock, shipper, commit, backlog } = openShipper({
      answer: () => (answers++ === 0 ? { status: 'unavailable', reason: 'HTTP 429', retryAfterMs: 45_000 } : undefined),
    });
    commit(1);
    shipper.start();
    await clock.advance(44_900);
    expect(answers).toBe(1);
    await clock.advance(200);
    expect(backlog.delivered.room_stats).toBe(1);
  });

  test('tells when one kind of problem takes over from another', async () => {
    const kinds = ['unavailable', 'unavailable', 'denied', 'missing'] as const;
    let requests = 0;
    const { clock, shipper, commit, log } = openShipper({ mishap: () => kinds[requests++] ?? 'none' });
    commit(1);
    shipper.start();
    await clock.advance(60_000);
    expect(log.map((line) => line.split(':', 2).join(':'))).toEqual([
      'began: unavailable',
      'began: denied',
      'began: missing',
      expect.stringMatching(/^ended: missing after \d+ ms$/),
    ]);
  });

  test('gives up a request that gets no answer, and sends its rows again', async () => {
    let requests = 0;
    const { clock, shipper, commit, log, backlog } = openShipper({
      mishap: () => (requests++ === 0 ? 'hangs' : 'none'),
      timeoutMs: 20_000,
    });
    commit(5);
    shipper.start();
    await clock.advance(19_000);
    expect(backlog.delivered.room_stats).toBe(0);
    await clock.advance(2_000);
    expect(log[0]).toBe('began: unavailable: no answer within 20 s');
    expect(backlog.delivered.room_stats).toBe(5);
  });

  test.each(['bad_points', 'whole_batch'] as const)('sets a bad row aside wherever it is (%s)', async (refuses) => {
    for (let bad = 0; bad < 10; bad++) {
      const { clock, shipper, commit, backlog, log, sink } = openShipper({ refuses, isBad: isRow(bad) });
      commit(10);
      shipper.start();
      await clock.advance(1_000);
      expect([...backlog.rejected.keys()]).toEqual([`room_stats ${bad + 1}`]);
      expect(sink.stored.size).toBe(9);
      expect(log).toEqual([expect.stringMatching(/^rejected 1 of room_stats: /)]);
    }
  });

  test('needs few requests to find one bad row in a thousand', async () => {
    const { clock, shipper, commit, backlog, sink } = openShipper({ batchPoints: 1_000, isBad: isRow(137) });
    commit(1_000);
    shipper.start();
    await clock.advance(5_000);
    expect(backlog.rejected.size).toBe(1);
    expect(sink.requests.length).toBeLessThanOrEqual(15);
    expect(sink.requests.flat().length).toBeLessThan(2_200);
  });

  test('needs one request where the server says that every row is bad', async () => {
    const { clock, shipper, commit, backlog, sizes } = openShipper({ isBad: () => true });
    commit(10);
    shipper.start();
    await clock.advance(1_000);
    expect(backlog.rejected.size).toBe(10);
    expect(sizes()).toEqual([10]);
  });

  test('sets rows aside that are too old without asking for each', async () => {
    const { clock, shipper, commit, backlog, sizes, log } = openShipper({
      keptFromMs: () => Date.UTC(2026, 0, 1) + 6,
    });
    commit(10);
    shipper.start();
    await clock.advance(1_000);
    expect([...backlog.rejected.keys()]).toEqual([1, 2, 3, 4, 5, 6].map((id) => `room_stats ${id}`));
    expect(sizes()).toEqual([10]);
    expect(log).toEqual(['rejected 6 of room_stats: retention']);
  });

  test('finds rows that are too old where the server does not say how many', async () => {
    const { clock, shipper, commit, backlog } = openShipper({
      keptFromMs: () => Date.UTC(2026, 0, 1) + 6,
      tellsDropped: false,
    });
    commit(10);
    shipper.start();
    await clock.advance(1_000);
    expect(backlog.rejected.size).toBe(6);
    expect(backlog.delivered.room_stats).toBe(4);
  });

  test('sends smaller batches for a while after one was too large', async () => {
    const { clock, shipper, commit, backlog, sizes } = openShipper({
      batchPoints: 16,
      mishap: (points) => (points.length > 5 ? 'too_large' : 'none'),
    });
    commit(16);
    shipper.start();
    await clock.advance(2_000);
    expect(backlog.delivered.room_stats).toBe(16);
    const before = sizes().length;
    commit(16);
    await clock.advance(2_000);
    expect(sizes().slice(before)).toEqual([4, 4, 4, 4]);
    await clock.advance(11 * 60_000);
    commit(16);
    await clock.advance(2_000);
    expect(sizes().slice(before + 4)[0]).toBe(8);
    expect(backlog.delivered.room_stats).toBe(48);
    expect(backlog.rejected.size).toBe(0);
  });

  test('waits longer and longer, and says so, while even a single point is too large', async () => {
    let isTooLarge = true;
    const { clock, shipper, commit, backlog, sizes, log } = openShipper({
      mishap: () => (isTooLarge ? 'too_large' : 'none'),
    });
    commit(10);
    shipper.start();
    await clock.advance(60_000);
    expect(sizes().length).toBeLessThan(50);
    expect(log).toEqual([expect.stringMatching(/^began: unavailable: even a single point is refused as too large/)]);
    isTooLarge = false;
    await clock.advance(60_000);
    expect(backlog.delivered.room_stats).toBe(10);
    expect(backlog.rejected.size).toBe(0);
    expect(log[1]).toMatch(/^ended: unavailable/);
    expect(sizes().at(-1)).toBe(10);
  });

  test('settles ids whose rows are gone', async () => {
    const { clock, shipper, commit, backlog, sizes } = openShipper();
    commit(100);
    for (let id = 1; id <= 85; id++) backlog.deleteRow('room_stats', id);
    shipper.start();
    await clock.advance(1_000);
    expect(backlog.waiting('room_stats')).toBe(0);
    expect(sizes()).toEqual([10, 5]);
  });

  test('waits, and sends the rows again, when the store cannot mark them', async () => {
    const { clock, shipper, commit, backlog, log, sink } = openShipper();
    const settle = backlog.settle.bind(backlog);
    let failures = 2;
    backlog.settle = (...marks) => {
      if (failures-- > 0) throw new Error('the disk is full');
      settle(...marks);
    };
    commit(5);
    shipper.start();
    await clock.advance(5_000);
    expect(log).toEqual(['began: failed: the disk is full', expect.stringMatching(/^ended: failed after/)]);
    expect(backlog.delivered.room_stats).toBe(5);
    expect(sink.stored.size).toBe(5);
  });
});

describe('when it stops, the shipper', () => {
  test('ships everything first, without lingering', async () => {
    const { clock, shipper, commit, backlog } = openShipper();
    shipper.start();
    commit(1);
    await clock.advance(50);
    commit(55);
    commit(3, 'gift_count');
    const stopped = shipper.stop({ deadlineMs: 10_000 });
    await clock.advance(500);
    await stopped;
    expect(backlog.delivered).toEqual({ room_stats: 56, gift_count: 3 });
    expect(clock.timers).toBe(0);
  });

  test('breaks off at the deadline', async () => {
    const { clock, shipper, commit, log } = openShipper({ mishap: () => 'hangs' });
    shipper.start();
    commit(100);
    await clock.advance(50);
    let isStopped = false;
    const stopped = shipper.stop({ deadlineMs: 10_000 }).then(() => {
      isStopped = true;
    });
    await clock.advance(9_900);
    expect(isStopped).toBe(false);
    await clock.advance(200);
    await stopped;
    expect(clock.timers).toBe(0);
    expect(log).toEqual([]);
  });

  test('tries a sink that is down once more, and does not wait for it', async () => {
    const { clock, shipper, commit, sizes } = openShipper({ mishap: () => 'unavailable' });
    shipper.start();
    commit(5);
    await clock.advance(120_000);
    const before = sizes().length;
    const stopped = shipper.stop({ deadlineMs: 10_000 });
    await clock.advance(100);
    await stopped;
    expect(sizes().length).toBe(before + 1);
    expect(clock.timers).toBe(0);
  });

  test('that was never started has nothing to wait for', async () => {
    const { shipper } = openShipper();
    await shipper.stop({ deadlineMs: 10_000 });
    await shipper.stop({ deadlineMs: 10_000 });
  });
});

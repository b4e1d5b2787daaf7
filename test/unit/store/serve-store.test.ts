import { expect, test } from 'vitest';
import { type Batch, emptyBatch } from '../../../src/store/batch.ts';
import type { FromStore } from '../../../src/store/protocol.ts';
import { type ServedJournal, serveStore } from '../../../src/store/serve-store.ts';
import { createVirtualClock } from '../../virtual-clock.ts';

test('A batch that the disk refuses is tried again until it is taken, and those behind it wait for it.', async () => {
  const { clock, server, sent, disk } = serve();
  disk.isFull = true;
  server.receive({ kind: 'commit', batch: batchOf(1) });
  server.receive({ kind: 'commit', batch: batchOf(2) });
  expect(sent).toEqual([{ kind: 'commit_problem', problem: 'database or disk is full' }]);

  await clock.advance(60_000);
  expect(disk.written).toEqual([]);
  disk.isFull = false;
  await clock.advance(5_000);

  expect(disk.written).toEqual([1, 2]);
  expect(sent.slice(1)).toEqual([
    { kind: 'commit_problem', problem: undefined },
    { kind: 'committed' },
    { kind: 'committed' },
  ]);
});

test('It is tried again ever more rarely, but at least every five seconds, and soon after the next failure.', async () => {
  const { clock, server, disk } = serve();
  disk.isFull = true;
  server.receive({ kind: 'commit', batch: batchOf(1) });
  await clock.advance(60_000);
  expect(disk.attemptsMs.slice(0, 8)).toEqual([0, 100, 300, 700, 1_500, 3_100, 6_300, 11_300]);

  disk.isFull = false;
  await clock.advance(5_000);
  disk.isFull = true;
  disk.attemptsMs = [];
  server.receive({ kind: 'commit', batch: batchOf(2) });
  await clock.advance(100);

  expect(disk.attemptsMs).toHaveLength(2);
});

test('The status is answered while commits fail, and says why they do.', () => {
  const { server, sent, disk } = serve();
  disk.isFull = true;
  server.receive({ kind: 'commit', batch: batchOf(1) });

  server.receive({ kind: 'status' });

  expect(sent.at(-1)).toMatchObject({ kind: 'status', status: { commitProblem: 'database or disk is full' } });
});

test('The last status is given again while the disk cannot be read.', () => {
  const { server, sent, journal } = serve();
  const { status } = journal;
  journal.status = () => ({ ...status(), sizeBytes: 7 });
  server.receive({ kind: 'status' });

  journal.status = () => {
    throw Object.assign(new Error('disk I/O error'), { errcode: 10 });
  };
  server.receive({ kind: 'status' });

  expect(sent).toMatchObject([
    { kind: 'status', status: { sizeBytes: 7 } },
    { kind: 'status', status: { sizeBytes: 7 } },
  ]);
});

test('An error that will not pass is thrown, and not tried again.', async () => {
  const { clock, server, disk, journal } = serve();
  journal.commit = () => {
    disk.attemptsMs.push(clock.monotonicMs());
    throw Object.assign(new Error('database disk image is malformed'), { errcode: 11 });
  };

  expect(() => server.receive({ kind: 'commit', batch: batchOf(1) })).toThrow('malformed');

  await clock.advance(10_000);
  expect(disk.attemptsMs).toEqual([0]);
});

test('Whoever ships rows hears of each commit once it is on the disk.', () => {
  const { server, events } = serve();

  server.receive({ kind: 'commit', batch: batchOf(1) });
  server.receive({ kind: 'register', series: [] });

  expect(events).toEqual(['written', 'committed']);
});

test('Retention works in slices with pauses for everything else, and looks again every fifteen seconds when it is done.', async () => {
  const { clock, journal } = serve();
  const slicesMs: number[] = [];
  journal.tidy = () => slicesMs.push(clock.monotonicMs()) < 4;

  await clock.advance(37_500);

  expect(slicesMs).toEqual([15_000, 15_005, 15_010, 15_015, 30_015]);
});

test('The roll-up works in slices with pauses for everything else, up to the latest instant it was told, and says when it has written.', async () => {
  const { clock, server, journal, events } = serve();
  const slices: [atMs: number, untilMs: number][] = [];
  journal.rollUp = (untilMs) => {
    slices.push([clock.monotonicMs(), untilMs]);
    return { hasMore: slices.length < 4, hasWritten: slices.length === 2 };
  };

  server.receive({ kind: 'roll_up', untilMs: 7 });
  await clock.advance(7);
  server.receive({ kind: 'roll_up', untilMs: 9 });
  server.receive({ kind: 'roll_up', untilMs: 8 });
  await clock.advance(1_000);

  expect(slices).toEqual([
    [0, 7],
    [5, 7],
    [10, 9],
    [15, 9],
  ]);
  expect(events).toEqual(['rolled up']);
});

test('Nothing is rolled up while commits fail; it goes on with the next request.', async () => {
  const { clock, server, journal, disk } = serve();
  let slices = 0;
  journal.rollUp = () => ({ hasMore: ++slices < 3, hasWritten: false });
  disk.isFull = true;
  server.receive({ kind: 'commit', batch: batchOf(1) });

  server.receive({ kind: 'roll_up', untilMs: 1 });
  await clock.advance(1_000);
  expect(slices).toBe(0);
  disk.isFull = false;
  await clock.advance(10_000);
  server.receive({ kind: 'roll_up', untilMs: 2 });
  await clock.advance(1_000);

  expect(slices).toBe(3);
});

test('A roll-up that the disk refuses is tried again with the next request.', async () => {
  const { clock, server, journal, sent } = serve();
  let slices = 0;
  journal.rollUp = () => {
    if (++slices === 1) throw Object.assign(new Error('database or disk is full'), { errcode: 13 });
    return { hasMore: false, hasWritten: false };
  };

  server.receive({ kind: 'roll_up', untilMs: 1 });
  await clock.advance(1_000);
  expect(slices).toBe(1);
  server.receive({ kind: 'roll_up', untilMs: 2 });
  await clock.advance(1_000);

  expect(slices).toBe(2);
  expect(sent).toEqual([]);
});

test('What asks for a roll-up behind the closing is too late.', async () => {
  const { clock, server, journal } = serve();
  let slices = 0;
  journal.rollUp = () => ({ hasMore: ++slices > 0, hasWritten: false });
  server.receive({ kind: 'roll_up', untilMs: 1 });
  await clock.advance(0);

  server.receive({ kind: 'close' });
  server.receive({ kind: 'roll_up', untilMs: 2 });
  await clock.advance(1_000);

  expect(slices).toBe(1);
  expect(clock.timers).toBe(0);
});

test('Closing comes behind what was sent before, and leaves no timer.', async () => {
  const { clock, server, sent, disk, events } = serve();
  disk.isFull = true;
  server.receive({ kind: 'commit', batch: batchOf(1) });
  server.receive({ kind: 'close' });
  disk.isFull = false;

  await clock.advance(1_000);

  expect(events).toEqual(['written', 'committed', 'closed']);
  expect(sent.at(-1)).toEqual({ kind: 'closed' });
  expect(clock.timers).toBe(0);
});

function serve() {
  const clock = createVirtualClock();
  const disk: { isFull: boolean; written: number[]; attemptsMs: number[] } = {
    isFull: false,
    written: [],
    attemptsMs: [],
  };
  const events: string[] = [];
  const sent: FromStore[] = [];
  const journal: ServedJournal = {
    commit(batch) {
      disk.attemptsMs.push(clock.monotonicMs());
      if (disk.isFull) throw Object.assign(new Error('database or disk is full'), { errcode: 13 });
      disk.written.push(batch.endBefore);
      events.push('written');
    },
    register: () => [],
    rollUp: () => ({ hasMore: false, hasWritten: false }),
    status: () => ({
      ...{ committed: { room_stats: 0, gift_count: 0 }, rolledUp: [], rollUp: [], sinks: [] },
      ...{ sizeBytes: 0, maxSizeBytes: 1 },
    }),
    tidy: () => false,
    lastDueMs: () => undefined,
    nextRoundId: () => 1,
    openRounds: () => [],
    [Symbol.dispose]: () => events.push('closed'),
  };
  const server = serveStore({
    journal,
    clock,
    send: (message) => sent.push(message),
    onCommitted: () => events.push('committed'),
    onRolledUp: () => events.push('rolled up'),
  });
  expect(sent.shift()?.kind).toBe('opened');
  return { clock, server, sent, disk, events, journal };
}

/** A batch that can be told from others. */
function batchOf(number: number): Batch {
  return { ...emptyBatch, endBefore: number };
}

import { expect, test } from 'vitest';
import type { Batch } from '../../../src/store/batch.ts';
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

test('Retention works in slices with pauses for everything else, and looks again every second when it is done.', async () => {
  const { clock, journal } = serve();
  const slicesMs: number[] = [];
  journal.tidy = () => slicesMs.push(clock.monotonicMs()) < 4;

  await clock.advance(2_500);

  expect(slicesMs).toEqual([1_000, 1_005, 1_010, 1_015, 2_015]);
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
    status: () => ({ committed: { room_stats: 0, gift_count: 0 }, sizeBytes: 0, maxSizeBytes: 1, sinks: [] }),
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
  });
  expect(sent.shift()?.kind).toBe('opened');
  return { clock, server, sent, disk, events, journal };
}

/** A batch that can be told from others. */
function batchOf(number: number): Batch {
  return { begun: [], samples: [], states: new Map(), unanswered: new Map(), ended: [], endBefore: number };
}

import { expect, test } from 'vitest';
import { type LiveFigures, liveTable } from '../../../src/commands/live-table.ts';

const endpoint = { requestsPerSecond: 37.4, waiting: 0, answered: 1316, gone: 196, failed: 0, skipped: 0 };

const figures: LiveFigures = {
  elapsedMs: 75_000,
  rooms: Array.from({ length: 200 }, (_, index) => ({
    roomId: `room-${String(index + 1).padStart(4, '0')}`,
    coinsPerMinute: index === 68 ? 86_510 : index,
    entriesPerMinute: index * 10,
    gone: index % 2 === 0,
  })),
  endpoints: [
    { ...endpoint, name: 'room_stats', targets: 200, limit: 100 },
    { ...endpoint, name: 'gift_count', targets: 300, limit: 200 },
  ],
  storePath: '/home/somebody/livetally/data/demo.db',
  storeSizeBytes: 4_404_019,
  committed: 1317,
  metricsUrl: 'http://127.0.0.1:45167/metrics',
};

const draw = (width: number, height = 24) => liveTable(figures, { width, height, isColored: false });

test.each([59, 60, 72, 79, 90, 98, 99, 150])(
  'at a width of %d no line is longer, and every figure but the number of targets is there',
  (width) => {
    const lines = draw(width);
    expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(width);
    const text = lines.join('\n');
    for (const shown of [
      '00:01:15',
      '100 of 200 rooms',
      '(Ctrl-C stops)',
      '86,510',
      '37.4',
      '1,316',
      '196',
      'skipped',
    ]) {
      expect(text).toContain(shown);
    }
    expect(text).toContain('demo.db  4.2 MiB, 1,317 samples committed');
    expect(text).toMatch(/^room-0069 +86,510 +█+ +680$/m);
  },
);

test('a wide terminal shows everything in full', () => {
  expect(draw(99).slice(-6)).toEqual([
    'endpoint      targets requests/s    limit/s    waiting    samples       gone     failed    skipped',
    'room_stats        200       37.4        100          0      1,316        196          0          0',
    'gift_count        300       37.4        200          0      1,316        196          0          0',
    '',
    'store    /home/somebody/livetally/data/demo.db  4.2 MiB, 1,317 samples committed',
    'metrics  http://127.0.0.1:45167/metrics',
  ]);
});

test('a narrow one has shorter titles, and says what a long path ends in', () => {
  expect(draw(59).slice(-6)).toEqual([
    'endpoint   req/s limit wait samples gone failed skipped',
    'room_stats  37.4   100    0   1,316  196      0       0',
    'gift_count  37.4   200    0   1,316  196      0       0',
    '',
    'store    …ly/data/demo.db  4.2 MiB, 1,317 samples committed',
    'metrics  http://127.0.0.1:45167/metrics',
  ]);
});

test('however narrow it is, no line wraps', () => {
  for (const width of [1, 10, 30, 45]) {
    expect(Math.max(...draw(width).map(({ length }) => length))).toBeLessThanOrEqual(width);
  }
});

test.each([
  [24, 12],
  [18, 7],
  [5, 1],
])('%d rows of a terminal show %d rooms', (height, rooms) => {
  const lines = draw(79, height);
  expect(lines.filter((line) => line.startsWith('room-'))).toHaveLength(rooms);
  // The cursor waits in the row below.
  if (rooms > 1) expect(lines.length).toBeLessThan(height);
});

test('paint does not count, and is cut off with its text', () => {
  const [title = ''] = liveTable(figures, { width: 20, height: 24, isColored: true });
  expect(title).toBe('\u001b[1mlivetally demo\u001b[0m  00:0');
});

import { describe, expect, test } from 'vitest';
import { Health } from '../../src/health.ts';
import { type Outcome, outcomeStatuses } from '../../src/model/outcome.ts';
import type { Schedule } from '../../src/model/round.ts';
import type { Series } from '../../src/model/target.ts';
import { describeTornCommit } from '../../src/store/write-ahead-log.ts';
import { createLog } from '../../src/telemetry/log.ts';
import { createMetrics } from '../../src/telemetry/metrics.ts';
import { createVirtualClock } from '../virtual-clock.ts';

const schedule: Schedule = { app: 'main', endpoint: 'room_stats', cron: '*/15 * * * * *', timezone: 'Etc/UTC' };
const round = { schedule, startMs: 0 };

function room(roomId: string): Series {
  return { target: { endpoint: 'room_stats', app: 'main', roomId }, labels: {} };
}

async function create() {
  const lines: string[] = [];
  const log = await createLog({ level: 'info', format: 'json', destination: { write: (line) => lines.push(line) } });
  const metrics = createMetrics();
  const clock = createVirtualClock();
  const health = new Health({ metrics, log, clock });
  const said = () => lines.splice(0).map((line): { level: string; msg: string } => JSON.parse(line));
  return { health, metrics, clock, said };
}

test('the targets of several schedules of one endpoint are counted together', async () => {
  const { health, metrics } = await create();
  health.begin(schedule, 3);
  health.begin({ ...schedule, cron: '0 * * * * *' }, 4);
  expect(await metrics.text()).toContain('livetally_targets{app="main",endpoint="room_stats"} 7');
});

test('every outcome is counted from 0 on, so that the first of its kind is seen as an increase', async () => {
  const { health, metrics } = await create();
  health.begin(schedule, 3);
  const text = await metrics.text();
  for (const outcome of outcomeStatuses) {
    expect(text).toContain(`livetally_polls_total{app="main",endpoint="room_stats",outcome="${outcome}"} 0`);
  }
});

describe('what is told of polling', () => {
  test('after the first whole round, once: which rooms do not exist', async () => {
    const { health, said } = await create();
    health.polling.roundBegun(round, { total: 3, remaining: 3 });
    for (const name of ['a', 'b']) health.pollEnded(schedule, room(name), { status: 'gone', code: 100004 });
    health.pollEnded(schedule, room('c'), { status: 'answered', totals: [1] });
    expect(said()).toEqual([]);
    health.polling.roundBegun(round, { total: 3, remaining: 3 });
    expect(said()).toMatchObject([
      { level: 'info', msg: expect.stringMatching(/^2 targets of rooms that do not exist .* such as a, b$/) },
    ]);
    health.polling.roundBegun(round, { total: 3, remaining: 3 });
    expect(said()).toEqual([]);
  });

  test('twenty failures in a row are an error, and the answer after them its end', async () => {
    const { health, said } = await create();
    const fail = (outcome: Outcome, times: number) => {
      for (let poll = 0; poll < times; poll++) health.pollEnded(schedule, room('a'), outcome);
    };
    fail({ status: 'timeout' }, 19);
    fail({ status: 'answered', totals: [1] }, 1);
    fail({ status: 'timeout' }, 19);
    expect(said()).toEqual([]);
    fail({ status: 'timeout' }, 5);
    expect(said()).toMatchObject([{ level: 'error', msg: expect.stringContaining('20 polls in a row have failed') }]);
    fail({ status: 'answered', totals: [1] }, 1);
    expect(said()).toMatchObject([{ level: 'info', msg: 'polls are answered again' }]);
  });

  test('polls that a pause held back are no failures of their own', async () => {
    const { health, said } = await create();
    for (let poll = 0; poll < 100; poll++) health.pollEnded(schedule, room('a'), { status: 'expired' });
    expect(said()).toEqual([]);
  });

  test('a target that cannot be answered is named once, until it answers', async () => {
    const { health, clock, said } = await create();
    const series = room('a');
    const bad: Outcome = { status: 'bad_target', code: 100002, remedy: 'check the room', requestId: 'Id-1' };
    for (let poll = 0; poll < 3; poll++) health.pollEnded(schedule, series, bad);
    expect(said()).toMatchObject([
      { level: 'warn', msg: expect.stringMatching(/^room a of app main: .*RequestId Id-1.*check the room/) },
    ]);
    health.pollEnded(schedule, series, { status: 'answered', totals: [1] });
    await clock.advance(60_000);
    health.pollEnded(schedule, series, bad);
    expect(said()).toHaveLength(1);
  });

  test('of many targets that cannot be answered one is named a minute, with how many there are', async () => {
    const { health, clock, said } = await create();
    const bad: Outcome = { status: 'bad_target', code: 100002, remedy: 'check the room' };
    for (let target = 0; target < 50; target++) health.pollEnded(schedule, room(`room-${target}`), bad);
    await clock.advance(60_000);
    for (let target = 50; target < 90; target++) health.pollEnded(schedule, room(`room-${target}`), bad);
    expect(
      said()
        .map(({ msg }) => msg)
        .filter((msg) => msg.startsWith('room')),
    ).toEqual([
      expect.stringMatching(/^room room-0 of app main: .*check the room$/),
      expect.stringMatching(
        /^room room-50 of app main: .*check the room \(one of 51 targets that cannot be answered\)$/,
      ),
    ]);
  });

  test('a pause that comes again and again is one line a minute, and counts each time', async () => {
    const { health, metrics, clock, said } = await create();
    const limits = health.limitsOf(['main', 'second']);
    const outcome: Outcome = { status: 'rate_limited', code: 60007, scope: 'endpoint' };
    for (let pause = 0; pause < 5; pause++) limits.paused('gift_count', 'throttled', 1000, outcome);
    expect(said()).toHaveLength(1);
    await clock.advance(60_000);
    limits.paused('gift_count', 'throttled', 1000, outcome);
    expect(said()).toHaveLength(1);
    const text = await metrics.text();
    expect(text).toContain('livetally_pauses_total{app="second",endpoint="gift_count",reason="throttled"} 6');
  });
});

test('polls that are skipped because the disk takes nothing are told once a minute, other skips are only counted', async () => {
  const { health, metrics, clock, said } = await create();
  for (let poll = 0; poll < 5; poll++) health.polling.skipped(round, 1, 'store_behind', 0);
  health.polling.skipped(round, 3, 'in_flight', 0);
  expect(said()).toMatchObject([{ level: 'warn', msg: expect.stringContaining('polls are skipped') }]);
  await clock.advance(60_000);
  health.polling.skipped(round, 1, 'store_behind', 0);
  expect(said()).toHaveLength(1);
  expect(await metrics.text()).toContain(
    'livetally_polls_skipped_total{app="main",endpoint="room_stats",reason="store_behind"} 6',
  );
});

describe('what is told of shipping', () => {
  test('a sink that is down is told when it begins and when it ends', async () => {
    const { health, said } = await create();
    health.storage.told({ kind: 'sink_down', sink: 'influxdb', status: 'denied', reason: 'HTTP 401; mend the token' });
    expect(said()).toMatchObject([{ level: 'error', msg: expect.stringContaining('mend the token') }]);
    health.storage.told({ kind: 'sink_up', sink: 'influxdb', afterMs: 90_000 });
    expect(said()).toMatchObject([{ level: 'info', after_seconds: 90 }]);
  });

  test('each sink has a gauge of its own, and no line for it', async () => {
    const { health, metrics, said } = await create();
    health.storage.told({ kind: 'sink_changed', sink: 'influxdb', isUp: true });
    health.storage.told({ kind: 'sink_changed', sink: 'influxdb_5m', isUp: false });
    expect(await metrics.text()).toContain('livetally_sink_up{sink="influxdb"} 1');
    expect(await metrics.text()).toContain('livetally_sink_up{sink="influxdb_5m"} 0');
    expect(said()).toEqual([]);
  });

  test('a store that fails is not blamed on the sink', async () => {
    const { health, said } = await create();
    health.storage.told({ kind: 'sink_down', sink: 'influxdb', status: 'failed', reason: 'database or disk is full' });
    expect(said()).toMatchObject([{ level: 'error', msg: expect.stringContaining('because of the store') }]);
  });

  test('batches that fail because of the store, among others that do not, are told once a minute', async () => {
    const { health, clock, said } = await create();
    for (let time = 0; time < 20; time++) {
      health.storage.told({ kind: 'sink_down', sink: 'influxdb', status: 'failed', reason: 'a page is damaged' });
      health.storage.told({ kind: 'sink_up', sink: 'influxdb', afterMs: 1_000 });
      await clock.advance(4_000);
    }
    expect(said()).toHaveLength(2);
  });

  test('an outage of the sink that such a failure was before is told with its end', async () => {
    const { health, said } = await create();
    health.storage.told({ kind: 'sink_down', sink: 'influxdb', status: 'failed', reason: 'a page is damaged' });
    health.storage.told({ kind: 'sink_down', sink: 'influxdb', status: 'unavailable', reason: 'HTTP 503' });
    health.storage.told({ kind: 'sink_up', sink: 'influxdb', afterMs: 1_000 });
    expect(said().map(({ level }) => level)).toEqual(['error', 'error', 'info']);
  });

  test('damaged rows are told with one of them, and what to do', async () => {
    const { health, said } = await create();
    const example = 'row 7 of room_stats is damaged: it holds text as due_ms';
    health.storage.told({ kind: 'rows_damaged', table: 'room_stats', rows: 3, example });
    expect(said()).toMatchObject([
      {
        level: 'warn',
        rows: 3,
        msg: expect.stringMatching(/row 7 of room_stats .*livetally verify .*livetally salvage/),
      },
    ]);
  });

  test('what the roll-up has forgotten is told with its target', async () => {
    const { health, said } = await create();
    const target = { endpoint: 'gift_count', app: 'main', roomId: 'a', userId: 'b' } as const;
    health.storage.told({ kind: 'roll_up_forgot', target, problem: 'state of open windows is no JSON' });
    expect(said()).toMatchObject([
      { level: 'error', msg: expect.stringMatching(/^receiver b in room a of app main: .*begin anew: .*no JSON$/) },
    ]);
  });

  test('a last commit that is not whole is told with how much of it there is', async () => {
    const { health, said } = await create();
    health.storage.told({ kind: 'commit_torn', problem: describeTornCommit({ pages: 12, bytes: 49_440 }) });
    expect(said()).toMatchObject([
      { level: 'warn', msg: expect.stringMatching(/last commit .* is left out \(12 pages, 49,440 bytes\): a kill/) },
    ]);
  });
});

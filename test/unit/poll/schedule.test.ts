import { describe, expect, test } from 'vitest';
import type { Schedule } from '../../../src/model/round.ts';
import type { Target } from '../../../src/model/target.ts';
import { createCollectorClock } from '../../../src/poll/collector-clock.ts';
import { readCron } from '../../../src/poll/cron.ts';
import { createRests, type Rests } from '../../../src/poll/rests.ts';
import { type RunningSchedule, startSchedule } from '../../../src/poll/schedule.ts';
import { createSlots } from '../../../src/poll/slots.ts';
import { createVirtualClock, type VirtualClock } from '../../virtual-clock.ts';

const startMs = Date.UTC(2026, 0, 1, 12, 0, 0);

type Due = { target: number; dueMs: number; startMs: number; calledMs: number };
type Story = {
  clock: VirtualClock;
  rests: Rests;
  due: Due[];
  told: string[];
  nowMs: () => number;
  running: RunningSchedule;
};

function start(count: number, cronExpression = '*/15 * * * * *', fromMs = startMs, lastDueMs?: number): Story {
  const clock = createVirtualClock({ wallMs: fromMs });
  const collectorClock = createCollectorClock({ clock, lastDueMs });
  const schedule: Schedule = { app: 'main', endpoint: 'room_stats', cron: cronExpression, timezone: 'Europe/Berlin' };
  const reading = readCron(cronExpression, schedule.timezone);
  if (reading.status === 'refused') throw new Error(reading.problem);
  const { cron } = reading;
  const targets = Array.from({ length: count }, (_, index): Target => {
    return { endpoint: 'room_stats', app: 'main', roomId: `room-${index}` };
  });
  const rests = createRests(count, cron.intervalMs);
  const due: Due[] = [];
  const told: string[] = [];
  const at = (ms: number) => new Date(ms).toISOString().slice(11, 19);
  const running = startSchedule({
    schedule,
    cron,
    slots: createSlots(schedule, targets),
    rests,
    clock,
    collectorClock,
    begin: (round, { total, remaining }) => told.push(`${at(round.startMs)} begins ${remaining}/${total}`),
    due: (target, dueMs, round) =>
      due.push({ target, dueMs, startMs: round.startMs, calledMs: collectorClock.nowMs() }),
    late: (round, late) => told.push(`${at(round.startMs)} late ${late}`),
    pass: (round) => told.push(`${at(round.startMs)} passes`),
  });
  return { clock, rests, due, told, nowMs: collectorClock.nowMs, running };
}

describe('a schedule', () => {
  test('calls out every target once a round, on time, in the same order', async () => {
    const { clock, due, told } = start(30);
    await clock.advance(45_000);
    expect(told).toEqual(
      [
        '12:00:15 begins 30/30',
        '12:00:15 passes',
        '12:00:30 begins 30/30',
        '12:00:30 passes',
        '12:00:45 begins 30/30',
      ].toSpliced(0, 0, '12:00:00 begins 30/30', '12:00:00 passes'),
    );
    expect(due.length).toBe(90);
    for (const { dueMs, calledMs } of due) {
      expect(calledMs).toBeGreaterThanOrEqual(dueMs);
      expect(calledMs).toBeLessThan(dueMs + 251);
    }
    expect(due.slice(30, 60).map(({ target }) => target)).toEqual(due.slice(0, 30).map(({ target }) => target));
    expect(new Set(due.slice(0, 30).map(({ target }) => target)).size).toBe(30);
  });

  test('started in the middle of a round, goes on with the slots that are still ahead', async () => {
    const whole = start(30);
    await whole.clock.advance(15_000);
    const { clock, due, told } = start(30, '*/15 * * * * *', startMs + 6000);
    await clock.advance(9000);
    const ahead = whole.due.filter(({ dueMs }) => dueMs > startMs + 6000 && dueMs < startMs + 15_000);
    expect(due.slice(0, ahead.length).map(({ target, dueMs }) => ({ target, dueMs }))).toEqual(
      ahead.map(({ target, dueMs }) => ({ target, dueMs })),
    );
    expect(told.slice(0, 2)).toEqual([`12:00:00 begins ${ahead.length}/30`, '12:00:00 passes']);
  });

  test('never repeats a due instant of the process before, even if the wall clock went back', async () => {
    const { clock, due } = start(30, '*/15 * * * * *', startMs - 3_600_000, startMs + 7000);
    await clock.advance(20_000);
    expect(due[0]?.dueMs).toBeGreaterThan(startMs + 7000);
    expect(due[0]?.startMs).toBe(startMs);
  });

  test('sets one timer for all its targets, and none after it was stopped', async () => {
    const { clock, due, running } = start(20_000);
    await clock.advance(10_000);
    expect(clock.timers).toBe(1);
    running.stop();
    expect(clock.timers).toBe(0);
    const before = due.length;
    await clock.advance(60_000);
    expect(due.length).toBe(before);
  });

  test('calls out late what fell into a pause of the process shorter than the interval', async () => {
    const { clock, due, told } = start(30);
    await clock.advance(20_000);
    clock.stall(13_000);
    await clock.advance(12_000);
    const ofThreeRounds = due.filter(({ dueMs }) => dueMs < startMs + 45_000);
    expect(ofThreeRounds.length).toBe(90);
    expect(new Set(ofThreeRounds.map(({ dueMs }) => dueMs)).size).toBe(90);
    expect(told.filter((line) => line.includes('late'))).toEqual([]);
  });

  test('after a long pause tells of older rounds that all was late, and calls out the last interval', async () => {
    const { clock, due, told } = start(30);
    await clock.advance(20_001);
    const before = due.length;
    const toldBefore = told.length;
    clock.stall(67_000);
    await clock.advance(0);
    const lateOf = (line: string) => (line.includes('late') ? Number(line.split(' ')[2]) : 0);
    const late = told.map(lateOf).reduce((sum, count) => sum + count, 0);
    expect(told.slice(toldBefore).filter((line) => line.includes('begins'))).toEqual([
      '12:00:30 begins 30/30',
      '12:00:45 begins 30/30',
      '12:01:00 begins 30/30',
      '12:01:15 begins 30/30',
    ]);
    for (const { dueMs } of due.slice(before)) expect(dueMs).toBeGreaterThan(startMs + 72_000);
    expect(due.slice(before).length).toBe(30);
    await clock.advance(2999);
    expect(due.filter(({ dueMs }) => dueMs < startMs + 90_000).length + late).toBe(30 * 6);
  });

  test('after a long pause tells of older rounds in which every target rests, but of nothing late in them', async () => {
    const { clock, told, rests } = start(1);
    await clock.advance(14_000);
    for (const _poll of [1, 2, 3]) rests.gone(0);
    const toldBefore = told.length;
    clock.stall(31_000);
    await clock.advance(0);
    expect(told.slice(toldBefore)).toEqual([
      '12:00:15 begins 0/0',
      '12:00:15 passes',
      '12:00:30 begins 0/0',
      '12:00:30 passes',
      '12:00:45 begins 0/0',
      '12:00:45 passes',
    ]);
  });

  test.each([-3_600_000, 3_600_000])('goes on evenly when the wall clock jumps by %i ms', async (jumpMs) => {
    const { clock, due } = start(30);
    await clock.advance(20_000);
    clock.setWall(clock.wallMs() + jumpMs);
    const before = due.length;
    await clock.advance(600_000);
    const called = due.length - before;
    expect(called / 1200).toBeGreaterThan(0.979);
    expect(called / 1200).toBeLessThan(1.021);
    expect(new Set(due.map(({ dueMs }) => dueMs)).size).toBe(due.length);
  });

  test('goes on from a wall clock that is set from 1970, and tells of no round in between', async () => {
    const { clock, due, told } = start(30, '*/15 * * * * *', 0);
    await clock.advance(20_000);
    clock.setWall(startMs);
    await clock.advance(120_000);
    expect(told.filter((line) => line.includes('begins')).length).toBeLessThan(12);
    expect(due.at(-1)?.dueMs).toBeGreaterThan(startMs);
    expect(due.length).toBeLessThan(350);
    expect(due.every(({ dueMs }, index) => index === 0 || dueMs > (due[index - 1]?.dueMs ?? 0))).toBe(true);
  });

  test('does not spread the last round of the show over the night', async () => {
    const { clock, due, told } = start(30, '*/15 * 13 * * *', startMs + 3_600_000 - 15_000);
    await clock.advance(600_000);
    expect(due.length).toBe(30);
    expect(told).toEqual(['12:59:45 begins 30/30', '12:59:45 passes']);
  });

  test('begins no round before the one before has passed, even where summer time brings them together', async () => {
    const { clock, due, told } = start(20, '0 0 1,3 * * *', Date.UTC(2026, 2, 28, 23, 50));
    await clock.advance(4 * 3_600_000);
    expect(told).toEqual(['00:00:00 begins 20/20', '00:00:00 passes', '01:00:00 begins 20/20', '01:00:00 passes']);
    expect(due.length).toBe(40);
  });

  test('counts in a round only the targets that do not rest in it', async () => {
    const { clock, due, told, rests } = start(30);
    await clock.advance(14_999);
    rests.gone(3);
    rests.gone(4);
    await clock.advance(30_000);
    expect(told.filter((line) => line.includes('begins'))).toEqual([
      '12:00:00 begins 30/30',
      '12:00:15 begins 28/28',
      '12:00:30 begins 30/30',
    ]);
    expect(due.filter(({ target }) => target === 3).map((call) => call.startMs - startMs)).toEqual([0, 30_000]);
  });

  test('wakes for no target that rests', async () => {
    const { clock, rests, nowMs } = start(20_000);
    await clock.advance(15_000);
    for (let target = 0; target < 20_000; target++) for (let time = 0; time < 8; time++) rests.gone(target);
    await clock.advance(15_000);
    let wakes = 0;
    const after = clock.after;
    clock.after = (delayMs, callback) => {
      wakes++;
      return after(delayMs, callback);
    };
    const beforeMs = nowMs();
    await clock.advance(30_000);
    expect(nowMs() - beforeMs).toBeCloseTo(30_000);
    expect(wakes).toBeLessThan(10);
  });
});

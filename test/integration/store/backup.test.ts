import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { RecallStore } from '../../../src/recall/recall.ts';
import { backUp } from '../../../src/store/backup.ts';
import { inShort } from '../verify/in-short.ts';
import { hourMs, LivedStore, minuteMs, verifyStore } from '../verify/lived-store.ts';
import { commitRows, rollUp, roomSeries, startMs, TemporaryStore } from './temporary-store.ts';

describe('a backup', () => {
  test('is the store at one instant, whatever is committed while it is made.', async () => {
    using store = new TemporaryStore();
    using journal = store.open();
    commitRows(journal, roomSeries('room-1'), { count: 40_000 });
    const copyPath = `${store.path}.copy`;
    let steps = 0;

    await backUp(store.path, copyPath, () => {
      steps++;
      commitRows(journal, roomSeries('room-2'), { count: 10, fromMs: startMs + steps * 1_000_000 });
    });

    expect(steps).toBeGreaterThan(1);
    const { samples, findings } = await verifyStore(copyPath, undefined, { intervalOf: () => hourMs * 24 });
    expect([samples, findings]).toEqual([40_000, []]);
    expect(readdirSync(store.folder).filter((name) => name.includes('.part'))).toEqual([]);
  });

  test('never takes the place of a file, and one that fails leaves none.', async () => {
    using store = new TemporaryStore();
    using journal = store.open();
    commitRows(journal, roomSeries('room-1'), { count: 40_000 });
    const copyPath = `${store.path}.copy`;
    writeFileSync(copyPath, 'mine');
    await expect(backUp(store.path, copyPath, () => {})).rejects.toThrow(`${copyPath} is there already`);
    expect(readFileSync(copyPath, 'utf8')).toBe('mine');
    rmSync(copyPath);

    const stopped = new Error('stopped');
    const failing = () => {
      throw stopped;
    };
    await expect(backUp(store.path, copyPath, failing)).rejects.toThrow('stopped');
    await expect(backUp(store.path, `${store.folder}/nowhere/copy.db`, () => {})).rejects.toThrow();
    await expect(backUp(`${store.path}-other`, copyPath, () => {})).rejects.toThrow('there is no store at');
    expect(readdirSync(store.folder).filter((name) => name.includes('copy'))).toEqual([]);
  });

  test('that a store goes on from loses and doubles nothing, and verify names the hours that it does not know.', async () => {
    using lived = new LivedStore();
    lived.live(3 * hourMs + 20 * minuteMs);
    lived.ship();
    const copyPath = `${lived.store.path}.copy`;
    const remembered = lived.remembered();
    await backUp(lived.store.path, copyPath, () => {});
    lived.live(2 * hourMs + 10 * minuteMs);
    lived.ship();

    lived.goOnFrom(copyPath);
    lived.remember(remembered);
    const beganAgainMs = lived.nowMs;
    lived.live(2 * hourMs);
    lived.ship();

    const verified = await lived.verify();
    expect(new Set(verified.findings.map(({ kind }) => kind))).toEqual(new Set(['unknown_point']));
    const samples = verified.findings.filter(({ place }) => place.endsWith(' influxdb'));
    expect(samples.map(({ place, hours }) => [place, ...hours])).toEqual(
      ['room_stats in influxdb', 'gift_count in influxdb'].map((place) => [
        place,
        { fromMs: startMs + 3 * hourMs, toMs: startMs + 6 * hourMs, count: expect.any(Number) },
      ]),
    );
    for (const { hours } of verified.findings) {
      for (const { fromMs, toMs } of hours) {
        expect(fromMs).toBeGreaterThanOrEqual(startMs + 3 * hourMs);
        expect(toMs).toBeLessThanOrEqual(Math.ceil(beganAgainMs / hourMs) * hourMs);
      }
    }
    expect(inShort(await verifyStore(lived.store.path, undefined, { nowMs: lived.nowMs }))).toEqual([]);
    expect(existsSync(`${copyPath}-wal`)).toBe(false);
  });

  test('that a store goes on from gets back what was shipped since, and then nothing is unknown or different.', async () => {
    using lived = new LivedStore();
    lived.live(3 * hourMs + 20 * minuteMs);
    lived.ship();
    const copyPath = `${lived.store.path}.copy`;
    await backUp(lived.store.path, copyPath, () => {});
    lived.live(2 * hourMs + 10 * minuteMs);
    lived.ship();
    const before = lived.database.copy();

    lived.goOnFrom(copyPath);
    // Killed between what is committed and what is known to be shipped, the command is given again.
    const { journal } = lived;
    const settled: number[] = [];
    const dying = {
      register: (series) => journal.register(series),
      nextRoundId: () => journal.nextRoundId(),
      lastDueMs: () => journal.lastDueMs(),
      openRounds: () => journal.openRounds(),
      status: () => journal.status(),
      readRows: (...asked) => journal.readRows(...asked),
      commit: (batch) => journal.commit(batch),
      makeRoom: () => journal.makeRoom(),
      settle: (sink, table, range, rejected) => {
        if (settled.push(range.toId) > 9) throw new Error('killed');
        journal.settle(sink, table, range, rejected);
      },
    } satisfies RecallStore;
    await expect(lived.recall(dying)).rejects.toThrow('killed');
    const recalled = await lived.recall();
    const again = await lived.recall();
    rollUp(lived.journal, lived.nowMs);
    lived.ship();

    expect(settled).toHaveLength(10);
    expect(recalled).toMatchObject({ strange: 0 });
    expect(lived.journal.status().committed).toEqual({ room_stats: 3 * 330 * 4, gift_count: 2 * 330 * 4 });
    expect(again).toMatchObject({ samples: { room_stats: 0, gift_count: 0 } });
    expect(inShort(await lived.verify())).toEqual([]);
    expect(lived.database.points).toEqual(before.points);
    lived.live(hourMs);
    lived.ship();
    expect(inShort(await lived.verify())).toEqual([]);
  });

  const growthIn = (store: TemporaryStore) =>
    store.query(`SELECT room_id, session_ms, sum(viewers_delta) AS viewers, sum(gift_coins_delta) AS coins
      FROM room_stats JOIN series ON series.id = series_id JOIN target ON target.id = target_id
      GROUP BY room_id, session_ms ORDER BY 1, 2`);

  test('that a store goes on from keeps all growth where InfluxDB lacks samples too, and ships what it counted anew.', async () => {
    using lived = new LivedStore();
    lived.live(3 * hourMs);
    lived.ship();
    const copyPath = `${lived.store.path}.copy`;
    await backUp(lived.store.path, copyPath, () => {});
    lived.live(3 * hourMs);
    lived.ship();
    const before = growthIn(lived.store);
    const hole = { fromMs: startMs + 4 * hourMs + 3 * minuteMs, toMs: startMs + 4 * hourMs + 40 * minuteMs };
    lived.database.forget('influxdb', hole);

    lived.goOnFrom(copyPath);
    expect(await lived.recall()).toMatchObject({ mended: 5, strange: 0 });

    const sumOf = (rows: typeof before, column: string) => rows.reduce((sum, row) => sum + Number(row[column]), 0);
    const after = growthIn(lived.store);
    expect([sumOf(after, 'viewers'), sumOf(after, 'coins')]).toEqual([
      sumOf(before, 'viewers'),
      sumOf(before, 'coins'),
    ]);
    rollUp(lived.journal, lived.nowMs);
    lived.ship();
    const findings = inShort(await lived.verify());
    expect(findings.filter((words) => !words.includes('_5m'))).toEqual([]);
  });

  test('of which a point has another shape leaves that out, and says so.', async () => {
    using lived = new LivedStore();
    lived.live(20 * minuteMs);
    lived.ship();
    const fields = [['total_viewers', 7]] as const;
    const tags = [
      ['app', 'main'],
      ['room_id', 'ghost'],
    ] as const;
    lived.database.write('influxdb', [{ measurement: 'room_stats', tags, fields, timeMs: lived.nowMs }]);
    expect(await lived.recall()).toMatchObject({ samples: { room_stats: 0, gift_count: 0 }, strange: 1 });
  });
});

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Schedule } from '../../../src/model/round.ts';
import { createRollUp } from '../../../src/roll-up/roll-up.ts';
import { emptyBatch } from '../../../src/store/batch.ts';
import { rollUp, rollUpOptions, roundAt, startMs, tidyUp } from '../store/temporary-store.ts';
import { inShort } from './in-short.ts';
import { Copy, countRows, hourMs, LivedStore, minuteMs, roundMs, verifyStore } from './lived-store.ts';

/** A day with several sessions of each target, gaps, and a room that came late and left early; all of it shipped. */
function livedDay(): LivedStore {
  const lived = new LivedStore();
  const [, , late] = lived.rooms;
  const isGap = (dueMs: number) => dueMs % (6 * hourMs) < 3 * minuteMs;
  lived.live(
    25 * hourMs,
    (series, dueMs) => isGap(dueMs) || (series === late && Math.floor(dueMs / hourMs) % 24 !== 5),
  );
  lived.ship();
  return lived;
}

let lived: LivedStore;

beforeAll(() => {
  lived = livedDay();
}, 60_000);

afterAll(() => lived[Symbol.dispose]());

const point = { series: 'room_stats\napp=main\nroom_id=room-1', content: 'total_viewers=1' };

describe('a store in which everything adds up', () => {
  test('has no findings, and every row and point of it was looked at.', async () => {
    const rows = countRows(lived.store);
    expect(rows).toMatchObject({ room_stats_1d: 3, gift_count_1d: 2, room_stats_1mo: 0 });

    const { findings, notes, ...looked } = await lived.verify();

    expect(findings).toEqual([]);
    expect(notes).toEqual([]);
    const sum = (pattern: RegExp) =>
      Object.entries(rows).reduce((total, [name, count]) => total + (pattern.test(name) ? count : 0), 0);
    expect(looked).toEqual({
      rounds: 2 * 25 * 240,
      samples: sum(/^(room_stats|gift_count)$/),
      windows: sum(/_(5m|1h|1d|1mo)$/),
      sessions: sum(/_session$/),
      points: sum(/./),
    });
  });

  test('has each of its schedules read once, however many rounds there are of it.', async () => {
    const read: string[] = [];
    const intervalOf = ({ cron, timezone }: Schedule) => {
      read.push(`${cron} ${timezone}`);
      return roundMs;
    };
    const { rounds } = await lived.verify({ intervalOf });
    expect(rounds).toBeGreaterThan(10_000);
    expect(read).toEqual(['*/15 * * * * * Etc/UTC']);
  });

  test('has none in a part of its time either, and none while rows wait to be shipped.', async () => {
    using waiting = new LivedStore();
    waiting.live(3 * hourMs);
    waiting.ship('influxdb');
    waiting.live(20 * minuteMs);
    for (const [fromMs, toMs] of [
      [startMs, startMs + hourMs],
      [startMs + 10 * minuteMs + 7, startMs + 100 * minuteMs + 7],
      [startMs + 2 * hourMs, Number.POSITIVE_INFINITY],
    ] as const) {
      expect(inShort(await waiting.verify({ time: { fromMs, toMs } }))).toEqual([]);
    }
  });

  test('has none after retention has deleted samples, be it before they were shipped.', async () => {
    using young = new LivedStore({ keepMs: hourMs });
    young.live(5 * hourMs);
    tidyUp(young.journal);
    young.ship();
    young.live(hourMs);
    young.ship();
    tidyUp(young.journal);
    const { points, findings } = await young.verify();
    expect(findings).toEqual([]);
    expect(points).toBeGreaterThan(1_000);
  });

  test('has none when the server has deleted what is older than its retention.', async () => {
    using copy = new Copy(lived);
    copy.database.keepMs = 3 * hourMs;
    for (const [place, points] of copy.database.points) {
      for (const [key, { timeMs }] of points) {
        if (timeMs < lived.nowMs - 3 * hourMs) copy.database.points.get(place)?.delete(key);
      }
    }
    const { points, findings } = await copy.verify();
    expect(findings).toEqual([]);
    expect(points).toBeGreaterThan(1_000);
  });

  test('has none for points of other apps, or from before its first row.', async () => {
    using copy = new Copy(lived);
    copy.database.put('influxdb', { ...point, timeMs: startMs - minuteMs });
    copy.database.put('influxdb', { ...point, series: 'room_stats\napp=other\nroom_id=x', timeMs: startMs + minuteMs });
    expect(inShort(await copy.verify())).toEqual([]);
  });

  test('has none where a target was not there after a night without a collector, though its last windows are behind later ones.', async () => {
    using interrupted = new LivedStore();
    const [, , late] = interrupted.rooms;
    interrupted.live(18 * minuteMs);
    interrupted.nowMs += 3 * hourMs;
    interrupted.live(30 * minuteMs, (series) => series === late);
    interrupted.ship();
    expect(inShort(await interrupted.verify())).toEqual([]);
  });

  test('has none where a session went on after it was closed, and was written again.', async () => {
    using resumed = new LivedStore();
    const isAway = (dueMs: number) => dueMs >= startMs + 20 * minuteMs && dueMs < startMs + 62 * minuteMs;
    resumed.live(3 * hourMs, (_, dueMs) => isAway(dueMs));
    resumed.ship();
    const written = 'SELECT count(*) AS rows FROM room_stats_session GROUP BY series_id, start_ms HAVING rows > 1';
    expect(resumed.store.query(written)).toHaveLength(resumed.rooms.length);
    expect(inShort(await resumed.verify())).toEqual([]);
  });

  /** After 7 minutes nothing is due, and the roll-up ends what is over; then the clock is set back, and it all goes on. */
  function setBack(forMs: number): LivedStore {
    const back = new LivedStore();
    back.live(2 * hourMs + 57 * minuteMs);
    rollUp(back.journal, startMs + 3 * hourMs + 12 * minuteMs);
    back.reopen();
    back.live(forMs);
    return back;
  }

  test.each([
    ['has ended', 2 * hourMs],
    ['is open', 4 * minuteMs],
    ['is open, and none of its own has come', 2 * minuteMs],
  ])('has none where the wall clock went back into a window that had ended, and the next one %s.', async (_, forMs) => {
    using back = setBack(forMs);
    const rows = 'SELECT samples FROM room_stats_5m WHERE series_id = 1 AND start_ms = ';
    expect(back.store.query(`${rows}${startMs + 175 * minuteMs}`)).toEqual([{ samples: 8 }]);
    expect(back.store.query(`${rows}${startMs + 3 * hourMs}`)).toEqual(forMs > hourMs ? [{ samples: 32 }] : []);
    back.ship();
    expect(inShort(await back.verify())).toEqual([]);
  });

  test('has one where the windows before and after such an instant do not hold together what they should.', async () => {
    using back = setBack(2 * hourMs);
    back.ship();
    using copy = new Copy(back);
    copy.change(
      `UPDATE room_stats_5m SET samples = samples + 1 WHERE series_id = 1 AND start_ms = ${startMs + 3 * hourMs}`,
    );
    expect(inShort(await copy.verify())).toContain('window room_stats_5m 2');
  });

  test('has none where windows are open that were begun in another reporting time zone.', async () => {
    using moved = new LivedStore({ rollUp: createRollUp({ ...rollUpOptions, timezone: 'Asia/Kolkata' }) });
    // From after midnight in one zone until after midnight in the other.
    moved.nowMs += 19 * hourMs;
    moved.live(6 * hourMs);
    moved.ship();
    expect(inShort(await moved.verify())).toEqual([]);
  });
});

describe('a round that was cut off', () => {
  /** A crash in the middle of a round, after 20 minutes; the next run begins with a later one. */
  function crashedStore(): LivedStore {
    const crashed = new LivedStore();
    crashed.live(20 * minuteMs);
    const begin = () => ({
      id: crashed.journal.nextRoundId(),
      round: roundAt('room_stats', crashed.nowMs),
      due: crashed.rooms.length,
    });
    crashed.journal.commit({ ...emptyBatch, begun: [begin()] });
    crashed.nowMs += roundMs;
    return crashed;
  }

  function startAgain(crashed: LivedStore): void {
    crashed.store.clock.setWall(crashed.nowMs);
    crashed.reopen();
    crashed.journal.commit({ ...emptyBatch, endBefore: crashed.journal.nextRoundId() });
  }

  test('is no finding where a run ended in it, before and after the next start.', async () => {
    using crashed = crashedStore();
    expect(inShort(await verifyStore(crashed.store.path, undefined))).toEqual([]);
    startAgain(crashed);
    crashed.live(20 * minuteMs);
    expect(countRounds(crashed, 'cut_off = 3')).toBe(1);
    expect(inShort(await verifyStore(crashed.store.path, undefined))).toEqual([]);
  });

  test('is found where no run ended, also in a store in which runs did elsewhere.', async () => {
    using crashed = crashedStore();
    startAgain(crashed);
    crashed.live(20 * minuteMs);
    using copy = new Copy(crashed);
    copy.change('UPDATE round SET due = due + 1 WHERE id IN (4, (SELECT max(id) FROM round))');
    const { findings } = await copy.verify();
    expect(
      findings.find(({ kind, place }) => kind === 'round' && place === 'gift_count of app main')?.examples,
    ).toEqual([
      expect.stringContaining('has cut off 1 of 3, and no run ended in it'),
      expect.stringContaining('has cut off 1 of 3, and no run ended in it'),
    ]);
  });

  test('is no finding where the row of the run is lost that ended in it.', async () => {
    using crashed = crashedStore();
    startAgain(crashed);
    crashed.live(20 * minuteMs);
    using copy = new Copy(crashed);
    copy.change('DELETE FROM run WHERE id = 1');
    expect(inShort(await verifyStore(copy.path, undefined))).toEqual([]);
  });
});

function countRounds({ store }: LivedStore, condition: string): number {
  return Number(store.query(`SELECT count(*) AS rounds FROM round WHERE ${condition}`)[0]?.['rounds']);
}

describe('a part of the time', () => {
  const time = { fromMs: startMs + hourMs, toMs: startMs + 2 * hourMs };
  const moments = [
    ['before it', startMs + 0.5 * hourMs, false],
    ['in it', startMs + 1.5 * hourMs, true],
    ['behind it', startMs + 2.5 * hourMs, false],
  ] as const;
  let short: LivedStore;

  beforeAll(() => {
    short = new LivedStore();
    short.live(4 * hourMs);
    short.ship();
  });

  afterAll(() => short[Symbol.dispose]());

  test('is looked through, and nothing else.', async () => {
    const all = await short.verify();
    const { findings, ...looked } = await short.verify({ time });
    expect(findings).toEqual([]);
    expect(looked.rounds).toBe(2 * 240);
    expect(looked.samples).toBeGreaterThanOrEqual(5 * 240);
    // An hour of five series.
    expect(looked.windows).toBeGreaterThanOrEqual(5 * (12 + 1));
    expect(looked.windows).toBeLessThan(all.windows / 2);
    expect(looked.points).toBeGreaterThanOrEqual(5 * 240);
    expect(looked.points).toBeLessThan(all.points / 2);
  });

  test.each(moments)(
    'names a point that was never committed %s only where it is asked for.',
    async (_, timeMs, isFound) => {
      using copy = new Copy(short);
      copy.database.put('influxdb', { ...point, timeMs: timeMs + 1 });
      expect(inShort(await copy.verify({ time }))).toEqual(isFound ? ['unknown_point room_stats in influxdb 1'] : []);
    },
  );

  test.each(moments)('names a point that was deleted %s only where it is asked for.', async (_, timeMs, isFound) => {
    using copy = new Copy(short);
    const isVictim = (one: { timeMs: number; series: string }) =>
      one.timeMs >= timeMs && one.series.startsWith('room_stats\n');
    const victim = copy.database.list('influxdb').find(isVictim);
    copy.database.points.get('influxdb')?.delete(`${victim?.timeMs}\n${victim?.series}`);
    expect(inShort(await copy.verify({ time }))).toEqual(isFound ? ['missing_point room_stats in influxdb 1'] : []);
  });

  test.each(moments)(
    'names a window that is off and a round that does not add up %s only where they are asked for.',
    async (_, atMs, isFound) => {
      using copy = new Copy(short);
      copy.change(`UPDATE room_stats_5m SET samples = samples + 1 WHERE series_id = 1 AND start_ms = ${atMs};
      UPDATE round SET polled = polled + 1 WHERE start_ms = ${atMs + 15 * 60_000}`);
      const kinds = (await copy.verify({ time })).findings.map(({ kind }) => kind);
      expect(kinds.includes('window')).toBe(isFound);
      expect(kinds.includes('round')).toBe(isFound);
    },
  );
});

describe('what is wrong in the database', () => {
  test.each(['influxdb', 'influxdb_5m', 'influxdb_1h', 'influxdb_1d'])(
    'A deleted point of %s is found.',
    async (place) => {
      using copy = new Copy(lived);
      const victim = copy.database.list(place)[3];
      if (victim === undefined) throw new Error('there is no point to delete');
      copy.database.points.get(place)?.delete(`${victim.timeMs}\n${victim.series}`);

      const verified = await copy.verify();

      const [measurement = ''] = victim.series.split('\n');
      expect(inShort(verified)).toEqual([`missing_point ${measurement} in ${place} 1`]);
      const [group] = verified.findings;
      expect(group?.examples[0]).toContain(new Date(victim.timeMs).toISOString());
      const fromMs = Math.floor(victim.timeMs / hourMs) * hourMs;
      expect(group?.hours).toEqual([{ fromMs, toMs: fromMs + hourMs, count: 1 }]);
    },
  );

  test('A changed value is found, and both values are told.', async () => {
    using copy = new Copy(lived);
    const victim = copy.database.list('influxdb').at(-1);
    if (victim === undefined) throw new Error('there is no point to change');
    copy.database.put('influxdb', { ...victim, content: victim.content.replace('in_gap=0', 'in_gap=1') });

    const verified = await copy.verify();

    expect(inShort(verified)).toEqual([expect.stringMatching(/^changed_point \w+ in influxdb 1$/)]);
    expect(verified.findings[0]?.examples[0]).toMatch(/in_gap=0.*there: .*in_gap=1/);
  });

  test('Points that were never committed are found, with the hours that they lie in.', async () => {
    using copy = new Copy(lived);
    for (const minutes of [61, 119, 121, 400]) {
      copy.database.put('influxdb', { ...point, timeMs: startMs + minutes * minuteMs + 1 });
    }
    const verified = await copy.verify();
    expect(inShort(verified)).toEqual(['unknown_point room_stats in influxdb 4']);
    expect(verified.findings[0]?.hours).toEqual([
      { fromMs: startMs + hourMs, toMs: startMs + 3 * hourMs, count: 3 },
      { fromMs: startMs + 6 * hourMs, toMs: startMs + 7 * hourMs, count: 1 },
    ]);
  });

  test('An emptied database is found in every point, and some of them are shown.', async () => {
    using copy = new Copy(lived);
    copy.database.points.clear();
    const verified = await copy.verify();
    expect(verified.findings.reduce((sum, { count }) => sum + count, 0)).toBe(verified.points);
    expect(Math.max(...verified.findings.map(({ examples }) => examples.length))).toBe(5);
  });

  /** The server has refused every room's first 40 samples, and what came in the third hour. */
  function partlyRefused(): LivedStore {
    const refused = new LivedStore();
    refused.live(3 * hourMs);
    refused.ship(undefined, (table, id) => table === 'room_stats' && (id <= 120 || id > 1_440));
    return refused;
  }

  test('What the server has refused is no finding, also where the store does not list the points any more.', async () => {
    using refused = partlyRefused();
    using copy = new Copy(refused);
    copy.change('DELETE FROM rejected');
    const { findings, notes } = await copy.verify();
    expect(findings).toEqual([]);
    expect(notes).toEqual([]);
  });

  test('Points that are lost are found, however many others the server has refused.', async () => {
    using refused = partlyRefused();
    using copy = new Copy(refused);
    copy.change('DELETE FROM rejected');
    for (const { timeMs, series } of copy.database.list('influxdb').slice(600, 603)) {
      copy.database.points.get('influxdb')?.delete(`${timeMs}\n${series}`);
    }
    const found = inShort(await copy.verify());
    expect(found.every((words) => words.startsWith('missing_point '))).toBe(true);
    expect(found.reduce((sum, words) => sum + Number(words.slice(words.lastIndexOf(' '))), 0)).toBe(3);
  });

  test('Where an older livetally did not keep which rows were refused, as many may be missing of those that it knew.', async () => {
    using refused = partlyRefused();
    const unlist = (toId: number) => `DELETE FROM rejected_range;
      UPDATE sink_count SET rejected_unlisted = rejected, unlisted_to_id = ${toId} WHERE rejected > 0`;
    using old = new Copy(refused);
    old.change(unlist(2_160));
    const { findings, notes } = await old.verify();
    expect(findings).toEqual([]);
    expect(notes).toEqual([expect.stringContaining('840 points are not in room_stats in influxdb')]);

    using older = new Copy(refused);
    older.change(unlist(1_440));
    expect(inShort(await older.verify())).toEqual(['missing_point room_stats in influxdb 720']);
    older.change('UPDATE sink_count SET rejected_unlisted = 119, rejected_deleted = 721 WHERE rejected > 0');
    expect(inShort(await older.verify())).toEqual(['missing_point room_stats in influxdb 840']);
  });

  test('A count of refused rows that is not that of the rows is found.', async () => {
    using refused = partlyRefused();
    using copy = new Copy(refused);
    copy.change('UPDATE sink_count SET delivered = delivered - 1, rejected = rejected + 1 WHERE rejected > 0');
    expect(inShort(await copy.verify())).toEqual(['ledger room_stats for influxdb 1']);
  });
});

describe('what is wrong in the store', () => {
  test.each([
    [
      'a row that is there twice',
      'INSERT INTO room_stats SELECT NULL, series_id, due_ms, delay_ms, gap_ms, session_ms, total_viewers, total_gifts_sent, total_gift_coins, total_unique_gift_senders, total_likes_received, total_msg_count, viewers_delta, gifts_sent_delta, gift_coins_delta, unique_gift_senders_delta, likes_received_delta, msg_count_delta, in_gap FROM room_stats WHERE id = 1000',
      ['doubled_row room_stats 1', 'round room_stats of app main 1'],
    ],
    [
      'a row that is gone',
      'DELETE FROM gift_count WHERE id = 777',
      [
        'row gift_count 1',
        'window gift_count_5m 1',
        'session gift_count_session 1',
        'round gift_count of app main 1',
        'unknown_point gift_count in influxdb 1',
      ],
    ],
    [
      'a value of a sample',
      'UPDATE gift_count SET coins_delta = coins_delta + 1 WHERE id = 500',
      ['window gift_count_5m 1', 'session gift_count_session 1', 'changed_point gift_count in influxdb 1'],
    ],
    [
      'a round that does not add up',
      'UPDATE round SET failed = failed + 9 WHERE id = 40',
      ['round gift_count of app main 1'],
    ],
    [
      'a round that has polled more than there is',
      'UPDATE round SET polled = polled - 1, skipped = 1 WHERE id = 41',
      ['round room_stats of app main 1'],
    ],
    [
      'a round in which polls are unaccounted for though no run ended in it',
      'UPDATE round SET due = due + 5 WHERE id = 42',
      ['round gift_count of app main 1'],
    ],
    [
      'all rounds with polls that are unaccounted for',
      'UPDATE round SET due = due + 100',
      ['round gift_count of app main 6000', 'round room_stats of app main 6000'],
    ],
    [
      'all rounds that no run is in any more, and that are still open',
      'UPDATE round SET ended = 0',
      ['round gift_count of app main 5993', 'round room_stats of app main 5993'],
    ],
    [
      'a cursor that was moved forward',
      "UPDATE settled SET to_id = to_id - 5 WHERE sink = 'influxdb' AND table_name = 'room_stats'",
      ['ledger room_stats for influxdb 1'],
    ],
    [
      'a cursor of the roll-up',
      "UPDATE settled SET to_id = to_id - 5 WHERE sink = 'roll_up' AND table_name = 'gift_count'",
      ['ledger gift_count for roll_up 1', 'window gift_count_5m 2'],
    ],
    [
      'a window off by one',
      'UPDATE room_stats_5m SET likes_received_delta = likes_received_delta + 1 WHERE id = 50',
      ['window room_stats_5m 1', 'window room_stats_1h 1', 'changed_point room_stats in influxdb_5m 1'],
    ],
    [
      'an hour off by one',
      'UPDATE gift_count_1h SET samples = samples - 1 WHERE id = 5',
      ['window gift_count_1h 1', 'window gift_count_1d 1', 'changed_point gift_count in influxdb_1h 1'],
    ],
    [
      'a day off by one',
      'UPDATE gift_count_1d SET coins_peak = coins_peak + 1 WHERE id = 1',
      ['window gift_count_1d 1', 'changed_point gift_count in influxdb_1d 1'],
    ],
    [
      'a window that is gone',
      'DELETE FROM gift_count_5m WHERE id = 60',
      [
        'row gift_count_5m 1',
        'window gift_count_5m 1',
        'window gift_count_1h 1',
        'unknown_point gift_count in influxdb_5m 1',
      ],
    ],
    [
      'a session off by one',
      'UPDATE room_stats_session SET viewers_opening = viewers_opening + 1 WHERE id = 4',
      ['session room_stats_session 1', 'changed_point session in influxdb_1d 1'],
    ],
    [
      'a session that no sample belongs to, and one that is gone',
      'UPDATE gift_count_session SET start_ms = start_ms + 1 WHERE id = 3',
      [
        'session gift_count_session 2',
        'missing_point session in influxdb_1d 1',
        'unknown_point session in influxdb_1d 1',
      ],
    ],
  ] as const)('%s is found.', async (_, sql, expected) => {
    using copy = new Copy(lived);
    copy.change(sql);
    expect(inShort(await copy.verify()).toSorted()).toEqual([...expected].toSorted());
  });

  test('Rows that were taken off what waits without being delivered are missing in the database.', async () => {
    using waiting = new LivedStore();
    waiting.live(hourMs);
    waiting.ship();
    waiting.live(minuteMs);
    const rows = (3 * minuteMs) / roundMs;
    using copy = new Copy(waiting);
    copy.change(
      `UPDATE settled SET to_id = to_id + ${rows} WHERE sink = 'influxdb' AND table_name = 'room_stats';
       UPDATE sink_count SET delivered = delivered + ${rows} WHERE sink = 'influxdb' AND table_name = 'room_stats'`,
    );
    expect(inShort(await copy.verify())).toEqual([`missing_point room_stats in influxdb ${rows}`]);
  });
});
